/**
 * Sliding windows of a day by the minute beside tumbling ones of a minute, over the same 100,000 events of 50 keys: CPU of executor
 * and reduce for each row. What it takes to load and save a state is not in it.
 *
 *   npm run bench:sliding -- [minutes a batch]
 */
import * as z from 'zod';
import { count, json, kinesis, pipeline, sliding, sum, tumbling } from '../functions/index.ts';
import { requirePipeline } from '../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../functions/pipeline/pipeline.ts';
import { runByTheMinute } from './day-by-the-minute.ts';

const minutesABatch = Number(process.argv[2] ?? 10);

const countedIn = (window: ReturnType<typeof tumbling> | ReturnType<typeof sliding>) =>
  requirePipeline(
    pipeline('bench')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })))
      .withWatermark((event) => event.at, { delay: '0 seconds', maxFutureTime: '10000 days' })
      .groupBy({ key: (event) => event.key })
      .window(window)
      .aggregate({ events: count(), total: sum((event) => event.value) })
      .writeStream(kinesis({ streamName: 'out' })),
  ) as Pipeline & { readonly aggregation: Aggregation };

const pipelines = {
  "tumbling('1 minute')": countedIn(tumbling('1 minute')),
  "sliding('24 hours', '1 minute')": countedIn(sliding('24 hours', '1 minute')),
};

for (let round = 0; round < 3; round++) {
  for (const [name, given] of Object.entries(pipelines)) {
    const { executorMs, reduceMs, rows, events } = runByTheMinute(given, { minutesABatch });
    const perRow = ((executorMs + reduceMs) * 1_000) / rows;
    process.stdout.write(
      `${name.padEnd(32)} ${rows} rows, ${perRow.toFixed(1)} µs a row (reduce ${((reduceMs * 1_000) / rows).toFixed(1)}); executor ${((executorMs * 1_000) / events).toFixed(1)} µs an event\n`,
    );
  }
}
