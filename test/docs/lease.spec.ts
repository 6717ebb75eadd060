/** The seconds of a lease in docs/operations.md are those of the machine that is deployed. */
import { describe, expect, it } from 'vitest';
import { microBatch } from '../../state-machine/micro-batch.ts';
import { placeholders } from '../../state-machine/render.ts';
import { readDocument } from './documents.ts';

const { timing } = microBatch({ functions: placeholders, type: 'EXPRESS' });
const operations = readDocument('docs/operations.md');

/** The first number in the row of the table that begins like this. */
function secondsAfter(what: string): number {
  const row = operations.split('\n').find((line) => line.startsWith(`| ${what}`));
  return Number(/\|\s*(\d+)/.exec(row?.slice(what.length + 2) ?? '')?.[1]);
}

describe('docs/operations.md says how long a lease is', () => {
  it.each([
    ['a plan', timing.planToSealSeconds + timing.commitToPlanSeconds],
    ['a seal', timing.sealToCommitSeconds],
    ['a commit', timing.commitToPlanSeconds],
  ])('after %s: %i seconds', (what, seconds) => {
    expect(secondsAfter(what)).toBe(seconds);
  });
});
