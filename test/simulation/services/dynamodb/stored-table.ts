/** The data of one table. All changes pass `write`. */
import type { StoredItem } from './attribute.ts';
import { type Entry, Partition, type Version } from './partition.ts';
import { compareText } from './text-order.ts';

export type Key = { readonly pk: string; readonly sk: string };

/** An applied change. `after` undefined: deleted. */
export type Change = {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
  readonly before: StoredItem | undefined;
  readonly after: StoredItem | undefined;
  readonly by: 'request' | 'ttl';
};

type Kept = { readonly pk: string; readonly entry: Entry; readonly until: number };

const mostDone = 1000;

export class StoredTable {
  readonly name: string;
  hasTtl = false;
  readonly #partitions = new Map<string, Partition>();
  /** All earlier versions of all items, in the order in which they are forgotten; those before `#done` are. */
  readonly #kept: Kept[] = [];
  #done = 0;

  constructor(name: string) {
    this.name = name;
  }

  get partitionKeys(): string[] {
    return [...this.#partitions]
      .filter(([, partition]) => partition.entries().some(({ current }) => current.item !== undefined))
      .map(([pk]) => pk)
      .sort(compareText);
  }

  partition(pk: string): Partition | undefined {
    return this.#partitions.get(pk);
  }

  entry({ pk, sk }: Key): Entry | undefined {
    return this.#partitions.get(pk)?.entry(sk);
  }

  current(key: Key): StoredItem | undefined {
    return this.entry(key)?.current.item;
  }

  bytes(key: Key): number {
    return this.entry(key)?.current.bytes ?? 0;
  }

  /** Returns what was there before. What it was is kept for `keepMs`. */
  write(key: Key, after: Version, time: { readonly now: number; readonly keepMs: number }): StoredItem | undefined {
    this.#forget(time.now - time.keepMs);
    const entry = this.entry(key) ?? this.#add(key, after);
    if (entry === undefined) return undefined;
    const before = entry.current;
    entry.current = after;
    if (time.keepMs > 0) {
      entry.earlier.push({ ...before, until: time.now });
      this.#kept.push({ pk: key.pk, entry, until: time.now });
    } else this.#removeIfGone(key.pk, entry);
    return before.item;
  }

  #add({ pk, sk }: Key, after: Version): Entry | undefined {
    if (after.item === undefined) return undefined;
    let partition = this.#partitions.get(pk);
    if (partition === undefined) {
      partition = new Partition();
      this.#partitions.set(pk, partition);
    }
    return partition.add(sk);
  }

  #forget(before: number): void {
    while (this.#done < this.#kept.length && this.#kept[this.#done]!.until <= before) {
      const { pk, entry } = this.#kept[this.#done]!;
      this.#done += 1;
      entry.earlier.shift();
      this.#removeIfGone(pk, entry);
    }
    if (this.#done <= mostDone) return;
    this.#kept.splice(0, this.#done);
    this.#done = 0;
  }

  #removeIfGone(pk: string, entry: Entry): void {
    if (entry.current.item !== undefined || entry.earlier.length > 0) return;
    const partition = this.#partitions.get(pk)!;
    partition.remove(entry.sk);
    if (partition.isEmpty) this.#partitions.delete(pk);
  }
}
