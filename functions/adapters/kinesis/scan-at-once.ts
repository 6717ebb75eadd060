/**
 * The records of a large answer, by `record-program.ts`: where all are laid out like the first one.
 *
 * ONCE-1 It says what a scan record by record says, or nothing: that one goes on then, with the body as it came.
 * ONCE-2 One memory for all answers of a thread: a scan is over before anything else runs, and what is left of it is a copy.
 *
 * A record of 200 bytes takes 0.15 µs in place of 0.48 (`npm run bench -- answers`), and there is no string of its payload to collect.
 */
import { type Running, start } from '../webassembly/format.ts';
import {
  alphabetAddress,
  freeAddress,
  lead,
  outEndAddress,
  recordProgram,
  rowBytes,
  tableEndAddress,
} from '../webassembly/record-program.ts';
import { pastSpace, Unexpected } from './json-bytes.ts';
import { layoutOf, writtenLayout } from './record-layout.ts';
import { ScannedRecords } from './scanned-records.ts';

/** Below, to lay out a record takes more than it saves. */
const leastBytes = 16_384;
const pageBytes = 65_536;
/** 64 MiB: an answer has at most 10 MiB of payloads. */
const mostPages = 1_024;
const layoutBytes = 4_096;
const tableAddress = freeAddress + layoutBytes;
/** No record is written in fewer. */
const leastRecord = 64;
/** Vectors are loaded past the end, and zeros end each loop. */
const slack = 128;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

let program: Running | undefined | 'unavailable';

/** `from`: of the opening bracket of the list. Undefined: record by record, or nothing at all. */
export function scanAtOnce(
  body: Buffer,
  from: number,
  least = leastBytes,
): { readonly records: ScannedRecords; readonly end: number } | undefined {
  if (body.length < least) return undefined;
  program ??= openProgram() ?? 'unavailable';
  if (program === 'unavailable') return undefined;
  const first = pastSpace(body, from + 1);
  const layout = layoutIn(body, first);
  const written = layout && writtenLayout(layout, layoutBytes);
  if (layout === undefined || written === undefined) return undefined;
  const tableBytes = (Math.ceil(body.length / leastRecord) + 1) * rowBytes;
  const out = Math.ceil((tableAddress + tableBytes) / 8) * 8;
  const at = out + lead;
  const bytes = roomFor(program, at + body.length - first + slack);
  if (bytes === undefined) return undefined;
  bytes.set(written, freeAddress);
  bytes.set(body.subarray(first), at);
  bytes.fill(0, at + body.length - first, at + body.length - first + slack);
  const end = program.run(at, out, tableAddress, tableAddress + tableBytes, freeAddress);
  // Behind the end there are zeros, and no bracket.
  if (end === 0) return undefined;
  const records = recordsIn(bytes, out, layout.hasKey);
  return records && { records, end: first + end - at };
}

function layoutIn(body: Buffer, first: number): ReturnType<typeof layoutOf> | undefined {
  try {
    return layoutOf(body, first);
  } catch (error) {
    if (error instanceof Unexpected) return undefined;
    throw error;
  }
}

/** Of all that the memory has. Undefined: it has to be larger than it may become. */
function roomFor({ memory }: Running, needed: number): Uint8Array | undefined {
  const pages = Math.ceil(needed / pageBytes);
  if (pages > mostPages) return undefined;
  const lacking = pages - memory.buffer.byteLength / pageBytes;
  if (lacking > 0) memory.grow(lacking);
  return new Uint8Array(memory.buffer);
}

function recordsIn(bytes: Uint8Array, out: number, hasKey: boolean): ScannedRecords | undefined {
  const view = new DataView(bytes.buffer);
  const texts = Buffer.allocUnsafeSlow(view.getUint32(outEndAddress, true) - out);
  texts.set(bytes.subarray(out, out + texts.length));
  const rows = bytes.buffer.slice(tableAddress, view.getUint32(tableEndAddress, true)) as ArrayBuffer;
  return ScannedRecords.of({ body: texts, rows, origin: out, hasKey });
}

function openProgram(): Running | undefined {
  const running = start(recordProgram(mostPages));
  if (running === undefined) return undefined;
  const bytes = new Uint8Array(running.memory.buffer);
  bytes.fill(0xff, alphabetAddress, alphabetAddress + 256);
  for (const [value, character] of [...alphabet].entries()) bytes[alphabetAddress + character.charCodeAt(0)] = value;
  return running;
}
