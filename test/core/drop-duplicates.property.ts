/**
 * Whatever comes in which batch, from which shard and in which order: what passes `dropDuplicates` is what a direct computation lets pass
 * that is told the batches and their watermarks, and is kept no longer than it says. Batches are decided one after the other, so that it
 * is told how they were cut; within one, neither shards nor key groups nor crashes count.
 */
import { expect, it } from 'vitest';
import * as z from 'zod';
import {
  collect,
  count,
  type Duration,
  json,
  kinesis,
  type PipelineDefinition,
  pipeline,
  runPipeline,
  session,
  sliding,
  tumbling,
} from '../../functions/index.ts';
import { Random } from '../simulation/random.ts';
import { type Bounds, DirectComputation } from '../windows/direct-computation.ts';
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

const isOfEvents = (batch: Batch): batch is readonly Event[] => Array.isArray(batch);

const eventsOf = ({ delayMs }: Case) =>
  pipeline('once')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(event))
    .withWatermark((each) => each.at, { delay: `${delayMs} milliseconds` as Duration });

function runDrawn<Row>(definition: PipelineDefinition<Event, Row>, { batches, parallelism, mergeOrder }: Case) {
  const given = batches.map((batch) => (isOfEvents(batch) ? byShard(batch) : batch));
  return runPipeline(definition, { batches: given as never, shards, parallelism, mergeOrder });
}

const resultsOf = (drawn: Case) =>
  runDrawn(
    eventsOf(drawn)
      .dropDuplicates({ key: (each) => each.key }, { within: `${drawn.withinMs} milliseconds` as '1 day' })
      .writeStream(kinesis({ streamName: 'out' })),
    drawn,
  );

/** Sequence numbers are those of the stream: in the order in which events were put. */
const directOf = ({ withinMs }: Case) =>
  new DirectPassing<Event>({
    ...{ keyOf: ({ key }) => key, timeOf: ({ at }) => at, withinMs },
    compare: (one, other) => one.number - other.number,
  });

const textsOf = (events: readonly unknown[]): readonly string[] =>
  events.map((each) => JSON.stringify(each)).toSorted();

it(`${cases} drawn runs let pass what is computed directly`, () => {
  const seen = { events: 0, passed: 0, duplicates: 0, late: 0, 'decided against an earlier one': 0, crashes: 0 };
  for (let seed = 1; seed <= cases; seed++) {
    const drawn = drawCase(new Random(seed));
    const results = resultsOf(drawn);
    const direct = directOf(drawn);
    let watermark: number | null = null;
    let latest = new Map<string, number>();
    for (const [at, batch] of drawn.batches.entries()) {
      const result = results[at]!;
      const where = `seed ${seed}, batch ${at}`;
      const right = direct.batch(isOfEvents(batch) ? batch : [], watermark);
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

/** In update mode each batch says what it has changed: how many events of each window have passed so far. */
const spans = (...starts: readonly number[]): readonly Bounds[] => starts.map((start) => [start, start + 16]);
const windowsOfCounts = [
  { window: tumbling('16 milliseconds'), windowsOf: (at: number) => spans(at - (at % 16)) },
  { window: session('7 milliseconds'), windowsOf: (at: number): readonly Bounds[] => [[at, at + 7]], merges: true },
  {
    window: sliding('16 milliseconds', '8 milliseconds'),
    windowsOf: (at: number) => spans(at - (at % 8) - 8, at - (at % 8)),
  },
] as const;

it(`${cases} drawn runs count what passes in the windows of its group`, () => {
  const seen = { rows: 0, passed: 0, duplicates: 0 };
  for (let seed = 1; seed <= cases; seed++) {
    const drawn = drawCase(new Random(seed));
    const { window, windowsOf, ...merges } = windowsOfCounts[seed % 3]!;
    const groupOf = ({ key }: Event): string => `g${Number(key.slice(1)) % 2}`;
    const counted = eventsOf(drawn)
      .dropDuplicates(
        { key: (each) => each.key, group: groupOf },
        { within: `${drawn.withinMs} milliseconds` as '1 day' },
      )
      .groupBy({ group: groupOf })
      .window(window as ReturnType<typeof tumbling>)
      .aggregate({ events: count(), numbers: collect((each) => each.number) })
      .writeStream(kinesis({ streamName: 'out' }))
      .outputMode('update');
    const results = runDrawn(counted, drawn);
    const passing = directOf(drawn);
    const windows = new DirectComputation<Event>({
      ...{ keyOf: groupOf, windowsOf: ({ at }) => windowsOf(at), mode: 'update', ...merges },
    });
    let watermark: number | null = null;
    for (const [at, batch] of drawn.batches.entries()) {
      const { passed, duplicates } = passing.batch(isOfEvents(batch) ? batch : [], watermark);
      const after = results[at]!.watermark?.getTime() ?? null;
      const marks = [watermark, after].map((each) => each ?? Number.NEGATIVE_INFINITY);
      const right = windows.batch(passed, { batch: at, watermarkIn: marks[0]!, watermarkOut: marks[1]! });
      // A session that is taken back as it grows has no counts: that is not of interest here.
      const rows = results[at]!.results.filter((row) => row.events !== undefined);
      const told = rows.map((row) => ({
        ...{ group: row.group, start: Date.parse(row.windowStart), events: row.events },
        numbers: row.numbers.values.toSorted((one, other) => one - other),
      }));
      const expected = right.results.map(({ key, window: [start], of }) => ({
        ...{ group: key, start, events: of.length },
        numbers: of.map(({ number }) => number).toSorted((one, other) => one - other),
      }));
      expect(textsOf(told), `seed ${seed}, batch ${at}`).toEqual(textsOf(expected));
      watermark = after;
      seen.rows += expected.length;
      seen.passed += passed.length;
      seen.duplicates += duplicates.length;
    }
  }
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  expect(seen.rows).toBeGreaterThan(cases * 5);
  expect(seen.duplicates).toBeGreaterThan(cases * 2);
});

it('of 20,000 events of 6,000 keys over four shards those pass that are computed directly', () => {
  const random = new Random(7);
  const times = new Map<string, number>();
  const all = Array.from({ length: 20_000 }, (_, number): Event => {
    const key = `k${Math.floor(number * 0.3) + random.int(0, 400)}`;
    const at = random.chance(0.1) ? number - random.int(0, 900) : (times.get(key) ?? number);
    times.set(key, at);
    return { key, at, number, shard: '' };
  });
  const batches = Array.from({ length: 10 }, (_, at) => all.slice(at * 2_000, (at + 1) * 2_000));
  const drawn = { withinMs: 2_000, delayMs: 500, batches, parallelism: 4, mergeOrder: 'reversed' } as const;
  const once = eventsOf(drawn).dropDuplicates({ key: (each) => each.key }, { within: '2 seconds' });
  const results = runPipeline(once.writeStream(kinesis({ streamName: 'out' })), { ...drawn, shards: 4 });
  const direct = directOf(drawn);
  let watermark: number | null = null;
  let passed = 0;
  for (const [at, batch] of batches.entries()) {
    const right = direct.batch(batch, watermark);
    expect(textsOf(results[at]!.results), `batch ${at}`).toEqual(textsOf(right.passed));
    watermark = results[at]!.watermark?.getTime() ?? null;
    passed += right.passed.length;
  }
  expect(passed).toBeGreaterThan(5_000);
  expect(passed).toBeLessThan(8_000);
});
