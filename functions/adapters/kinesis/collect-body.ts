/** The whole body of an answer, in the pieces that it came in: nobody else has them. */
import type { Readable } from 'node:stream';

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
  return isReadable(body) ? read(body) : undefined;
}

/** By events: a loop over the stream takes several times as long for each piece. */
function read(body: Readable): Promise<Body> {
  const pieces: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    // What was over before says nothing any more.
    if (body.destroyed) reject(cutOff());
    body.on('data', (piece: Buffer) => {
      pieces.push(piece);
      length += piece.length;
    });
    body.once('end', () => resolve({ pieces, length }));
    body.once('error', reject);
    body.once('close', () => {
      // Each answer closes.
      if (!body.readableEnded) reject(cutOff());
    });
  });
}

/** As a connection says it that ends in the middle of an answer: it is asked again. */
const cutOff = (): Error => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

const isReadable = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && 'once' in body;
