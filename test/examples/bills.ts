/** Reports for `examples/usage-billing.ts`, and the bills that they come to, straight from the list. */

export type Usage = { readonly at: string; readonly account: string; readonly units: number };

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const start = Date.UTC(2026, 2, 27);

/** One each ten minutes, of 7 accounts; most come within the hour, and every fourth up to six days late. */
export function usage(count: number): Usage[] {
  return Array.from({ length: count }, (_, at) => {
    const waited = at % 4 === 3 ? ((at * 7_919) % 144) * hourMs : ((at * 104_729) % 50) * minuteMs;
    return {
      at: new Date(start + at * 10 * minuteMs - waited).toISOString(),
      account: `account-${((at * at) % 101) % 7}`,
      units: ((at * 7_919) % 37) + 1,
    };
  });
}

/** Of all reports, when none is too late. */
export function billsOf(given: readonly Usage[]): unknown[] {
  return [...Map.groupBy(given, ({ at, account }) => `${account} ${dayOf(Date.parse(at))}`).values()].map((own) => {
    const { account, at } = own[0]!;
    const day = dayOf(Date.parse(at));
    const [windowStart, windowEnd] = [day, day + 1].map((each) => new Date(midnightOf(each)).toISOString());
    const units = own.reduce((sum, report) => sum + report.units, 0);
    return { account, windowStart, windowEnd, reports: own.length, units, cents: units > 100 ? (units - 100) * 3 : 0 };
  });
}

/** In Berlin, since 1970. */
const dayOf = (time: number): number => Math.floor((time + hoursAhead(time) * hourMs) / dayMs);

/** Clocks were put forward on 29 March 2026, at 01:00 UTC; nothing here is as late as autumn. */
const hoursAhead = (time: number): number => (time < Date.UTC(2026, 2, 29, 1) ? 1 : 2);

const midnightOf = (day: number): number => day * dayMs - (day * dayMs <= Date.UTC(2026, 2, 29) ? 1 : 2) * hourMs;
