import { describe, expect, test } from 'vitest';
import billing from '../../examples/usage-billing.ts';
import { runPipeline } from '../../functions/index.ts';
import { billsOf, usage } from './bills.ts';
import { latestOf, versionsOf } from './latest.ts';

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

describe('the bills of the example', () => {
  const given = usage(2_000);

  test.each([{ eventsPerBatch: 2_000 }, { eventsPerBatch: 150 }, { eventsPerBatch: 40 }])(
    'come in the end to those of a direct computation, $eventsPerBatch reports a batch',
    ({ eventsPerBatch }) => {
      const { versions, late, deadLetters } = versionsOf(billing, { events: given, eventsPerBatch });
      expect({ late, deadLetters }).toEqual({ late: [], deadLetters: [] });
      expect(sorted(latestOf(versions))).toEqual(sorted(billsOf(given)));
    },
  );

  test('are corrected, most of them more than once, and never taken back', () => {
    const { versions } = versionsOf(billing, { events: given, eventsPerBatch: 40 });
    const revisions = versions.map(({ id }) => id.revision);
    expect(revisions.filter((revision) => revision === 0)).toHaveLength(billsOf(given).length);
    expect(revisions.filter((revision) => revision > 1).length).toBeGreaterThan(100);
    expect(versions.some(({ id }) => id.retracted)).toBe(false);
  });

  test('are those of days in Berlin, of which one has 23 hours', () => {
    const hours = (billsOf(given) as { windowStart: string; windowEnd: string }[]).map(
      ({ windowStart, windowEnd }) => (Date.parse(windowEnd) - Date.parse(windowStart)) / 3_600_000,
    );
    expect([...new Set(hours)].toSorted()).toEqual([23, 24]);
  });

  test('come an hour after the day, again with each late report, and a week later no more: then a report is kept', () => {
    const report = (at: string, units: number) => ({ at: `${at}Z`, account: 'a', units });
    const told = runPipeline(billing, {
      batches: [
        [report('2026-03-02T09:00:00', 90)],
        { watermark: '2026-03-02T22:59:59Z' },
        [report('2026-03-03T00:00:00', 1)],
        [report('2026-03-02T10:00:00', 30)],
        { watermark: '2026-03-09T22:59:59Z' },
        [report('2026-03-02T11:00:00', 1)],
        { watermark: '2026-03-09T23:00:00Z' },
        [report('2026-03-02T12:00:00', 1)],
      ],
    });
    expect(
      told.map(({ results, versions }) => results.map(({ cents }, at) => [versions[at]!.revision, cents])),
    ).toEqual([[], [], [[0, 0]], [[1, 60]], [[0, 0]], [[2, 63]], [], []]);
    expect(told.at(-1)!.outputs.late!.results).toMatchObject([
      {
        payload: { text: JSON.stringify(report('2026-03-02T12:00:00', 1)) },
        ...{ windowEnd: '2026-03-02T23:00:00.000Z', watermark: '2026-03-09T23:00:00.000Z' },
      },
    ]);
  });
});
