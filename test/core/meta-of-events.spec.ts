/** Metadata is made where anything could see it, and only there. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { needsMeta } from '../../functions/core/meta-of-events.ts';
import { count, type EventMeta, first, json, kinesis, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';

type Event = { readonly at: number; readonly key: string; readonly value: number };
const source = pipeline('events')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })));
const late = { delay: '1 second' } as const;
const timed = source.withWatermark(({ at }) => at, late);
const sink = kinesis({ streamName: 'out' });
const window = tumbling('1 minute');
const grouped = timed.groupBy({ key: ({ key }) => key }).window(window);
const counted = (events: typeof timed) =>
  events
    .groupBy({ key: ({ key }) => key })
    .window(window)
    .aggregate({ events: count() })
    .writeStream(sink);
const keyOf = ({ key }: Event) => key;
const once = timed
  .dropDuplicates({ key: keyOf, at: ({ at }) => at }, { within: '1 minute' })
  .groupBy({ key: keyOf })
  .window(window)
  .aggregate({ events: count() })
  .writeStream(sink);
const copied = kinesis({ streamName: 'copied' });
const both = timed.writeStream(sink);
const shardOf = (_: unknown, { shardId }: EventMeta) => shardId;

describe('metadata of events', () => {
  it.each<[string, unknown]>([
    ['a filter', counted(timed.filter((_, { subSequenceNumber }) => subSequenceNumber === 0))],
    ['a map', counted(timed.map((event: Event, { subSequenceNumber }) => ({ ...event, value: subSequenceNumber })))],
    ['a flatMap', counted(timed.flatMap((event: Event, meta) => [{ ...event, key: meta.partitionKey }]))],
    ['event times', counted(source.withWatermark((_, { arrivalTime }) => arrivalTime, late))],
    ['a key', timed.groupBy({ shard: shardOf }).window(window).aggregate({ events: count() }).writeStream(sink)],
    ['an aggregate', grouped.aggregate({ total: sum((_, meta) => meta.subSequenceNumber) }).writeStream(sink)],
    ['an aggregate whose order counts', grouped.aggregate({ first: first(({ value }) => value) }).writeStream(sink)],
    ['what keeps duplicates out', once],
    ['a filter before what is sent', timed.filter((_, { shardId }) => shardId !== '').writeStream(sink)],
    [
      'the map of an output',
      both.writeStream(copied, { name: 'copied', map: (event, { shardId }) => ({ ...event, shardId }) }),
    ],
    [
      'the filter of an output',
      both.writeStream(copied, { name: 'copied', filter: (_, { shardId }) => shardId !== '' }),
    ],
  ])('is made for %s', (_, definition) => expect(needsMeta(requirePipeline(definition))).toBe(true));

  it('is not made where all callbacks take the event alone', () => {
    const definition = counted(timed.filter(({ value }) => value > 0).map((event) => ({ ...event, value: 1 })));
    expect(needsMeta(requirePipeline(definition))).toBe(false);
    expect(needsMeta(requirePipeline(timed.map(({ at }) => ({ at })).writeStream(sink)))).toBe(false);
  });
});
