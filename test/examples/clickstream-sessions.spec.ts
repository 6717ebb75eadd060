import { describe, expect, test } from 'vitest';
import visits from '../../examples/clickstream-sessions.ts';
import { runPipeline } from '../../functions/index.ts';
import { clicks, visitsOf } from './visits.ts';

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

describe('the visits of the example', () => {
  const given = clicks(2_000);
  const expected = sorted(visitsOf(given));

  test.each([{ eventsPerBatch: 2_000 }, { eventsPerBatch: 150 }, { eventsPerBatch: 40 }])(
    'are those of a direct computation, $eventsPerBatch clicks a batch',
    ({ eventsPerBatch }) => {
      const { results, late, deadLetters } = runPipeline(visits, { events: given, eventsPerBatch });
      expect({ late, deadLetters }).toEqual({ late: [], deadLetters: [] });
      expect(sorted(results)).toEqual(expected);
    },
  );

  test('are many, some of one click and some with more pages than are kept', () => {
    const rows = visitsOf(given) as { clicks: number; path: { truncated: number } }[];
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.some((row) => row.clicks === 1)).toBe(true);
    expect(rows.some((row) => row.path.truncated > 0)).toBe(true);
  });

  test('are told when half an hour has gone by since the last click, and no sooner', () => {
    const click = (at: string, page: string) => ({ at: `2026-03-01T${at}Z`, user: 'ann', page });
    const told = runPipeline(visits, {
      batches: [
        [click('09:00:00', '/'), click('09:29:59', '/cart')],
        { watermark: '2026-03-01T09:59:58Z' },
        { watermark: '2026-03-01T09:59:59Z' },
      ],
    });
    expect(told.map(({ results }) => results.length)).toEqual([0, 0, 1]);
    expect(told[2]!.results[0]).toMatchObject({ clicks: 2, landedOn: '/', leftFrom: '/cart' });
  });
});
