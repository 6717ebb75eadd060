/** A small windowed pipeline with several batches, and what must come out of it. */
import * as z from 'zod';
import { avg, count, json, kinesis, max, min, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { TestEvent } from './world.ts';

export type Departure = { readonly at: string; readonly origin: string; readonly delay: number };

const origins = ['ATL', 'ORD', 'DFW', 'LAX', 'PHX'];

/** In time order, an event every two minutes, spread over the shards by origin. */
export function departures(count: number, start = Date.UTC(2001, 0, 1)): TestEvent[] {
  return Array.from({ length: count }, (_, at) => {
    const origin = origins[(at * 7) % origins.length]!;
    return {
      key: origin,
      data: { at: new Date(start + at * 120_000).toISOString(), origin, delay: ((at * 37) % 61) - 20 + 0.1 },
    };
  });
}

export function departuresPipeline(
  name: string,
  streams: { readonly source: string; readonly sink: string },
  options: {
    readonly maxFetchRecordsPerShard?: number;
    readonly parallelism?: number;
    readonly shardsPerTask?: number;
  } = {},
): Pipeline {
  const { maxFetchRecordsPerShard = 10_000, parallelism = 1, shardsPerTask = 25 } = options;
  return requirePipeline(
    pipeline(name, { parallelism, shardsPerTask })
      .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON', maxFetchRecordsPerShard }))
      .decode(json(z.object({ at: z.string(), origin: z.string(), delay: z.number() })))
      .withWatermark((event) => event.at, { delay: '30 minutes' })
      .groupBy({ origin: (event) => event.origin })
      .window(tumbling('1 hour'))
      .aggregate({
        departures: count(),
        total: sum((event) => event.delay),
        least: min((event) => event.delay),
        most: max((event) => event.delay),
        mean: avg((event) => event.delay),
      })
      .writeStream(kinesis({ streamName: streams.sink })),
  );
}

/** Counted directly, without anything of the engine but the ISO times. */
export function expectedDepartures(
  events: readonly TestEvent[],
): Map<string, { departures: number; least: number; most: number }> {
  const expected = new Map<string, { departures: number; least: number; most: number }>();
  for (const { data } of events) {
    const { at, origin, delay } = data as Departure;
    const key = `${origin} ${at.slice(0, 13)}:00:00.000Z`;
    const found = expected.get(key);
    expected.set(key, {
      departures: (found?.departures ?? 0) + 1,
      least: Math.min(found?.least ?? Infinity, delay),
      most: Math.max(found?.most ?? -Infinity, delay),
    });
  }
  return expected;
}

/** Outputs by origin and hour; throws on two results for one window. */
export function resultsOf(
  outputs: readonly string[],
): Map<string, { departures: number; least: number; most: number }> {
  const results = new Map<string, { departures: number; least: number; most: number }>();
  for (const output of outputs) {
    const { origin, windowStart, departures, least, most } = JSON.parse(output);
    const key = `${origin} ${windowStart}`;
    if (results.has(key)) throw new Error(`two results for ${key}`);
    results.set(key, { departures, least, most });
  }
  return results;
}
