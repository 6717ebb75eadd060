/** What is written in one file keeps the contract, and is computed by the engine as it is by hand. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PipelineDefinition, runPipeline } from '../../functions/index.ts';
import { aggregateContract } from '../aggregates/aggregate-contract.ts';
import { windowContract } from '../windows/window-contract.ts';
import { hoppingKind } from './hopping.ts';
import { longestKind } from './longest.ts';
import { toyPipeline, type Visit } from './toy-pipeline.ts';

const longest = longestKind.read('longest', { selector: () => null }, [])!.fn;
aggregateContract('longest (a toy)', longest, fc.oneof(fc.string(), fc.constant(null)));
const size = fc.integer({ min: 1, max: 86_400_000 });
windowContract(
  hoppingKind,
  fc.tuple(size, fc.integer({ min: 1, max: 20 })).map(([everyMs, windows]) => ({ everyMs, sizeMs: everyMs * windows })),
);

const visit: fc.Arbitrary<Visit> = fc.record({
  at: fc.integer({ min: -60, max: 60 }),
  user: fc.constantFrom('a', 'b', 'c'),
  page: fc.constantFrom('/', '/a', '/b', '/about'),
});
const visits = fc.array(visit, { maxLength: 40 });
const perBatch = fc.integer({ min: 1, max: 40 });
const iso = (time: number): string => new Date(time).toISOString();
const byUser = (given: readonly Visit[]) => Map.groupBy(given, ({ user }) => user);

/** Nothing is late: the order of events is that of their times. */
const inOrder = (given: readonly Visit[]): Visit[] => given.toSorted((one, other) => one.at - other.at);
const rowsOf = (rows: readonly { readonly windowStart: string; readonly user: string }[]) =>
  rows.toSorted((one, other) => (`${one.windowStart} ${one.user}` < `${other.windowStart} ${other.user}` ? -1 : 1));

it('an event is counted in each of its windows', () => {
  const definition = toyPipeline({ source: 'in', sink: 'out' });
  fc.assert(
    fc.property(visits, perBatch, (given, eventsPerBatch) => {
      const expected = [...byUser(given)].flatMap(([user, own]) =>
        [-80, -70, -60, -50, -40, -30, -20, -10, 0, 10, 20, 30, 40, 50, 60].flatMap((start) => {
          const inside = own.filter(({ at }) => start <= at && at < start + 20);
          if (inside.length === 0) return [];
          const pages = [...new Set(inside.map(({ page }) => page))].sort();
          const most = Math.max(...pages.map(({ length }) => length));
          return [
            {
              user,
              windowStart: iso(start),
              windowEnd: iso(start + 20),
              visits: inside.length,
              longest: pages.find(({ length }) => length === most)!,
              pages,
            },
          ];
        }),
      );
      const { results, late, deadLetters } = runPipeline(definition, { events: inOrder(given), eventsPerBatch });
      expect({ late, deadLetters }).toEqual({ late: [], deadLetters: [] });
      expect(rowsOf(results)).toEqual(rowsOf(expected));
    }),
  );
});

it('an event is late where all of its windows have closed, and else counts in those that have not', () => {
  const at = (time: number): Visit => ({ at: time, user: 'a', page: '/' });
  // The watermark is 24 after the first, 5 behind it: [0, 20) has closed, [10, 30) has not.
  const { results, late } = runPipeline(toyPipeline({ source: 'in', sink: 'out' }), {
    events: [at(29), at(15), at(9)],
    eventsPerBatch: 1,
  });
  expect(late).toEqual([at(9)]);
  expect(results.map(({ windowStart, visits: count }) => [Date.parse(windowStart), count])).toEqual([
    [10, 2],
    [20, 1],
  ]);
});

it('are unknown to whoever did not register them', () => {
  const { kinds: _, ...alone } = toyPipeline({ source: 'in', sink: 'out' }) as PipelineDefinition & { kinds: unknown };
  expect(() => runPipeline(alone, { events: [] })).toThrow(
    "window: an object is not allowed; use tumbling('1 hour'), sliding('1 hour', '5 minutes'), session('30 minutes'), globalWindow({ ttl: '30 days' }) or perMicroBatch()",
  );
});
