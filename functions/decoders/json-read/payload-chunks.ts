/**
 * The memory of a program over payloads, in which it reads a copy of some that lie beside each other, and leaves a row of each.
 *
 * CHUNK-1 It is bounded, however large payloads are: what has no room is left out.
 */
import { type Running, start } from '../../webassembly/format.ts';
import type { Payloads } from '../decoder-kind.ts';
import { layoutProgram } from './layout-program.ts';
import type { Leaf } from './leaves.ts';
import { freeAddress, mostDigits, placeBytes, powersAddress, rowHead, slotBytes } from './payload-rows.ts';

export const mostRecords = 256;
const mostBytes = 65_536;
/** Zeros behind the last payload, and as far as vectors are loaded past the end. */
const slack = 64;
const pageBytes = 65_536;

/** Addresses behind the table of places, and how large the memory is. */
type Room = { readonly rows: number; readonly rowBytes: number; readonly bytes: number; readonly pages: number };

/** What was run over: up to `end`, and how far a place in the memory is behind its place in the payloads' bytes. */
export type Chunk = { readonly end: number; readonly shift: number };

export class PayloadChunks {
  readonly #run: Running['run'];
  readonly #room: Room;
  readonly #bytes: Uint8Array;
  readonly ints: Int32Array;
  readonly doubles: Float64Array;
  /** How many have run: who finds another number than its own looks at what belongs to somebody else. */
  runs = 0;

  private constructor({ run, memory: { buffer } }: Running, room: Room) {
    this.#run = run;
    this.#room = room;
    this.#bytes = new Uint8Array(buffer);
    this.ints = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    for (let exponent = 0; exponent <= mostDigits; exponent++)
      this.doubles[powersAddress / 8 + exponent] = 10 ** exponent;
  }

  /** Undefined: no program can run here. */
  static of(layouts: readonly (readonly Leaf[])[], fields: number): PayloadChunks | undefined {
    const room = roomFor(fields);
    const running = start(layoutProgram(layouts, fields, room.pages));
    return running && new PayloadChunks(running, room);
  }

  /** Of `count` payloads from `from` on at most so many. */
  run(payloads: Payloads, from: number, count: number): Chunk {
    const { bytes, places, stride, first } = payloads;
    const begin = places[from * stride + first]!;
    const shift = this.#room.bytes - begin;
    let table = freeAddress / 4;
    let end = begin;
    let index = from;
    for (; index < from + Math.min(count, mostRecords); index++) {
      const at = index * stride + first;
      const payloadEnd = places[at + 1]!;
      // One after the other, with whatever lies between them.
      if (places[at]! < end || payloadEnd - begin > mostBytes) break;
      this.ints[table++] = places[at]! + shift;
      this.ints[table++] = payloadEnd + shift;
      end = payloadEnd;
    }
    this.runs += 1;
    if (index === from) return { end: from, shift };
    this.#bytes.set(bytes.subarray(begin, end), this.#room.bytes);
    this.#bytes.fill(0, end + shift, end + shift + slack);
    this.#run(freeAddress, table * 4, this.#room.rows);
    return { end: index, shift };
  }

  /** Of the payload that is so far behind the first one of its chunk: its place in `ints`. */
  rowOf(behind: number): number {
    return (this.#room.rows + behind * this.#room.rowBytes) / 4;
  }
}

function roomFor(fields: number): Room {
  const rows = freeAddress + mostRecords * placeBytes;
  const rowBytes = rowHead + fields * slotBytes;
  const bytes = rows + mostRecords * rowBytes;
  return { rows, rowBytes, bytes, pages: Math.ceil((bytes + mostBytes + slack) / pageBytes) };
}
