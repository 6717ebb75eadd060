import { describe, expect, it } from 'vitest';
import { nothingReduced } from '../../functions/core/driver.ts';
import type { GroupAnswer } from '../../functions/core/group-answer.ts';
import { decideRound } from '../../functions/core/reduce-rounds.ts';
import { answersOf, sumUpWave } from '../../functions/core/reduced-wave.ts';
import { check } from '../../functions/steps/message-rules.ts';
import { saidOfGroupsRule } from '../../functions/steps/reduced-messages.ts';
import { timing } from '../support/builders.ts';

const size = (entries: number) => ({
  ...{ entries, bytes: 10 * entries, segments: 2, runs: 1, inlineChars: 0, manifestChars: 90, steps: 1 },
});
const example = { source: 'main', shardId: 'shardId-000000000000', sequenceNumber: '4', subSequenceNumber: 0 };

/** All that a reducer may say. */
const answer = (keyGroup: number): GroupAnswer => {
  const done = keyGroup % 5 !== 0;
  return {
    ...{ keyGroup, emitted: done ? 2 * keyGroup : 0, done, progressed: keyGroup % 3 === 0 },
    rows: {
      results: 3 * keyGroup,
      filtered: 1,
      refused: [{ reason: 'callback-failed' as const, count: keyGroup, example }],
      late: 1,
    },
    outputs: { main: { emitted: keyGroup, filtered: 1, refused: 0 }, audit: { emitted: 7, filtered: 0, refused: 1 } },
    references: { airports: { versions: [`${keyGroup % 3}`], loadedAt: keyGroup } },
    kept: { audit: 7 },
    ...(done ? { size: size(keyGroup) } : { why: `TemporaryFailure: ${'x'.repeat(300)}`, waitUntil: 5_000 + keyGroup }),
    memory: { peakBytes: 100 + keyGroup, limitBytes: 1_000 },
    slow: { main: { ms: 1_000 + keyGroup, ...(done ? {} : { left: 3, error: 'Throttled' }) } },
  };
};
const groups = Array.from({ length: 400 }, (_, keyGroup) => answer(keyGroup));
const waves = Array.from({ length: 10 }, (_, at) => sumUpWave(groups.slice(at * 40, (at + 1) * 40)));
const facts = { timing, turn: 1, now: 10_000, startedAt: 0, gatheringGroup: 400 };

describe('what a wave of reducers says', () => {
  it('comes to what they would say themselves (WAVESUM-1)', () => {
    const before = { ...nothingReduced, emitted: 4, slow: { main: { ms: 5, rounds: 2 } } };
    expect(decideRound(waves, before, facts)).toEqual(decideRound(groups, before, facts));
    const done = groups.filter((group) => group.done);
    expect(decideRound([sumUpWave(done)], before, facts)).toEqual(decideRound(done, before, facts));
  });

  it('goes on with the rounds before as they would', () => {
    const first = decideRound(waves, nothingReduced, facts);
    if (first.kind !== 'again') throw new Error(first.kind);
    const left = groups.filter(({ done }) => !done).map((group) => ({ ...group, done: true, emitted: 1 }));
    const inWaves = decideRound([sumUpWave(left.slice(0, 40)), sumUpWave(left.slice(40))], first.reduced, facts);
    expect(inWaves).toEqual(decideRound(left, first.reduced, facts));
  });

  it('is within a payload for four hundred groups, each of which says all it can', () => {
    const chars = JSON.stringify(waves).length;
    expect(JSON.stringify(groups).length).toBeGreaterThan(262_144);
    expect(chars).toBeLessThan(70_000);
    for (const wave of waves) expect(check(saidOfGroupsRule, wave)).toEqual({ kind: 'fits', value: wave });
  });

  it('has room for as many outputs as a pipeline has, with the longest names', () => {
    const names = Array.from({ length: 12 }, (_, at) => `output-${at}`.padEnd(32, 'x'));
    const all = groups.map((group) => ({
      ...{ ...group, done: true, kept: undefined },
      outputs: Object.fromEntries(names.map((id) => [id, { emitted: 1e6, filtered: 1e6, refused: 1e6 }])),
    }));
    const said = Array.from({ length: 10 }, (_, at) => sumUpWave(all.slice(at * 40, (at + 1) * 40)));
    expect(JSON.stringify(said).length).toBeLessThan(120_000);
    expect(answersOf(said).groups[399]?.sent).toEqual(Object.fromEntries(names.map((id) => [id, 1e6])));
    for (const wave of said) expect(check(saidOfGroupsRule, wave)).toEqual({ kind: 'fits', value: wave });
  });

  it('says of each group that is done what was sent for sure, so that what is kept is not', () => {
    const { groups: _, ...others } = sumUpWave([answer(1), answer(2)]);
    expect(others.outputs).toEqual(['main']);
    const [notDone, done, silent] = answersOf([
      sumUpWave([answer(5), answer(1), { ...answer(3), outputs: undefined }]),
    ]).groups;
    expect(notDone).not.toHaveProperty('sent');
    expect(done).toEqual({ keyGroup: 1, emitted: 2, done: true, progressed: false, sent: { main: 1 } });
    expect(silent?.sent).toEqual({ main: 0 });
    const { outputs: __, kept: ___, ...single } = answer(1);
    expect(answersOf([sumUpWave([single])]).groups[0]).not.toHaveProperty('sent');
  });

  it('is that its groups have failed for now, where it has said nothing', () => {
    const failed = { emitted: 0, done: false, progressed: false, why: 'no answer' };
    expect(answersOf([{ lost: [3, 4], why: 'no answer' }])).toEqual({
      groups: [
        { keyGroup: 3, ...failed },
        { keyGroup: 4, ...failed },
      ],
      waves: [],
    });
  });
});
