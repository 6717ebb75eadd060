/** Payments for `examples/card-totals.ts`, and the rows that they are, straight from the list. */

export type Payment = { readonly at: string; readonly card: string; readonly amount: number };

const minuteMs = 60_000;
const start = Date.UTC(2026, 2, 1, 9);

/** One each 20 seconds, of 31 cards, out of order by up to 4 minutes. Whole amounts: a sum in any order is the same. */
export function payments(count: number): Payment[] {
  return Array.from({ length: count }, (_, at) => ({
    at: new Date(start + at * 20_000 - ((at * 7_919) % 5) * minuteMs).toISOString(),
    card: `card-${((at * at) % 101) % 31}`,
    amount: ((at * 7_919) % 397) + 3,
  }));
}

/** All that there are, when nothing is late. */
export function alertsOf(given: readonly Payment[]): unknown[] {
  const rows: unknown[] = [];
  for (const [card, own] of Map.groupBy(given, (payment) => payment.card)) {
    const times = own.map(({ at }) => Date.parse(at));
    const firstEnd = Math.floor(Math.min(...times) / (5 * minuteMs)) * 5 * minuteMs;
    for (let end = firstEnd; end <= Math.max(...times) + 60 * minuteMs; end += 5 * minuteMs) {
      const lastHour = own.filter((_, at) => times[at]! >= end - 60 * minuteMs && times[at]! < end);
      const total = lastHour.reduce((sum, { amount }) => sum + amount, 0);
      if (total <= 1_000) continue;
      const [windowStart, windowEnd] = [end - 60 * minuteMs, end].map((time) => new Date(time).toISOString());
      rows.push({ card, windowStart, windowEnd, payments: lastHour.length, total });
    }
  }
  return rows;
}
