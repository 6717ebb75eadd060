import { describe, expect, it } from 'vitest';
import {
  afterLastTry,
  betweenDeathsMs,
  givenUpIn,
  newTrial,
  nextTryAt,
  type RowTrial,
  rangeFrom,
  withDeath,
} from '../../functions/core/row-trial.ts';

const dies = (trial: RowTrial, index: number, at: number): RowTrial => withDeath(trial, index, `row ${index}`, at);

describe('deaths of a row', () => {
  it('count three times, at least a minute apart, and then the row is given up (TRIAL-3)', () => {
    const once = dies(newTrial, 7, 1_000);
    const soon = dies(once, 7, 1_000 + betweenDeathsMs - 1);
    expect(soon).toBe(once);
    const twice = dies(soon, 7, 1_000 + betweenDeathsMs);
    expect([...givenUpIn(twice).keys()]).toEqual([]);
    const thrice = dies(twice, 7, 1_000 + 2 * betweenDeathsMs);
    expect([...givenUpIn(thrice).keys()]).toEqual([7]);
    expect(nextTryAt(thrice, 1_001)).toBeUndefined();
  });

  it('of several rows go side by side: the next try waits for the last of them', () => {
    const trial = dies(dies(newTrial, 3, 1_000), 9, 5_000);
    expect(nextTryAt(trial, 5_001)).toBe(5_000 + betweenDeathsMs);
    expect(nextTryAt(trial, 5_000 + betweenDeathsMs), 'and for nothing then').toBeUndefined();
  });
});

describe('rows that were in hand', () => {
  const hadInHand = (from: number, upTo: number, hasDied: boolean): RowTrial => ({
    ...newTrial,
    inHand: { from, upTo },
    hasDied,
  });

  it("are nobody's fault where the process did not die: a service failed, or time was over (TRIAL-2)", () => {
    expect(afterLastTry(hadInHand(4, 5, false), 1_000)).toEqual(newTrial);
  });

  it('are not to blame for a death without any in hand', () => {
    expect(afterLastTry({ ...newTrial, hasDied: true }, 1_000)).toEqual(newTrial);
  });

  it('are all of the cleared ones, where these ran in place: that is counted, and no row is to blame (TRIAL-5)', () => {
    const inPlace: RowTrial = { ...newTrial, clearedUpTo: 900, isInPlace: true };
    expect(afterLastTry({ ...inPlace, hasDied: true }, 1_000)).toEqual({
      ...newTrial,
      clearedUpTo: 900,
      diedInPlace: 1,
    });
    expect(afterLastTry(inPlace, 1_000), 'not if a service failed').toEqual({ ...newTrial, clearedUpTo: 900 });
  });

  it('died if it was one alone; of several, smaller groups are looked at (TRIAL-4)', () => {
    const alone = afterLastTry(hadInHand(4, 5, true), 1_000);
    expect(alone.deaths).toMatchObject([{ index: 4, times: [1_000] }]);
    const several = afterLastTry(hadInHand(0, 1_000, true), 1_000);
    expect(several.deaths).toEqual([]);
    expect(rangeFrom(several, 0, 5_000)).toEqual({ from: 0, upTo: 31 });
  });

  it('come down to one row in three deaths of the process, of a thousand', () => {
    const guilty = 437;
    let trial = newTrial;
    let deaths = 0;
    while (trial.deaths.length === 0) {
      let range = rangeFrom(trial, 0, 1_000);
      while (guilty >= range.upTo) range = rangeFrom(trial, range.upTo, 1_000);
      trial = afterLastTry({ ...trial, inHand: range, hasDied: true }, ++deaths * betweenDeathsMs);
    }
    expect([trial.deaths[0]!.index, deaths]).toEqual([guilty, 3]);
  });
});

describe('rows are taken in hand', () => {
  it('by the thousand, one that has died alone', () => {
    const trial = dies(newTrial, 500, 0);
    const ranges = [];
    for (let at = 0; at < 2_600; at = ranges.at(-1)!.upTo) ranges.push(rangeFrom(trial, at, 2_600));
    expect(ranges).toEqual([
      { from: 0, upTo: 500 },
      { from: 500, upTo: 501 },
      { from: 501, upTo: 1_501 },
      { from: 1_501, upTo: 2_501 },
      { from: 2_501, upTo: 2_600 },
    ]);
  });

  it('closely only where the process died', () => {
    const trial: RowTrial = { ...newTrial, closely: { range: { from: 100, upTo: 110 }, step: 5 } };
    const ranges = [];
    for (let at = 0; at < 200; at = ranges.at(-1)!.upTo) ranges.push(rangeFrom(trial, at, 200));
    expect(ranges.map(({ from, upTo }) => [from, upTo])).toEqual([
      [0, 100],
      [100, 105],
      [105, 110],
      [110, 200],
    ]);
  });
});
