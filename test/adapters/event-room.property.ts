/** However an answer is cut into pieces on its way, its messages come one by one, unchanged, each when there is room. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventRoom } from '../../functions/adapters/kinesis/event-room.ts';
import { ByteBudget } from '../../functions/concurrency/byte-budget.ts';

const small = fc.integer({ min: 16, max: 400 });
const large = fc.integer({ min: 65_537, max: 90_000 });
const sizes = fc.array(fc.oneof(small, large), { maxLength: 8 });
const cuts = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 20 });

/** As the format has it: the length in the first four bytes, of the whole. */
function message(size: number, fill: number): Buffer {
  const bytes = Buffer.alloc(size, fill % 256);
  bytes.writeUInt32BE(size);
  return bytes;
}

async function* inPieces(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const length = lengths[piece % lengths.length]!;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

describe('an answer that comes in by messages', () => {
  it('is the same bytes, in pieces of which none reaches over the end of a message', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, cuts, async (given, lengths) => {
        const all = Buffer.concat(given.map(message));
        const ends = new Set(given.map((_, at) => given.slice(0, at + 1).reduce((sum, size) => sum + size, 0)));
        const room = new EventRoom((bytes) => new ByteBudget(1_000_000).take(bytes));
        const got: Uint8Array[] = [];
        let at = 0;
        for await (const piece of room.messagesOf(inPieces(all, lengths))) {
          got.push(piece);
          const crossed = [...ends].filter((end) => end > at && end < at + piece.length);
          expect(crossed).toEqual([]);
          at += piece.length;
          room.release();
        }
        expect(Buffer.concat(got).equals(all)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('has its room before its second piece, and takes none for what a connection holds anyway', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, cuts, async (given, lengths) => {
        const budget = new ByteBudget(1_000_000);
        const room = new EventRoom((bytes) => budget.take(bytes));
        const bounds = given.map((_, at) => given.slice(0, at).reduce((sum, size) => sum + size, 0));
        let at = 0;
        for await (const piece of room.messagesOf(inPieces(Buffer.concat(given.map(message)), lengths))) {
          const size = given[bounds.findLastIndex((bound) => bound <= at)]!;
          expect(budget.held).toBe(size > 65_536 ? size : 0);
          at += piece.length;
          if (bounds.includes(at)) room.release();
        }
        room.close();
        expect(budget.held).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('that is given up while it waits for room gives back what it is granted later', async () => {
    const budget = new ByteBudget(100_000);
    const other = await budget.take(100_000);
    const room = new EventRoom((bytes) => budget.take(bytes));
    const pieces = room.messagesOf(inPieces(message(80_000, 1), [80_000]));
    const next = pieces.next();
    await expect.poll(() => room.isWaiting).toBe(true);
    room.close();
    other.release();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(budget.held).toBe(0);
  });
});
