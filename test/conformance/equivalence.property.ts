/**
 * Equivalence: whatever comes in which batch, from which shard and in which order, what a pipeline gives out is what a direct
 * computation over the whole input gives, which is told the watermarks of the batches, or what is late could not be compared.
 *
 * A case is drawn as a whole: a window, events of several shards, some out of order or late, cuts into batches, stops from
 * which the run begins anew with what it has saved, key groups, and the order in which blocks are merged.
 */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { count, json, kinesis, max, min, pipeline, runPipeline, sum } from '../../functions/index.ts';
import { Random } from '../simulation/random.ts';
import { directly, type Given, type Row } from './direct-computation.ts';
import { type WindowCase, windowCases } from './window-cases.ts';

const minute = 60_000;
const casesOfTest = 2_500;

type Case = {
  readonly window: WindowCase;
  readonly delayMs: number;
  readonly batches: readonly (readonly Given[] | 'cut' | { readonly watermark: number })[];
  readonly parallelism: number;
  readonly mergeOrder: 'by-task' | 'reversed';
};

describe('10,000 drawn pipelines give out what is computed directly', () => {
  it.each([1, 2_501, 5_001, 7_501])('those from %i on', (first) => {
    const seen = { events: 0, late: 0, batches: 0, cuts: 0, rows: 0 };
    for (let seed = first; seed < first + casesOfTest; seed++) {
      const result = compare(drawCase(new Random(seed)), seed);
      for (const [name, value] of Object.entries(result)) seen[name as keyof typeof seen] += value;
    }
    const averages = Object.entries(seen).map(([name, all]) => `${(all / casesOfTest).toFixed(1)} ${name}`);
    process.stdout.write(
      `a case has ${averages.join(', ')}; ${((100 * seen.late) / seen.events).toFixed(1)} % are late\n`,
    );
    expect(seen.events / casesOfTest).toBeGreaterThan(45);
    expect(seen.late / seen.events).toBeGreaterThan(0.15);
    expect(seen.cuts / casesOfTest).toBeGreaterThan(0.9);
    expect(seen.rows / casesOfTest).toBeGreaterThan(10);
  });
});

function compare({ window, delayMs, batches, parallelism, mergeOrder }: Case, seed: number) {
  const definition = pipeline('equivalence')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ key: z.string(), at: z.number(), value: z.number(), shard: z.string() })))
    .withWatermark((event) => event.at, { delay: `${delayMs} milliseconds` as never })
    .groupBy({ key: (event) => event.key })
    .window(window.window as never)
    .aggregate({
      events: count(),
      total: sum((event) => event.value),
      least: min((event) => event.value),
      most: max((event) => event.value),
    })
    .writeStream(kinesis({ streamName: 'out' }));
  const given = batches.map((batch) => (Array.isArray(batch) ? { shards: byShard(batch) } : batch));
  const results = runPipeline(definition, {
    batches: given as never,
    shards: ['a', 'b', 'c'],
    parallelism,
    mergeOrder,
    closeWindows: true,
  });
  const watermarks = results.map(({ watermark }) => watermark?.getTime() ?? null);
  const right = directly(window, [...batches, 'close'], watermarks);
  for (const [at, { results: rows, late }] of results.entries()) {
    const told = `seed ${seed}, batch ${at} of ${window.name}`;
    expect(late.length, `${told}: late`).toBe(right[at]!.late);
    expect((rows as readonly Row[]).map(textOf).sort(), told).toEqual(right[at]!.rows.map(textOf).sort());
  }
  return {
    events: batches.reduce((sum, batch) => sum + (Array.isArray(batch) ? batch.length : 0), 0),
    late: right.reduce((sum, { late }) => sum + late, 0),
    batches: batches.filter((batch) => batch !== 'cut').length,
    cuts: batches.filter((batch) => batch === 'cut').length,
    rows: right.reduce((sum, { rows }) => sum + rows.length, 0),
  };
}

const textOf = (row: Row): string =>
  [row.key, row.windowStart ?? '', row.windowEnd ?? '', row.events, row.total, row.least, row.most].join(' ');

function byShard(events: readonly Given[]): Readonly<Record<string, readonly Given[]>> {
  return Object.groupBy(events, ({ shard }) => shard) as Readonly<Record<string, readonly Given[]>>;
}

function drawCase(random: Random): Case {
  const window = random.pick(windowCases);
  const keys = random.int(1, 6);
  const spanMs = random.int(2, 40) * minute;
  const delayMs = random.pick([0, 1_000, minute, 5 * minute]);
  // Each shard is somewhere else in event time.
  const skews: Record<string, number> = { a: 0, b: random.int(0, 3) * minute, c: random.int(0, 10) * minute };
  const batches: (Given[] | 'cut' | { watermark: number })[] = [];
  let now = random.int(0, 1_000) * 1_000;
  let least = Number.NEGATIVE_INFINITY;
  for (let left = random.int(2, 5); left > 0; left--) {
    const events = Array.from({ length: random.int(0, 30) }, (): Given => {
      now += random.int(0, Math.ceil(spanMs / 60));
      const shard = random.pick(['a', 'b', 'c']);
      const isStray = random.chance(0.45);
      const at =
        now - skews[shard]! - (isStray ? delayMs + random.int(0, 2 * spanMs) : random.int(0, Math.max(1, delayMs)));
      // Whole seconds often fall on the end of a window.
      return { key: `k${random.int(1, keys)}`, at: wholeSeconds(at, 15), value: random.int(-50, 50) / 4, shard };
    });
    batches.push(events);
    if (random.chance(0.35)) batches.push('cut');
    if (random.chance(0.25)) {
      least = Math.max(least, now - random.int(0, spanMs));
      least = wholeSeconds(least + 10 * spanMs, 30);
      batches.push({ watermark: least });
      now = Math.max(now, least);
    }
  }
  return { window, delayMs, batches, parallelism: random.int(1, 4), mergeOrder: random.pick(['by-task', 'reversed']) };
}

const wholeSeconds = (time: number, seconds: number): number => Math.floor(time / (seconds * 1_000)) * seconds * 1_000;
