/**
 * Whatever comes in which batch, from which shard and in which order: what passes `dropDuplicates` is what a direct computation lets pass
 * that is told the batches and their watermarks, and is kept no longer than it says. Batches are decided one after the other, so that it
 * is told how they were cut; within one, neither shards nor key groups nor crashes count.
 */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { type Duration, json, kinesis, pipeline, runPipeline } from '../../functions/index.ts';
import { Random } from '../simulation/random.ts';
import { DirectPassing } from '../windows/direct-passing.ts';

const event = z.object({ key: z.string(), at: z.number(), number: z.number(), shard: z.string() });
type Event = z.infer<typeof event>;
type Batch = readonly Event[] | 'cut' | { readonly crash: 'reading' | 'reducing' } | { readonly watermark: number };

const shards = ['a', 'b', 'c'];
const cases = 400;

type Case = {
  readonly withinMs: number;
  readonly delayMs: number;
  readonly batches: readonly Batch[];
  readonly parallelism: number;
  readonly mergeOrder: 'by-task' | 'reversed';
};

function drawCase(random: Random): Case {
  const withinMs = random.pick([1, 2, 10, 40, 40, 200, 100_000]);
  const keys = random.int(1, 6);
  let now = 1_000;
  let number = 0;
  let mark = 0;
  const eventsOf = (): readonly Event[] => {
    const drawn = Array.from({ length: random.int(0, 12) }, () => {
      now += random.int(0, 8);
      const at = now - (random.chance(0.4) ? random.int(0, 60) : 0);
      return { key: `k${random.int(1, keys)}`, at, number: 0, shard: random.pick(shards) };
    });
    // As they are put: those of one shard after those of another.
    const inOrder = Object.values(byShard(drawn).shards).flatMap((ofShard) => ofShard ?? []);
    return inOrder.map((each) => ({ ...each, number: ++number }));
  };
  const batches = Array.from({ length: random.int(2, 12) }, (): Batch => {
    if (random.chance(0.1)) return 'cut';
    if (random.chance(0.12)) return { crash: random.pick(['reading', 'reducing']) };
    if (random.chance(0.9)) return eventsOf();
    // Much of what comes behind it is late.
    mark = Math.max(mark, now) + random.int(0, 20);
    return { watermark: mark };
  });
  return {
    ...{ withinMs, batches, delayMs: random.pick([0, 5, 30, 1_000]) },
    ...{ parallelism: random.pick([1, 1, 2, 5]), mergeOrder: random.pick(['by-task', 'reversed']) },
  };
}

const byShard = (events: readonly Event[]) => ({ shards: Object.groupBy(events, ({ shard }) => shard) });

function resultsOf({ withinMs, delayMs, batches, parallelism, mergeOrder }: Case) {
  const once = pipeline('once')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(event))
    .withWatermark((each) => each.at, { delay: `${delayMs} milliseconds` as Duration })
    .dropDuplicates({ key: (each) => each.key }, { within: `${withinMs} milliseconds` as '1 day' })
    .writeStream(kinesis({ streamName: 'out' }));
  const given = batches.map((batch) => (Array.isArray(batch) ? byShard(batch as readonly Event[]) : batch));
  return runPipeline(once, { batches: given as never, shards, parallelism, mergeOrder });
}

const textsOf = (events: readonly unknown[]): readonly string[] =>
  events.map((each) => JSON.stringify(each)).toSorted();

it(`${cases} drawn runs let pass what is computed directly`, () => {
  const seen = { events: 0, passed: 0, duplicates: 0, late: 0, 'decided against an earlier one': 0, crashes: 0 };
  for (let seed = 1; seed <= cases; seed++) {
    const drawn = drawCase(new Random(seed));
    const results = resultsOf(drawn);
    // Sequence numbers are those of the stream: in the order in which events were put.
    const direct = new DirectPassing<Event>({
      ...{ keyOf: ({ key }) => key, timeOf: ({ at }) => at, withinMs: drawn.withinMs },
      compare: (one, other) => one.number - other.number,
    });
    let watermark: number | null = null;
    let latest = new Map<string, number>();
    for (const [at, batch] of drawn.batches.entries()) {
      const result = results[at]!;
      const where = `seed ${seed}, batch ${at}`;
      const right = direct.batch(Array.isArray(batch) ? (batch as readonly Event[]) : [], watermark);
      expect(textsOf(result.results), `${where}: passed`).toEqual(textsOf(right.passed));
      expect(textsOf(result.late), `${where}: late`).toEqual(textsOf(right.late));
      watermark = result.watermark?.getTime() ?? null;
      const kept = result.open.map(({ key }) => String(key)).toSorted();
      expect(kept, `${where}: kept`).toEqual(direct.keptAt(watermark ?? Number.NEGATIVE_INFINITY).toSorted());
      seen.passed += right.passed.length;
      seen.duplicates += right.duplicates.length;
      seen.late += right.late.length;
      seen.events += right.passed.length + right.duplicates.length + right.late.length;
      seen['decided against an earlier one'] += right.duplicates.filter(
        ({ key, at: time }) => time < (latest.get(key) ?? time),
      ).length;
      latest = new Map([...latest, ...right.passed.map(({ key, at: time }) => [key, time] as const)]);
      if (typeof batch === 'object' && 'crash' in batch) seen.crashes += 1;
    }
  }
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  expect(seen.passed).toBeGreaterThan(cases * 5);
  expect(seen.duplicates).toBeGreaterThan(cases * 2);
  expect(seen.late).toBeGreaterThan(cases);
  expect(seen['decided against an earlier one']).toBeGreaterThan(cases / 10);
  expect(seen.crashes).toBeGreaterThan(cases / 10);
});
