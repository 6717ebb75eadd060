/** What a rewind says on the screen. */
import { expect, it } from 'vitest';
import type { WentBack } from '../../../functions/operations/go-back.ts';
import { wentBackText } from '../../../local/report/operation-text.ts';
import { headOf } from '../../support/builders.ts';

const committed = { batchId: 9, ref: 90 };
const went = (given: Partial<WentBack> = {}): string =>
  wentBackText('p', {
    before: { ...headOf({ committed, generation: 1 }), committed },
    after: headOf({ generation: 95 }),
    restored: { batchId: 10, ref: 95 },
    source: { pipeline: 'p', batchId: 6, committedAt: Date.UTC(2026, 2, 1) },
    left: { batches: [[7, 9]], rows: { main: 1_204, audit: 8 }, withoutReport: 0 },
    ...{ gaveUp: undefined, warnings: [], ...given },
  });

it('says what is gone on from, by which batch, what is left, and how to tell it', () => {
  expect(went().split('\n')).toEqual([
    'pipeline   p',
    'goes on    after batch 6, committed 2026-03-01T00:00:00.000Z',
    'by         batch 10, which the next start commits',
    'left       batches 7 to 9',
    'given out  rows by these: main 1,204, audit 8',
    'identities have generation 95 from now on, and 1 before',
    '',
    'What these batches have given out stays where it is. A result that comes about again is given out again, with a higher `ref`: of each',
    'result the highest (`ref`, `revision`) counts, and live views keep that one by themselves. A result that does not come about again stays',
    'as well: by its identity it is of generation 1, and of a batch behind 6.',
  ]);
});

it('says where nothing is left, what was given up, and what is not known any more', () => {
  const left = { batches: [], rows: {}, withoutReport: 0 };
  expect(went({ left, source: { pipeline: 'p@a', batchId: 9, committedAt: null } }).split('\n')).toEqual([
    'pipeline   p',
    'goes on    after batch 9 of savepoint p@a',
    'by         batch 10, which the next start commits',
    'left       no batch',
    'given out  nothing',
    'identities have generation 95 from now on, and 1 before',
  ]);
  const some = {
    batches: [
      [3, 3],
      [8, 9],
    ] as const,
    rows: { main: 2 },
    withoutReport: 1,
  };
  const text = went({ left: some, gaveUp: { batchId: 10, ref: 91 }, warnings: ['it is late'] });
  expect(text).toContain('left       batches 3, 8 to 9; batch 10, which was sealed and not committed, is given up\n');
  expect(text).toContain('given out  rows by these: main 2 (of 1 of them nothing is known any more)\n');
  expect(text.endsWith('\nWarning: it is late.')).toBe(true);
  expect(went({ left: { batches: [[9, 9]], rows: { main: 2 }, withoutReport: 0 } })).toContain('left       batch 9\n');
});
