/** Events of a file with one a line, plain or gzipped, read in pieces however large it is. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { LocalProblem } from '../local-problem.ts';
import type { EventToPublish } from './publisher.ts';

export type InputFile = {
  readonly path: string;
  /** The field of each event that is its partition key; absent or unusable there: the line number. */
  readonly partitionKey?: string | undefined;
};

const newline = 0x0a;
const carriageReturn = 0x0d;
const maxLineBytes = 16 * 1024 * 1024;
const maxKeyLength = 256;
const identityBytes = 64 * 1024;

/**
 * Lines as they are, without their line ends, or, of a file that is named so, what they are the base64 of; blank lines are
 * left out. One chunk per piece read.
 */
export async function* readInputFile(input: InputFile): AsyncGenerator<readonly EventToPublish[]> {
  let lineNumber = 0;
  const isBase64 = /\.b64(\.gz)?$/.test(input.path);
  for await (const lines of readLines(input.path)) {
    const events: EventToPublish[] = [];
    for (const line of lines) {
      lineNumber++;
      if (isBlank(line)) continue;
      const data = isBase64 ? bytesIn(line, `${input.path}, line ${lineNumber}`) : line;
      const partitionKey = keyIn(data, input.partitionKey) ?? `line-${lineNumber}`;
      events.push({ data, partitionKey, line: lineNumber });
    }
    yield events;
  }
}

/** Tells files apart: same size, same beginning and same end is the same input. */
export async function identifyFile(path: string): Promise<string> {
  const file = await open(path).catch((error: Error) => {
    throw new LocalProblem('usage', `Can't read ${path}: ${error.message}`);
  });
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256').update(`${size}`);
    for (const position of [0, Math.max(0, size - identityBytes)]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(identityBytes), 0, identityBytes, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

function bytesIn(line: Uint8Array, place: string): Uint8Array {
  const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1').trim();
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  throw new LocalProblem('usage', `${place}: no base64. Each line of a .b64 file is one payload.`);
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09);
}

/** What the event has in the field, as a partition key; undefined if that can't be one. */
export function keyIn(line: Uint8Array, field: string | undefined): string | undefined {
  const value = field === undefined ? undefined : objectIn(line)?.[field];
  // An event that cannot be read is published all the same: what becomes of it is the pipeline's business.
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const key = String(value);
  return key.length === 0 || key.length > maxKeyLength ? undefined : key;
}

export function objectIn(line: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const event: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'));
    return typeof event === 'object' && event !== null ? (event as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

async function* readLines(path: string): AsyncGenerator<readonly Uint8Array[]> {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  for await (const piece of openPieces(path)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const { lines, end } = splitLines(bytes);
    rest = bytes.subarray(end);
    count += lines.length;
    if (rest.length > maxLineBytes)
      throw new LocalProblem('usage', `${path}, line ${count + 1}: more than 16 MiB, which no stream takes.`);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [withoutCarriageReturn(rest)];
}

function splitLines(bytes: Buffer): { readonly lines: readonly Uint8Array[]; readonly end: number } {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    lines.push(withoutCarriageReturn(bytes.subarray(start, end)));
    start = end + 1;
  }
  return { lines, end: start };
}

function withoutCarriageReturn(line: Buffer): Uint8Array {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}

async function* openPieces(path: string): AsyncGenerator<Buffer> {
  const target = new PassThrough();
  const file = createReadStream(path);
  const done = path.endsWith('.gz') ? pipeline(file, createGunzip(), target) : pipeline(file, target);
  done.catch(() => {});
  try {
    for await (const piece of target) yield piece as Buffer;
    await done;
  } catch (error) {
    throw new LocalProblem('usage', `Can't read ${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    target.destroy();
  }
}
