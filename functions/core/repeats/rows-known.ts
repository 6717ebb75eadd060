/**
 * Which rows of results are known of one output of a sender (pipeline and generation).
 *
 * BITS-1 A batch is sent, and all of it acknowledged, before the next one is planned (R3). So where a row of a later batch was read, all that
 *    an earlier one had for this shard was read before it: its rows are repeats, and nothing of it need be known.
 * BITS-2 Of the latest batch that was read, each row is known by a bit.
 */
import type { RowName } from './identity-in.ts';

type Row = Pick<RowName, 'ref' | 'group' | 'index' | 'row'>;
/** Of a key group and a place among the rows of one result: words of 32 bits, by their place. */
type Bits = Map<number, number>;

const wordBits = 32;
/** What a map of numbers takes for each. */
const bytesOfWord = 40;
const bytesOfBits = 200;

/** `[group, row, word, bits, words further on, bits, …]` */
export type SavedBits = readonly number[];
export type SavedRows = { readonly ref: number; readonly bits: readonly SavedBits[] };

export class RowsKnown {
  #ref: number;
  #bits = new Map<string, Bits>();

  constructor(ref = -1) {
    this.#ref = ref;
  }

  static from({ ref, bits }: SavedRows): RowsKnown {
    const rows = new RowsKnown(ref);
    for (const [group, row, ...words] of bits) {
      const ofRow: Bits = new Map();
      for (let at = 0, word = 0; at < words.length; at += 2) {
        word += words[at]!;
        ofRow.set(word, words[at + 1]!);
      }
      rows.#bits.set(`${group}/${row}`, ofRow);
    }
    return rows;
  }

  has({ ref, group, index, row }: Row): boolean {
    if (ref !== this.#ref) return ref < this.#ref;
    const word = this.#bits.get(`${group}/${row}`)?.get(Math.floor(index / wordBits)) ?? 0;
    return (word & (1 << (index % wordBits))) !== 0;
  }

  add({ ref, group, index, row }: Row): void {
    if (!this.#reach(ref)) return;
    const bits = this.#bitsOf(`${group}/${row}`);
    const word = Math.floor(index / wordBits);
    bits.set(word, (bits.get(word) ?? 0) | (1 << (index % wordBits)));
  }

  join(other: RowsKnown): void {
    if (!this.#reach(other.#ref)) return;
    for (const [name, words] of other.#bits) {
      const bits = this.#bitsOf(name);
      for (const [word, more] of words) bits.set(word, (bits.get(word) ?? 0) | more);
    }
  }

  get bytes(): number {
    return this.#bits.values().reduce((sum, { size }) => sum + bytesOfBits + size * bytesOfWord, 0);
  }

  save(): SavedRows {
    const bits = [...this.#bits].map(([name, words]): SavedBits => {
      let before = 0;
      const inOrder = [...words].sort(([one], [other]) => one - other);
      const saved = inOrder.flatMap(([word, set]) => {
        const gap = word - before;
        before = word;
        return [gap, set];
      });
      return [...name.split('/').map(Number), ...saved];
    });
    return { ref: this.#ref, bits };
  }

  /** Whether rows of this batch are of any interest. Of those before it nothing is, from now on. */
  #reach(ref: number): boolean {
    if (ref > this.#ref) {
      this.#ref = ref;
      this.#bits = new Map();
    }
    return ref === this.#ref;
  }

  #bitsOf(name: string): Bits {
    const bits = this.#bits.get(name) ?? new Map<number, number>();
    this.#bits.set(name, bits);
    return bits;
  }
}
