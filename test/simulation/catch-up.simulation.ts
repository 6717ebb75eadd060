/** How much of what Kinesis gives out a pipeline reads that is far behind: 2 MB a second and shard. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { pipelineName } from './checks/stored.ts';
import { type Backlog, catchUp, quotaUsed } from './world/backlog.ts';
import { sinkName, sourceName } from './world/scenario.ts';

const counts = requirePipeline(
  pipeline(pipelineName)
    .readStream(kinesis({ streamName: sourceName, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(z.object({ at: z.string() })))
    .withWatermark((event) => event.at, { delay: '1 minute' })
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(tumbling('1 minute'))
    .aggregate({ n: count() })
    .writeStream(kinesis({ streamName: sinkName })),
);

const million = 1_000_000;

it.each<[string, Backlog]>([
  [
    'of small records, 10,000 an answer',
    { shards: 8, eventsPerShard: million / 4, eventsPerRecord: 5, eventBytes: 180 },
  ],
  [
    'of large ones, 10 MiB an answer',
    { shards: 8, eventsPerShard: million / 4, eventsPerRecord: 100, eventBytes: 300 },
  ],
])('2,000,000 aggregated events on 8 shards, %s, are read with 95 % of the quota', async (_, backlog) => {
  const { pages, batches, refused, warnings, executors, end } = await catchUp(1, counts, backlog);
  const used = quotaUsed(pages);
  process.stdout.write(`${(used * 100).toFixed(1)} % of the quota in ${batches} batches, ${executors} executors\n`);
  expect(end).toBe('SUCCEEDED');
  expect(used).toBeGreaterThanOrEqual(0.95);
  // Every turn reads something, but for the first and the last of each shard.
  expect(executors).toBeLessThanOrEqual((batches + 1) * backlog.shards);
  expect(refused).toBe(0);
  expect(warnings).toEqual([]);
});
