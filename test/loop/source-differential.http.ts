/**
 * The source against what was put, over HTTP: programs of puts, splits, merges, scalings, stops and restarts, by either
 * consumer type and from one to the other, from each starting position. The same on simulated services, by the thousand:
 * test/simulation/source-differential.simulation.ts.
 */
import { describe, expect, test, vi } from 'vitest';
import { drawProgram, type Program, startKinds } from '../support/source-program.ts';
import { type Outcome, type Row, runProgram } from '../support/source-run.ts';
import { useWorld } from '../support/use-world.ts';

// Most of a program is waiting: for servers, and for five seconds between subscriptions.
// All begin at once, so each takes as long as all.
vi.setConfig({ maxConcurrency: 20, testTimeout: 300_000 });

const world = useWorld();
const programs = Array.from({ length: 20 }, (_, seed) => drawProgram(seed + 1));
const outcomes: Outcome[] = [];

describe.concurrent('each event once, each key in order', () => {
  test.each(programs)('by the program of seed $seed', async (program) => {
    try {
      const outcome = await runProgram(world, program);
      expect(sorted(outcome.rows)).toEqual(sorted(outcome.expected));
      expect(byKey(outcome.rows)).toEqual(byKey(outcome.expected));
      expect(outcome.chain.flatMap(({ dataLoss }) => dataLoss)).toEqual([]);
      outcomes.push(outcome);
    } catch (error) {
      throw new Error(`seed ${program.seed}: ${JSON.stringify(program)}`, { cause: error });
    }
  });
});

const sorted = (rows: readonly Row[]) => rows.map(({ id }) => id).toSorted((one, other) => one - other);

function byKey(rows: readonly Row[]): Record<string, number[]> {
  const ids: Record<string, number[]> = {};
  for (const { id, key } of rows) {
    ids[key] ??= [];
    ids[key].push(id);
  }
  return ids;
}

const kindOf = ({ start, perRecord, runs }: Program) =>
  `${start}, ${perRecord > 1 ? 'aggregated' : 'plain'}, ${[...new Set(runs.map((run) => run.consumerType))].sort()}`;

test('all starts were made, by either consumer type, aggregated and not; executions died, and shards were many', () => {
  const once = ['GetRecords', 'SubscribeToShard'].flatMap((type) => [`aggregated, ${type}`, `plain, ${type}`]);
  const expected = startKinds.flatMap((start) => once.map((kind) => `${start}, ${kind}`));
  const seen = programs.map(kindOf);
  expect(seen).toEqual(expect.arrayContaining(expected));
  expect(seen.filter((kind) => kind.endsWith('GetRecords,SubscribeToShard')).length).toBe(startKinds.length);

  expect(outcomes.length).toBe(programs.length);
  const total = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  expect(total(({ kills }) => kills)).toBeGreaterThan(5);
  expect(total(({ repeats }) => repeats)).toBeGreaterThan(0);
  expect(total(({ rows }) => rows.length)).toBeGreaterThan(500);
  expect(total(({ shards }) => shards)).toBeGreaterThan(120);
  const types = new Set(outcomes.flatMap(({ chain }) => chain.map(({ consumerType }) => consumerType)));
  expect(types).toEqual(new Set(['GetRecords', 'SubscribeToShard']));
});
