/**
 * `dropDuplicates` over 1,000,000 events of 300,000 ids on 4 shards, with crashes: what passes is what a direct computation lets pass.
 *
 *   npm run million-duplicates [events] [ids]
 */
import * as z from 'zod';
import { json, kinesis, pipeline, runPipeline } from '../../functions/index.ts';
import { DirectPassing } from '../windows/direct-passing.ts';

type Event = { readonly id: number; readonly at: number; readonly number: number };

const [events = 1_000_000, ids = 300_000] = process.argv.slice(2).map(Number);
const shards = 4;
const perBatch = 25_000;
const withinMs = 60_000;

let seed = 1;
const next = (below: number): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
};

/** An id comes again some events later, mostly with the time that it had; some have another, and some come when they are forgotten. */
function drawn(): readonly Event[] {
  const times = new Map<number, number>();
  return Array.from({ length: events }, (_, number) => {
    const around = Math.floor((number / events) * ids);
    const isOld = next(200) === 0;
    const id = isOld ? next(around + 1) : Math.min(ids - 1, Math.max(0, around + 1_000 - next(2_000)));
    const now = number * 2 - next(5_000);
    const at = isOld || next(20) === 0 ? now : (times.get(id) ?? now);
    times.set(id, at);
    return { id, at, number };
  });
}

const once = pipeline('once')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ id: z.number(), at: z.number(), number: z.number() })))
  .withWatermark(({ at }) => at, { delay: '10 seconds' })
  .dropDuplicates({ id: ({ id }) => id }, { within: `${withinMs} milliseconds` as '1 minute' })
  .map(({ number }) => number)
  .writeStream(kinesis({ streamName: 'out' }));

const all = drawn();
const batches = Array.from({ length: Math.ceil(events / perBatch) }, (_, at) =>
  all.slice(at * perBatch, (at + 1) * perBatch),
);
const turns = batches.flatMap((batch, at) => [...(at % 5 === 4 ? [{ crash: 'reducing' } as const] : []), batch]);
const begun = performance.now();
const results = runPipeline(once, { batches: turns, shards, parallelism: 4 }).filter(
  (_, turn) => !('crash' in turns[turn]!),
);
const ms = performance.now() - begun;

const direct = new DirectPassing<Event>({
  ...{ keyOf: ({ id }) => String(id), timeOf: ({ at }) => at, withinMs },
  compare: (one, other) => one.number - other.number,
});
const counts = { passed: 0, duplicates: 0, late: 0 };
let watermark: number | null = null;
for (const [at, batch] of batches.entries()) {
  const right = direct.batch(batch, watermark);
  const { results: passed, late, watermark: after } = results[at]!;
  const told = passed.toSorted((one, other) => one - other);
  const expected = right.passed.map(({ number }) => number).toSorted((one, other) => one - other);
  if (told.join() !== expected.join() || late.length !== right.late.length)
    throw new Error(
      `batch ${at} lets pass ${told.length} events, with ${late.length} late; expected ${expected.length}, ${right.late.length}`,
    );
  counts.passed += right.passed.length;
  counts.duplicates += right.duplicates.length;
  counts.late += right.late.length;
  watermark = after?.getTime() ?? null;
}
const kept = direct.keptAt(watermark ?? Number.NEGATIVE_INFINITY).length;
const differentIds = new Set(all.map(({ id }) => id)).size;
if (kept !== results.at(-1)!.open.length)
  throw new Error(`${results.at(-1)!.open.length} keys are known; expected ${kept}`);
process.stdout.write(
  `${events} events of ${differentIds} ids: ${JSON.stringify(counts)}, ${kept} known in the end; ${(ms / 1000).toFixed(1)} s\n`,
);
