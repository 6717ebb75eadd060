import { describe, expect, test } from 'vitest';
import fraud from '../../examples/fraud.ts';
import { runPipeline } from '../../functions/index.ts';
import { alertsOf, paymentsAndReversals } from './card-alerts.ts';
import { latestOf, versionsOf } from './latest.ts';

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

describe('the alerts of the example', () => {
  const events = paymentsAndReversals(1_500);

  test.each([{ eventsPerBatch: 2_000 }, { eventsPerBatch: 150 }, { eventsPerBatch: 40 }])(
    'come in the end to those of a direct computation, $eventsPerBatch payments a batch',
    ({ eventsPerBatch }) => {
      const { versions, late, deadLetters } = versionsOf(fraud, { events, eventsPerBatch });
      expect({ late, deadLetters }).toEqual({ late: [], deadLetters: [] });
      expect(sorted(latestOf(versions))).toEqual(sorted(alertsOf(events, 10)));
    },
  );

  test('are taken back often, also after their hour, and some are given again', () => {
    const { versions } = versionsOf(fraud, { events, eventsPerBatch: 40 });
    const back = versions.filter(({ id }) => id.retracted);
    expect(back.length).toBeGreaterThan(20);
    expect(back.filter(({ id }) => id.timing === 'late').length).toBeGreaterThan(10);
    const revisions = new Map(back.map(({ id }) => [`${id.window} ${id.key}`, id.revision]));
    const again = versions.filter(({ id }) => id.revision > (revisions.get(`${id.window} ${id.key}`) ?? Infinity));
    expect(again.length).toBeGreaterThan(3);
    expect(alertsOf(events, 10).length).toBeGreaterThan(50);
  });

  test('come with the payment that takes an hour above 1,000, and go with its reversal', () => {
    const payment = (at: string, amount: number) => ({ at: `2026-03-01T${at}:00Z`, card: '4711', amount });
    const told = runPipeline(fraud, {
      batches: [
        [payment('09:02', 600), payment('09:55', 400)],
        [payment('09:58', 1)],
        [payment('12:00', 5)],
        [payment('09:55', -400)],
      ],
    });
    const hour = { card: '4711', windowStart: '2026-03-01T09:00:00.000Z', windowEnd: '2026-03-01T10:00:00.000Z' };
    expect(told.map(({ results }) => results)).toEqual([[], [{ ...hour, payments: 3, total: 1_001 }], [], [hour]]);
    expect(told.map(({ versions }) => versions.map(({ timing, retracted }) => [timing, retracted]))).toEqual([
      [],
      [['early', false]],
      [],
      [['late', true]],
    ]);
  });
});
