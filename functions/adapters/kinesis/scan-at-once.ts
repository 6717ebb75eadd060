/**
 * The records of a large answer, by `record-program.ts`: where all are laid out like the first one.
 *
 * VECTORS-1 It says what a scan record by record says, or nothing: that one goes on then, with the body as it came.
 * VECTORS-2 One memory for all answers of a thread: a scan is over before anything else runs, and what is left of it is a copy. It stays as
 *    large as the largest answer has asked for: its bytes, and half as many for the table.
 *
 * A record of 200 bytes takes 0.14 µs in place of 0.48, each by itself in one process, and there is no string of its payload to collect. With what
 * receiving it takes: `npm run bench -- answers`.
 */
import { type Running, start } from '../../webassembly/format.ts';
import {
  alphabetAddress,
  freeAddress,
  lead,
  outEndAddress,
  recordProgram,
  rowBytes,
  tableEndAddress,
} from '../webassembly/record-program.ts';
import type { Body } from './collect-body.ts';
import { bytes as characters, past, pastSpace, Unexpected } from './json-bytes.ts';
import { layoutOf, writtenLayout } from './record-layout.ts';
import { findRecords, withoutRecords } from './records-member.ts';
import type { Scanned } from './scan-records.ts';
import { ScannedRecords } from './scanned-records.ts';

/** Of 4 KiB it takes as long as record by record, of 9 KiB three quarters, of 17 KiB half. */
const leastBytes = 8_192;
const pageBytes = 65_536;
/** 64 MiB: an answer has at most 10 MiB of payloads. */
const mostPages = 1_024;
const layoutBytes = 4_096;
/** Doubles in it are where the processor likes them. */
const tableAddress = freeAddress + layoutBytes;
/** No record is written in fewer. */
const leastRecord = 64;
/** Vectors are loaded past the end, and zeros end each loop. */
const slack = 128;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

let program: Running | undefined | 'unavailable';

/** `least`: bytes of a body that is scanned so. Undefined: the records are not all alike, or there are none. */
export function scanAtOnce(body: Body, least = leastBytes): Scanned | undefined {
  if (body.length < least) return undefined;
  program ??= openProgram() ?? 'unavailable';
  if (program === 'unavailable') return undefined;
  const { run } = program;
  const tableEnd = tableAddress + (Math.ceil(body.length / leastRecord) + 1) * rowBytes;
  const origin = tableEnd + lead;
  const memory = roomFor(program, origin + body.length + slack);
  if (memory === undefined) return undefined;
  const view = copied(body, memory, origin);
  let before: Buffer | undefined;
  let records: ScannedRecords | undefined;
  const readList = (from: number): number => {
    const first = pastSpace(view, past(characters.openList, view, from));
    const layout = layoutOf(view, first);
    const written = writtenLayout(layout, layoutBytes);
    if (written === undefined) throw new Unexpected();
    memory.set(written, freeAddress);
    // What is written begins where the body does.
    before = Buffer.from(view.subarray(0, from));
    const end = run(origin + first, origin + first - lead, tableAddress, tableEnd, freeAddress);
    if (end === 0) throw new Unexpected();
    records = recordsIn(memory, origin + first - lead, layout.hasKey);
    return end - origin;
  };
  try {
    const { end } = findRecords(view, readList);
    return records && { records, rest: withoutRecords(before!, view.subarray(end)) };
  } catch (error) {
    if (error instanceof Unexpected) return undefined;
    throw error;
  }
}

/** Where it stands now, with zeros behind it. */
function copied({ pieces, length }: Body, memory: Uint8Array, origin: number): Buffer {
  let at = origin;
  for (const piece of pieces) {
    memory.set(piece, at);
    at += piece.length;
  }
  memory.fill(0, at, at + slack);
  return Buffer.from(memory.buffer, origin, length);
}

/** Of all that the memory has. Undefined: it has to be larger than it may become, or than there is room for. */
function roomFor({ memory }: Running, needed: number): Uint8Array | undefined {
  const pages = Math.ceil(needed / pageBytes);
  if (pages > mostPages) return undefined;
  const lacking = pages - memory.buffer.byteLength / pageBytes;
  try {
    if (lacking > 0) memory.grow(lacking);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return new Uint8Array(memory.buffer);
}

/** @throws Unexpected */
function recordsIn(memory: Uint8Array, origin: number, hasKey: boolean): ScannedRecords {
  const view = new DataView(memory.buffer);
  const body = Buffer.allocUnsafeSlow(view.getUint32(outEndAddress, true) - origin);
  body.set(memory.subarray(origin, origin + body.length));
  const rows = memory.buffer.slice(tableAddress, view.getUint32(tableEndAddress, true)) as ArrayBuffer;
  return ScannedRecords.of({ body, rows, origin, hasKey });
}

function openProgram(): Running | undefined {
  const running = start(recordProgram(mostPages));
  if (running === undefined) return undefined;
  const bytes = new Uint8Array(running.memory.buffer);
  bytes.fill(0xff, alphabetAddress, alphabetAddress + 256);
  for (const [value, character] of [...alphabet].entries()) bytes[alphabetAddress + character.charCodeAt(0)] = value;
  return running;
}
