/** The pipelines of the simulation. Each deployment is another version of the code, whose rows say which one made them. */
import * as z from 'zod';
import {
  aggregate,
  avg,
  collect,
  count,
  countDistinct,
  first,
  json,
  kinesis,
  last,
  min,
  perMicroBatch,
  pipeline,
  sliding,
  sum,
  tumbling,
  variance,
} from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import type { Duration } from '../../../functions/pipeline/duration.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { deadlyRowKey, isDeadly } from './deadly-code.ts';
import { withFurther } from './further-output.ts';
import { filteredKey, misbehave, unwelcomeFields } from './odd-values.ts';
import { givenConsumerName, maxFutureMs, type Scenario, sinkName, sourceName } from './scenario.ts';
import { consumerTypeOf } from './sources.ts';

export type SimulatedEvent = {
  readonly id: number;
  readonly key: string;
  readonly at: number;
  readonly value: number;
  /** Of so many bytes is what is made of it. */
  readonly pad?: number | undefined;
  /** What user code does with it. */
  readonly boom?: string | undefined;
};

export const filteredValue = -1;
export const poisonKey = 'poison';

const aggregates = {
  events: count(),
  total: sum((event: SimulatedEvent) => event.value),
  least: min((event: SimulatedEvent) => event.value),
  /** What `max` computes, as an aggregate of the user's own. */
  most: aggregate({
    name: 'most',
    version: 1,
    empty: () => null as number | null,
    add: (most, { value }: SimulatedEvent) => (most === null || value > most ? value : most),
    merge: (one, other) => (one === null || (other !== null && other > one) ? other : one),
    result: (most) => most,
  }),
  mean: avg((event: SimulatedEvent) => event.value),
};

/** Values that are kept at most, of `moreAggregates`. */
export const keptValues = 3;
/** Ids are different, `id` modulo this are few. */
export const fewValues = 5;
const moreAggregates = {
  ...aggregates,
  first: first((event: SimulatedEvent) => event.id),
  last: last((event: SimulatedEvent) => event.id),
  list: collect((event: SimulatedEvent) => event.id, { limit: keptValues }),
  spread: variance((event: SimulatedEvent) => event.value, { of: 'population' }),
  few: countDistinct((event: SimulatedEvent) => event.id % fewValues),
  ids: countDistinct((event: SimulatedEvent) => event.id, { exactUpTo: keptValues, precision: 16 }),
};

/** Takes what else an event brings, too. */
const looseSchema = z.looseObject({
  id: z.number(),
  key: z.union([z.string(), z.number()]),
  at: z.number(),
  value: z.number(),
  boom: z.string().optional(),
  pad: z.number().optional(),
});
const schema = z.object({
  id: z.number(),
  key: z.string(),
  at: z.number(),
  value: z.number(),
  pad: z.number().optional(),
});

export function pipelineOf(
  scenario: Scenario,
  { version, acceptsLoss }: { readonly version: number; readonly acceptsLoss: boolean },
  startTime: number,
  /** What user code does to whoever runs it. */
  onDeadly: (event?: SimulatedEvent) => void = () => {},
  onRow: () => void = () => {},
): Pipeline {
  const { parallelism, shardsPerTask, minBatchesToRetain, startingPosition } = scenario;
  const start =
    startingPosition === 'AT_TIMESTAMP'
      ? (`AT_TIMESTAMP ${new Date(startTime).toISOString()}` as never)
      : startingPosition;
  const events = pipeline('sim', { parallelism, shardsPerTask, minBatchesToRetain })
    .readStream(
      kinesis({
        streamName: sourceName,
        startingPosition: start,
        describeShardInterval: spanOf(scenario.describeMs),
        maxFetchRecordsPerShard: scenario.maxFetch,
        failOnDataLoss: scenario.failOnDataLoss && !acceptsLoss,
        consumerType: consumerTypeOf(scenario, version),
        ...(scenario.hasGivenConsumer ? { subscribeToShard: { consumerArn: givenConsumerArn(startTime) } } : {}),
      }),
    )
    .decode(
      json(
        scenario.oddValues === undefined
          ? (schema as z.ZodType<SimulatedEvent>)
          : (looseSchema as z.ZodType as z.ZodType<SimulatedEvent>),
      ),
    )
    .filter((event, meta) => {
      if (scenario.deadly !== undefined && isDeadly(event)) onDeadly(event);
      if (scenario.oddValues !== undefined) misbehave(event, meta);
      return event.value !== filteredValue;
    });
  /** An event or a row, with what it brings besides. */
  const rest = (value: object): object => (scenario.oddValues === undefined ? {} : { ...value, ...unwelcomeFields });
  const isKept = ({ key }: { readonly key: string }): boolean =>
    scenario.oddValues === undefined || key !== filteredKey;
  const label = (key: string): number => {
    if (key === deadlyRowKey) onDeadly();
    if (scenario.hasPoison && key === poisonKey) throw new Error('poison');
    return version;
  };
  const labelOfRow = (key: string): number => {
    onRow();
    return label(key);
  };
  const sink = kinesis<'sink', { readonly key: string }>({ streamName: sinkName });
  const { availableNow, stopWhenIdleMs } = scenario;
  const trigger = {
    every: spanOf(scenario.triggerMs),
    availableNow,
    ...(availableNow || stopWhenIdleMs === undefined ? {} : { stopWhenIdle: spanOf(stopWhenIdleMs) }),
  } as const;
  const computed = scenario.moreAggregates === true ? moreAggregates : aggregates;
  if (scenario.kind === 'map-only') {
    return requirePipeline(
      withFurther(
        events
          .map((event) => {
            if (isEmptyHanded(event)) return undefined as never;
            return {
              ...rest(event),
              id: event.id,
              key: event.key,
              twice: 2 * event.value,
              code: label(event.key),
              ...(event.pad === undefined ? {} : { text: 'x'.repeat(event.pad) }),
            };
          })
          .writeStream(sink),
        scenario,
      ).trigger(trigger),
    );
  }
  if (scenario.kind === 'per-batch') {
    return requirePipeline(
      withFurther(
        events
          .groupBy({ key: (event) => event.key })
          .window(perMicroBatch())
          .aggregate(computed)
          .filter(isKept)
          .map((row) => ({ ...rest(row), ...row, code: labelOfRow(row.key) }))
          .writeStream(sink),
        scenario,
      ).trigger(trigger),
    );
  }
  return requirePipeline(
    withFurther(
      events
        .withWatermark((event) => event.at, {
          delay: spanOf(scenario.delayMs),
          idleTimeout: spanOf(scenario.idleTimeoutMs),
          maxFutureTime: spanOf(maxFutureMs),
        })
        .groupBy({ key: (event) => event.key })
        .window(windowOf(scenario))
        .aggregate(computed)
        .filter(isKept)
        .map((row) => ({ ...rest(row), ...row, code: labelOfRow(row.key) }))
        .writeStream(sink),
      scenario,
    ).trigger(trigger),
  );
}

const givenConsumerArn = (startTime: number): string =>
  `arn:aws:kinesis:us-east-1:000000000000:stream/${sourceName}/consumer/${givenConsumerName}:${Math.floor(startTime / 1000)}`;

const windowOf = ({ windowMs, slideMs }: Scenario) =>
  slideMs === undefined ? tumbling(spanOf(windowMs)) : sliding(spanOf(windowMs), spanOf(slideMs));

const isEmptyHanded = (event: SimulatedEvent): boolean => event.boom === 'returns nothing';

const spanOf = (ms: number): Duration => `${ms} milliseconds` as Duration;
