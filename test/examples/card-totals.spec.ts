import { describe, expect, test } from 'vitest';
import cardTotals from '../../examples/card-totals.ts';
import { runPipeline } from '../../functions/index.ts';
import { alertsOf, payments } from './card-alerts.ts';

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

describe('the cards of the example', () => {
  const given = payments(2_000);

  test.each([{ eventsPerBatch: 2_000 }, { eventsPerBatch: 150 }, { eventsPerBatch: 40 }])(
    'are those of a direct computation, $eventsPerBatch payments a batch',
    ({ eventsPerBatch }) => {
      const { results, late, deadLetters } = runPipeline(cardTotals, { events: given, eventsPerBatch });
      expect({ late, deadLetters }).toEqual({ late: [], deadLetters: [] });
      expect(sorted(results)).toEqual(sorted(alertsOf(given)));
    },
  );

  test('are some of the cards, each for a while', () => {
    const rows = alertsOf(given) as { card: string }[];
    const cards = Map.groupBy(rows, ({ card }) => card);
    expect(cards.size).toBeGreaterThan(3);
    expect(cards.size).toBeLessThan(new Set(given.map(({ card }) => card)).size);
    expect(rows.length).toBeGreaterThan(100);
  });

  test('are told from the first five minutes on in which the last hour is above 1,000', () => {
    const payment = (at: string, amount: number) => ({ at: `2026-03-01T${at}:00Z`, card: '4711', amount });
    const { results } = runPipeline(cardTotals, {
      events: [payment('09:02', 600), payment('09:50', 400), payment('09:58', 1)],
    });
    expect(results).toEqual([
      {
        card: '4711',
        windowStart: '2026-03-01T09:00:00.000Z',
        windowEnd: '2026-03-01T10:00:00.000Z',
        payments: 3,
        total: 1_001,
      },
    ]);
  });
});
