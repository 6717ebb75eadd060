/** Payments for `examples/card-totals.ts` and `examples/fraud.ts`, and the rows that they are, straight from the list. */

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

/** Those, and of every sixth a reversal, with its time: at once, or up to five hours later. */
export function paymentsAndReversals(count: number): Payment[] {
  const all = payments(count).map((payment, at) => ({ payment, place: at }));
  const reversals = all
    .filter(({ place }) => place % 6 === 5)
    .map(({ payment, place }) => {
      return { payment: { ...payment, amount: -payment.amount }, place: place + 0.5 + ((place * 7_919) % 900) };
    });
  return [...all, ...reversals].toSorted((one, other) => one.place - other.place).map(({ payment }) => payment);
}

/** All that there are, when nothing is late. */
export function alertsOf(given: readonly Payment[], everyMinutes = 5): unknown[] {
  const rows: unknown[] = [];
  const everyMs = everyMinutes * minuteMs;
  for (const [card, own] of Map.groupBy(given, (payment) => payment.card)) {
    const times = own.map(({ at }) => Date.parse(at));
    const firstEnd = Math.floor(Math.min(...times) / everyMs) * everyMs;
    for (let end = firstEnd; end <= Math.max(...times) + 60 * minuteMs; end += everyMs) {
      const lastHour = own.filter((_, at) => times[at]! >= end - 60 * minuteMs && times[at]! < end);
      const total = lastHour.reduce((sum, { amount }) => sum + amount, 0);
      if (total <= 1_000) continue;
      const [windowStart, windowEnd] = [end - 60 * minuteMs, end].map((time) => new Date(time).toISOString());
      const paid = lastHour.filter(({ amount }) => amount > 0).length;
      rows.push({ card, windowStart, windowEnd, payments: 2 * paid - lastHour.length, total });
    }
  }
  return rows;
}
