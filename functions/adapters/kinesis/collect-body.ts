/**
 * The whole body of an answer, in the pieces that it came in: nobody else has them.
 *
 * BODIES-2 The answer has none of them afterwards. The SDK listens to a connection for as long as it is open, and from there the first answer
 *    that came over it is held: of 25 connections each would keep a page and its room.
 */
import type { Readable } from 'node:stream';
import { borrowRoom, giveBackRoom } from './body-rooms.ts';
import { readDirectly } from './connection-reads.ts';

export type Body = {
  readonly pieces: readonly Uint8Array[];
  /** In bytes. */
  readonly length: number;
};

/** In one buffer, its own: bytes of it may be written over. */
export const wholeOf = ({ pieces, length }: Body): Buffer => Buffer.concat(pieces, length);

/** Undefined: it comes neither as bytes nor as a stream of Node. */
export async function collectBody(body: unknown): Promise<Body | undefined> {
  if (body instanceof Uint8Array) return { pieces: [body], length: body.length };
  return isReadable(body) ? read(body, new Pieces()) : undefined;
}

/** As `collectBody`, for who needs it no longer than `use` takes: BODIES-1. `length`: how long it is said to be. */
export async function whileCollected(body: unknown, length: number, use: (body: Body) => void): Promise<void> {
  const room = borrowRoom(length);
  const collected =
    room === undefined ? await collectBody(body) : await collectIn(new Pieces(room.subarray(0, length)), body);
  if (collected !== undefined) use(collected);
  // Where it did not come to its end, there may be who writes into it.
  if (room !== undefined) giveBackRoom(room);
}

async function collectIn(pieces: Pieces, body: unknown): Promise<Body | undefined> {
  if (isReadable(body)) return read(body, pieces);
  if (!(body instanceof Uint8Array)) return undefined;
  pieces.add(body);
  return pieces.take();
}

const noRoom = new Uint8Array();

/** One after the other in a room, and each by itself where there is none or they do not fit. */
class Pieces {
  #room: Uint8Array;
  #others: Uint8Array[] = [];
  #used = 0;
  #length = 0;

  constructor(room: Uint8Array = noRoom) {
    this.#room = room;
  }

  /** Once: BODIES-2. */
  take(): Body {
    const body = { pieces: [this.#room.subarray(0, this.#used), ...this.#others], length: this.#length };
    this.#room = noRoom;
    this.#others = [];
    return body;
  }

  add(piece: Uint8Array): void {
    if (this.copy(piece)) return;
    this.#others.push(piece);
    this.#length += piece.length;
  }

  /** False: not all of it has room. */
  copy(piece: Uint8Array): boolean {
    if (this.#others.length > 0 || piece.length > this.#room.length - this.#used) return false;
    this.#room.set(piece, this.#used);
    this.#used += piece.length;
    this.#length += piece.length;
    return true;
  }
}

/** By events: a loop over the stream takes several times as long for each piece. */
async function read(body: Readable, pieces: Pieces): Promise<Body> {
  const stop = readDirectly(body, (piece) => pieces.copy(piece));
  try {
    await ended(body, (piece) => pieces.add(piece));
    return pieces.take();
  } finally {
    stop();
  }
}

/** Who listens to it does so for as long as it is there, and names no bytes. */
const ended = (body: Readable, add: (piece: Buffer) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    // What was over before says nothing any more.
    if (body.destroyed) reject(cutOff());
    body.on('data', add);
    body.once('end', resolve);
    body.once('error', reject);
    body.once('close', () => {
      // Each answer closes.
      if (!body.readableEnded) reject(cutOff());
    });
  });

/** As a connection says it that ends in the middle of an answer: it is asked again. */
const cutOff = (): Error => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

const isReadable = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && 'once' in body;
