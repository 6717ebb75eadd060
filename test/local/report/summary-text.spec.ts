/** What a run says of events and rows that it could not use. */
import { describe, expect, it } from 'vitest';
import type { ReasonCount } from '../../../functions/core/dead-letter-tally.ts';
import { letterId, letterPlace } from '../../../local/report/letter-text.ts';
import { isAllLost, type Summary, summaryLines } from '../../../local/report/summary-text.ts';

const of = (reason: ReasonCount['reason'], count: number, message = 'why'): ReasonCount => ({
  reason,
  count,
  example: { source: 'main', shardId: 'shardId-0', sequenceNumber: '5', subSequenceNumber: 1, message },
});
const run = (given: Partial<Summary> = {}): Summary => ({
  pipeline: 'p',
  batches: 2,
  published: 1_200,
  counters: { read: 1_200, counted: 1_200, filtered: 0, late: 0, deadLettered: 0, emitted: 3 },
  rows: { results: 3, emitted: 3, filtered: 0, refused: 0 },
  deadLetters: [],
  refusedRows: [],
  end: 'complete',
  ...given,
});

describe('the summary of a run', () => {
  it('reconciles events and rows', () => {
    expect(summaryLines(run())).toEqual([
      'p: 2 batches · published 1,200 · read 1,200 = counted 1,200 + filtered 0 + late 0 + dead-lettered 0',
      'p: results 3 = emitted 3 + filtered 0 + refused 0',
    ]);
    expect(summaryLines(run({ rows: undefined }))).toHaveLength(1);
  });

  it('has each reason with its number and an example, most first, on a line', () => {
    const lines = summaryLines(
      run({ deadLetters: [of('invalid-json', 1, 'a\n\u001b[2Jb'), of('invalid-key', 1_000)] }),
    );
    expect(lines.slice(2)).toEqual([
      '  1,000 × invalid-key, for example main/shardId-0/5/1: why',
      '  1 × invalid-json, for example main/shardId-0/5/1: a [2Jb',
    ]);
  });

  it('warns where all events died, or all rows were refused', () => {
    const counters = { read: 7, counted: 0, filtered: 0, late: 0, deadLettered: 7, emitted: 0 };
    const dead = run({ counters, deadLetters: [of('schema-mismatch', 7)] });
    expect(summaryLines(dead).at(-1)).toBe(
      'WARNING: all 7 events became dead letters (7 schema-mismatch); none counts.',
    );
    const refused = run({
      rows: { results: 2, emitted: 0, filtered: 0, refused: 2 },
      refusedRows: [of('output-too-large', 2)],
    });
    expect(summaryLines(refused).at(-1)).toBe(
      'WARNING: all 2 results were refused (2 output-too-large); none is in the sink.',
    );
    expect([dead, refused, run(), run({ counters: { ...counters, read: 0, deadLettered: 0 } })].map(isAllLost)).toEqual(
      [true, true, false, false],
    );
  });
});

it('an id names the letter that it was made of', () => {
  for (const place of [
    {
      source: 'main',
      shardId: 'shardId-000000000007',
      sequenceNumber: '4968063071527271940934750266187848381497',
      subSequenceNumber: 0,
    },
    { source: 'results', shardId: 'group-3', sequenceNumber: '12-1795829585505', subSequenceNumber: 1_234_567 },
  ]) {
    expect(letterPlace(letterId(place))).toEqual(place);
  }
  for (const id of ['', 'a', 'a/b', 'a/b/5', 'a/b/x/0', 'a/b/5/-1', 'a/b/5/0/0'])
    expect(letterPlace(id)).toBeUndefined();
});
