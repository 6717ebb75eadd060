/** Clicks for `examples/clickstream-sessions.ts`, and the visits that they are, straight from the list. */

export type Click = { readonly at: string; readonly user: string; readonly page: string };

const minuteMs = 60_000;
const gapMs = 30 * minuteMs;
const start = Date.UTC(2026, 2, 1, 9);
const pages = ['/', '/search', '/shoes', '/cart', '/pay'];

/** One each half a minute and a bit, of 29 users, out of order by up to 20 minutes; no user has two at one time. */
export function clicks(count: number): Click[] {
  return Array.from({ length: count }, (_, at) => ({
    at: new Date(start + at * 37_003 - ((at * 7_919) % 20) * minuteMs).toISOString(),
    user: `user-${((at * at) % 101) % 29}`,
    page: pages[(at * 13 + (at % 7)) % pages.length]!,
  }));
}

/** All that there are, when nothing is late. */
export function visitsOf(given: readonly Click[]): unknown[] {
  return [...Map.groupBy(given, ({ user }) => user)].flatMap(([user, own]) => {
    const inOrder = own.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
    const visits: Click[][] = [];
    for (const click of inOrder) {
      const before = visits.at(-1);
      const isTogether = before !== undefined && Date.parse(click.at) < Date.parse(before.at(-1)!.at) + gapMs;
      if (isTogether) before.push(click);
      else visits.push([click]);
    }
    return visits.map((visit) => visitRow(user, visit));
  });
}

function visitRow(user: string, visit: readonly Click[]): unknown {
  const [first, last] = [visit[0]!, visit.at(-1)!];
  return {
    user,
    windowStart: first.at,
    windowEnd: new Date(Date.parse(last.at) + gapMs).toISOString(),
    clicks: visit.length,
    pages: new Set(visit.map(({ page }) => page)).size,
    landedOn: first.page,
    leftFrom: last.page,
    path: { values: visit.slice(0, 20).map(({ page }) => page), truncated: Math.max(0, visit.length - 20) },
  };
}
