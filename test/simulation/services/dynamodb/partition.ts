/** The items of one partition key in order of their sort keys, with what they were before for as long as needed. */
import type { StoredItem } from './attribute.ts';
import { compareText } from './text-order.ts';

export type Version = { readonly item: StoredItem | undefined; readonly bytes: number };

export class Entry {
  readonly sk: string;
  current: Version = absent;
  /** Oldest first; each held until just before `until`. */
  earlier: (Version & { readonly until: number })[] = [];

  constructor(sk: string) {
    this.sk = sk;
  }

  at(time: number): Version {
    return this.earlier.find(({ until }) => until > time) ?? this.current;
  }
}

export const absent: Version = { item: undefined, bytes: 0 };

export class Partition {
  readonly #entries = new Map<string, Entry>();
  /** In order. */
  readonly #keys: string[] = [];

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  get size(): number {
    return this.#keys.length;
  }

  entry(sk: string): Entry | undefined {
    return this.#entries.get(sk);
  }

  entryAt(index: number): Entry {
    return this.#entries.get(this.#keys[index]!)!;
  }

  *entries(): Generator<Entry> {
    for (const sk of this.#keys) yield this.#entries.get(sk)!;
  }

  add(sk: string): Entry {
    const entry = new Entry(sk);
    const last = this.#keys.at(-1);
    if (last === undefined || compareText(last, sk) < 0) this.#keys.push(sk);
    else this.#keys.splice(this.firstFrom(sk), 0, sk);
    this.#entries.set(sk, entry);
    return entry;
  }

  remove(sk: string): void {
    if (this.#entries.delete(sk)) this.#keys.splice(this.firstFrom(sk), 1);
  }

  /** The index of the first key at or after `sk`. */
  firstFrom(sk: string): number {
    return this.#first((key) => compareText(key, sk) >= 0);
  }

  firstAfter(sk: string): number {
    return this.#first((key) => compareText(key, sk) > 0);
  }

  /** The index of the first key after all that begin with it. */
  firstPast(prefix: string): number {
    return this.#first((key) => compareText(key, prefix) > 0 && !key.startsWith(prefix));
  }

  /** `isPast` is false for some keys in front and true for all behind them. */
  #first(isPast: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isPast(this.#keys[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
