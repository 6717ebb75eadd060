import { expect, it } from 'vitest';
import { findingsOf } from '../../functions/findings/index.ts';
import { headOf, heldUntil, holderOf, noon } from '../support/builders.ts';

const stopped = headOf({ control: 'stop' });

it('says of a stopped pipeline how it is started', () => {
  expect(findingsOf({ head: stopped, reports: [], now: noon })).toEqual([
    expect.objectContaining({ kind: 'stopped', severity: 'info', subject: 'pipeline' }),
  ]);
  expect(findingsOf({ head: headOf(), reports: [], now: noon })).toEqual([]);
});

it('says nothing while its last batch is under way', () => {
  const head = { ...stopped, holder: holderOf({ lease: heldUntil(noon + 1) }) };
  expect(findingsOf({ head, reports: [], now: noon })).toEqual([]);
  expect(findingsOf({ head, reports: [], now: noon + 1 })).toHaveLength(1);
});
