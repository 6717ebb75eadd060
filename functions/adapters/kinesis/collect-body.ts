/** The whole body of an answer, in one buffer that nobody else has. */
import type { Readable } from 'node:stream';

type Response = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** Undefined: it comes neither as bytes nor as a stream of Node. */
export async function collectBody({ headers, body }: Response): Promise<Buffer | undefined> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  if (!isReadable(body)) return undefined;
  const told = Number(headers['content-length']);
  return Number.isSafeInteger(told) && told > 0 ? ofKnownLength(body, told) : ofPieces(body);
}

/** Each piece is let go of as it comes: the body is in memory once. */
function ofKnownLength(body: Readable, length: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  const take = (piece: Buffer): void => {
    at += piece.copy(whole, at);
  };
  return read(body, take, () => whole.subarray(0, at));
}

function ofPieces(body: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  return read(
    body,
    (piece) => void pieces.push(piece),
    () => Buffer.concat(pieces),
  );
}

/** By events: a loop over the stream takes several times as long for each piece. */
function read(body: Readable, take: (piece: Buffer) => void, whole: () => Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // What was over before says nothing any more.
    if (body.destroyed) reject(cutOff());
    body.on('data', take);
    body.once('end', () => resolve(whole()));
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
