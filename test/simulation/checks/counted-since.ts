/**
 * Which events an aggregate has counted where deployments have others by turns: those of batches that were read with it, since the key
 * group was last reduced without it. What a definition leaves out is gone for good, and a new one starts empty.
 */
import { aggregatesIn } from '../../../functions/pipeline/fingerprint-change.ts';
import type { Contained } from './more-results.ts';

type Names = ReadonlySet<string>;

export class CountedSince {
  /** By batch, as it was read and sealed. */
  readonly #read = new Map<number, Names>();
  /** By key group: the batches that it was reduced in, by the code that has put the state. */
  readonly #reduced = new Map<number, Map<number, Names>>();

  read(batchId: number, fingerprint: string): void {
    this.#read.set(batchId, namesIn(fingerprint));
  }

  reduced(group: number, batchId: number, fingerprint: string): void {
    const known = this.#reduced.get(group) ?? new Map<number, Names>();
    this.#reduced.set(group, known.set(batchId, namesIn(fingerprint)));
  }

  /** Of a row that the batch gives out. `isHandedOn`: it was made of what the state has kept of it (`topRows`). */
  countedBy(
    name: string,
    of: readonly Contained[],
    at: { readonly group: number; readonly batchId: number; readonly isHandedOn: boolean },
  ): readonly Contained[] {
    const { group, batchId, isHandedOn } = at;
    const without = [...(this.#reduced.get(group) ?? [])].flatMap(([batch, names]) =>
      names.has(name) || (batch === batchId && !isHandedOn) ? [] : [batch],
    );
    const since = Math.max(-1, ...without);
    return of.filter((each) => each.batchId! > since && this.#read.get(each.batchId!)?.has(name) === true);
  }
}

const namesIn = (fingerprint: string): Names => new Set(aggregatesIn(fingerprint).map(([name]) => name));
