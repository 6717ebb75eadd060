/**
 * The fields of many payloads at once, by `layout-program.ts`: of a page whose payloads lie in one buffer.
 *
 * AHEAD-1 Of each payload it answers what the reader for one payload answers, or undefined, and then that one is to be asked.
 *
 * With its schema an event of 200 bytes takes 0.5 to 0.6 of what it takes by itself, one of 1 KB 0.3 (`npm run bench:extract`).
 */
import { type Payloads, Undecoded } from '../decoder-kind.ts';
import { textReader } from '../utf8.ts';
import type { Leaf } from './leaves.ts';
import { mostRecords, PayloadChunks } from './payload-chunks.ts';
import { oddBytes } from './payload-rows.ts';
import { type ObjectsOfRows, objectsOfRows, type ReadFields } from './row-objects.ts';

/** From one of `count` payloads on, in rising order. Undefined: to be read by itself. */
export type FieldsAhead = (payloads: Payloads, count: number) => (index: number) => Record<string, unknown> | undefined;

/** In the first chunk of a run; twice as many in each that follows. Runs may end early. */
const firstRecords = 32;

/** Undefined: no program can run here. */
export function fieldsAhead(layouts: readonly (readonly Leaf[])[], fields: ReadFields): FieldsAhead | undefined {
  const chunks = PayloadChunks.of(layouts, fields.names.length);
  if (chunks === undefined) return undefined;
  const objects = layouts.flatMap((leaves) => objectsOfRows(fieldsIn(leaves), fields, chunks) ?? []);
  if (objects.length < layouts.length) return undefined;
  return (payloads, count) => {
    const ahead = new Ahead(chunks, objects, payloads, count);
    return (index) => ahead.at(index);
  };
}

/** In the order in which objects have them. */
const fieldsIn = (leaves: readonly Leaf[]): readonly number[] =>
  [...new Set(leaves.flatMap((leaf) => (leaf.kind !== 'literal' && leaf.field >= 0 ? [leaf.field] : [])))].sort(
    (one, other) => one - other,
  );

const readText = textReader();
const isUtf8 = (bytes: Uint8Array): boolean => !(readText(bytes) instanceof Undecoded);

class Ahead {
  readonly #chunks: PayloadChunks;
  readonly #objects: readonly ObjectsOfRows[];
  readonly #payloads: Payloads;
  readonly #count: number;
  /** The chunk. */
  #from = 0;
  #end = 0;
  #shift = 0;
  #run = -1;
  #most = firstRecords;
  /** Undefined: nobody has asked. */
  #isUtf8: boolean | undefined;

  constructor(chunks: PayloadChunks, objects: readonly ObjectsOfRows[], payloads: Payloads, count: number) {
    this.#chunks = chunks;
    this.#objects = objects;
    this.#payloads = payloads;
    this.#count = count;
  }

  at(index: number): Record<string, unknown> | undefined {
    // Somebody else's chunk may be where this one's was.
    if (index >= this.#end || this.#run !== this.#chunks.runs) this.#runFrom(index);
    if (index === this.#end) return undefined;
    const row = this.#chunks.rowOf(index - this.#from);
    const layout = this.#chunks.ints[row]!;
    if (layout === 0) return undefined;
    const { bytes } = this.#payloads;
    if (layout < oddBytes) return this.#objects[layout - 1]!.ascii(bytes, row, this.#shift);
    return this.#isText(index) ? this.#objects[layout - oddBytes - 1]!.other(bytes, row, this.#shift) : undefined;
  }

  #runFrom(index: number): void {
    const { end, shift } = this.#chunks.run(this.#payloads, index, Math.min(this.#most, this.#count - index));
    this.#from = index;
    this.#end = end;
    this.#shift = shift;
    this.#run = this.#chunks.runs;
    this.#most = Math.min(mostRecords, 2 * this.#most);
    this.#isUtf8 = undefined;
  }

  /** Payloads of a layout begin and end with ASCII: they are UTF-8 if all that is around them is. Else it is asked of one. */
  #isText(index: number): boolean {
    this.#isUtf8 ??= isUtf8(this.#bytesOf(this.#from, this.#end - 1));
    return this.#isUtf8 || isUtf8(this.#bytesOf(index, index));
  }

  #bytesOf(index: number, last: number): Uint8Array {
    const { bytes, places, stride, first } = this.#payloads;
    return bytes.subarray(places[index * stride + first], places[last * stride + first + 1]);
  }
}
