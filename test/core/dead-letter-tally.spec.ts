/** TALLY-1: counts of a tally add up, however tallies are merged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadLetterReasons } from '../../functions/core/dead-letter.ts';
import {
  countLetter,
  emptyTally,
  lettersIn,
  mergeTallies,
  type Tally,
} from '../../functions/core/dead-letter-tally.ts';

const letter = (reason: (typeof deadLetterReasons)[number], sub = 0, message = 'why') => ({
  reason,
  source: 'main',
  shardId: 'shardId-0',
  sequenceNumber: '1',
  subSequenceNumber: sub,
  message,
});

describe('a tally of dead letters', () => {
  it('counts each reason and keeps the first of its letters as an example', () => {
    const tally = [letter('invalid-json', 1), letter('invalid-key', 2), letter('invalid-json', 3)].reduce(
      countLetter,
      emptyTally,
    );
    expect(tally).toEqual([
      { reason: 'invalid-json', count: 2, example: expect.objectContaining({ subSequenceNumber: 1 }) },
      { reason: 'invalid-key', count: 1, example: expect.objectContaining({ subSequenceNumber: 2 }) },
    ]);
  });

  it('holds no payload, and of a message what fits a line', () => {
    const [{ example } = { example: undefined }] = countLetter(emptyTally, {
      ...letter('invalid-json', 0, `${'x'.repeat(199)}😀`),
      ...{ payload: new Uint8Array(1) },
    });
    expect(Object.keys(example ?? {})).toEqual(['source', 'shardId', 'sequenceNumber', 'subSequenceNumber', 'message']);
    expect(example?.message).toBe(`${'x'.repeat(199)}\ufffd`);
  });

  it('adds up to its letters, in whatever parts they were counted', () => {
    const letters = fc.array(fc.constantFrom(...deadLetterReasons).map((reason) => letter(reason)));
    fc.assert(
      fc.property(fc.array(letters), (parts) => {
        const tallies: Tally[] = parts.map((part) => part.reduce(countLetter, emptyTally));
        const merged = mergeTallies(tallies);
        expect(lettersIn(merged)).toBe(parts.flat().length);
        for (const { reason, count } of merged)
          expect(count).toBe(parts.flat().filter((each) => each.reason === reason).length);
      }),
    );
  });
});
