/** COUNT-1: what became of values for each output. */
import { expect, it } from 'vitest';
import { addOutputCounts, partOf } from '../../functions/core/output-counts.ts';
import { decideRound } from '../../functions/core/reduce-rounds.ts';
import { outputTexts } from '../../local/report/progress-text.ts';

const one = { main: { emitted: 5, filtered: 0, refused: 0 }, audit: { emitted: 2, filtered: 2, refused: 1 } };
const other = { audit: { emitted: 1_000, filtered: 0, refused: 0 } };

it('adds up output by output, whoever has none', () => {
  expect(addOutputCounts({}, one)).toEqual(one);
  expect(addOutputCounts(one, other)).toEqual({ ...one, audit: { emitted: 1_002, filtered: 2, refused: 1 } });
  expect(partOf({})).toEqual({});
  expect(partOf(other)).toEqual({ outputs: other });
});

it('has rows that were taken back there, which are on top of what all have', () => {
  const back = { audit: { emitted: 3, filtered: 0, refused: 1, retracted: 2 } };
  const { audit } = addOutputCounts(addOutputCounts(one, back), back);
  expect(audit).toEqual({ emitted: 8, filtered: 2, refused: 3, retracted: 4 });
  expect(outputTexts(back)).toEqual(['audit 3 (2 taken back, 1 refused)']);
});

it('is told in words, with what is missing', () => {
  expect(outputTexts(addOutputCounts(one, other))).toEqual(['main 5', 'audit 1,002 (2 filtered, 1 refused)']);
  expect(outputTexts()).toEqual([]);
});

it('of a reduce is that of the groups that are done, in all rounds', () => {
  const group = { keyGroup: 0, emitted: 1, done: true, progressed: true, outputs: one };
  const facts = {
    ...{ timing: { reduceUntilSeconds: 60, commitToPlanSeconds: 1, maxTurns: 9 }, turn: 1, now: 0, startedAt: 0 },
    gatheringGroup: 40,
  };
  const first = decideRound([group, { ...group, keyGroup: 1, done: false }], { emitted: 0, stuckSince: 0 }, facts);
  expect(first).toMatchObject({ kind: 'again', keyGroups: [1], reduced: { emitted: 1, outputs: one } });
  const { reduced } = first as Extract<typeof first, { kind: 'again' }>;
  expect(decideRound([{ ...group, keyGroup: 1, outputs: other }], reduced, facts)).toEqual({
    ...{ kind: 'all-done', emitted: 2, outputs: addOutputCounts(one, other) },
  });
});
