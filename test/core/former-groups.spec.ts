/** FORMER-1: which numbers of key groups are purged as a whole behind a repartition, and up to which batch. */
import { describe, expect, it } from 'vitest';
import { formerGroupsAfter, formerGroupsOf } from '../../functions/core/former-groups.ts';

const formerAfter = (from: number, to: number, batchId = 20, known = {}) =>
  formerGroupsAfter({ parallelism: from, purgedBelow: 15, ...known }, { batchId, parallelism: to });

describe('former key groups', () => {
  it('are those from the lesser number on, with the gathering step, of fewer groups', () =>
    expect(formerAfter(5, 3)).toEqual({ least: 3, most: 5, until: 20 }));

  it('are the gathering step of before, and numbers that a command that died may have used, of more', () =>
    expect(formerAfter(2, 4)).toEqual({ least: 2, most: 3, until: 20 }));

  it('are none where the number is the same', () => expect(formerAfter(3, 3)).toBeUndefined());

  it('are those of all layouts that are not purged yet, up to the last change', () => {
    const formerGroups = { least: 2, most: 6, until: 15 };
    expect(formerAfter(2, 3, 20, { formerGroups })).toEqual({ least: 2, most: 6, until: 20 });
    expect(formerAfter(2, 2, 20, { formerGroups })).toEqual(formerGroups);
  });

  it('are forgotten once the batches of then are purged', () => {
    const formerGroups = { least: 2, most: 6, until: 14 };
    expect(formerGroupsOf({ purgedBelow: 15, formerGroups })).toBeUndefined();
    expect(formerAfter(2, 3, 20, { formerGroups })).toEqual({ least: 2, most: 2, until: 20 });
  });
});
