/** Small checked pipelines for tests of the core. */
import * as z from 'zod';
import {
  avg,
  bytes,
  count,
  json,
  kinesis,
  max,
  min,
  perMicroBatch,
  pipeline,
  sum,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';

export type Reading = {
  readonly at: number;
  readonly key: string | number | boolean | null;
  readonly value: number | null;
};

const reading = z.object({
  at: z.number(),
  key: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  value: z.number().nullable(),
});

const source = (given: { readonly maxFetchRecordsPerShard?: number; readonly failOnDataLoss?: boolean } = {}) =>
  kinesis({ streamName: 'source', startingPosition: 'TRIM_HORIZON', ...given });

type Aggregated = Pipeline & { readonly aggregation: Aggregation };

/** Windows of 10 ms and a delay of 5 ms: times in tests are small numbers. */
export function windowed(
  options: { readonly parallelism?: number; readonly shardsPerTask?: number } = {},
  sourceOptions: Parameters<typeof source>[0] = {},
): Aggregated {
  return requirePipeline(
    pipeline('windowed', options)
      .readStream(source(sourceOptions))
      .decode(json(reading))
      .withWatermark((event) => event.at, {
        delay: '5 milliseconds',
        idleTimeout: '1 second',
        maxFutureTime: '10000 days',
      })
      .groupBy({ key: (event) => event.key })
      .window(tumbling('10 milliseconds'))
      .aggregate({
        events: count(),
        total: sum((event) => event.value),
        least: min((event) => event.value),
        most: max((event) => event.value),
        mean: avg((event) => event.value),
      })
      .writeStream(kinesis({ streamName: 'sink' })),
  ) as Aggregated;
}

export function perBatch(): Aggregated {
  return requirePipeline(
    pipeline('per-batch')
      .readStream(source())
      .decode(json(reading))
      .groupBy({ key: (event) => event.key })
      .window(perMicroBatch())
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'sink' })),
  ) as Aggregated;
}

export function mapped(sourceOptions: Parameters<typeof source>[0] = {}): Pipeline {
  return requirePipeline(
    pipeline('mapped')
      .readStream(source(sourceOptions))
      .decode(json(z.object({ id: z.number() })))
      .filter((event) => event.id >= 0)
      .map((event) => {
        if (event.id === 13) throw new Error('unlucky');
        return { twice: event.id * 2, filler: 'x'.repeat(event.id === 99 ? 1_048_576 : 0) };
      })
      .writeStream(kinesis({ streamName: 'sink' })),
  );
}

export function passedThrough(): Pipeline {
  return requirePipeline(
    pipeline('passed-through')
      .readStream(source())
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'sink' })),
  );
}

export const anyObject = z.record(z.string(), z.unknown());
