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
  max,
  min,
  perMicroBatch,
  sum,
  variance,
} from '../../../functions/index.ts';
import type { EventMeta } from '../../../functions/pipeline/callback.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { RowStage, TimedEventStage, WindowedStage } from '../../../functions/pipeline/stages.ts';
import type { TumblingWindow } from '../../../functions/windows/index.ts';
import { pipelineOfSealed } from '../../support/sealed-streams.ts';
import { deadlyRowKey, isDeadly } from './deadly-code.ts';
import { firstSinkOf } from './delivery.ts';
import { elementsOf, rowsOf } from './elements.ts';
import { lateSinkName, withFurther } from './further-output.ts';
import { letterOptions } from './letter-keeping.ts';
import { withLetterOutput } from './letter-output.ts';
import { filteredKey, misbehave, unwelcomeFields } from './odd-values.ts';
import { aggregatesOfVersion } from './other-aggregates.ts';
import type { ReferenceTable } from './reference.ts';
import { isLeftOut, isUnrankable, rankOf } from './row-rules.ts';
import { givenConsumerName, maxFutureMs, type Scenario, sourceName } from './scenario.ts';
import { consumerTypeOf } from './sources.ts';
import { spanOf, windowsIn } from './window-kinds.ts';

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
/** Code throws at it until it is mended. */
export const brokenValue = -2;
/** Of an event that code throws at, and that mended code dies of as a letter. */
export const deadlyLetterValue = -3;
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
const looseSchema = () =>
  z.looseObject({
    id: z.number(),
    key: z.union([z.string(), z.number()]),
    at: z.number(),
    value: z.number(),
    boom: z.string().optional(),
    pad: z.number().optional(),
  });
const schema = () =>
  z.object({
    id: z.number(),
    key: z.string(),
    at: z.number(),
    value: z.number(),
    pad: z.number().optional(),
  });

/** Made anew: what readers learn of its payloads is kept with a schema, and a seed must not know what others have seen. */
function schemaOf({ oddValues, hasOpaqueSchema }: Scenario): z.ZodType<SimulatedEvent> {
  if (oddValues !== undefined) return looseSchema() as z.ZodType as z.ZodType<SimulatedEvent>;
  return (hasOpaqueSchema === true ? z.preprocess((given) => given, schema()) : schema()) as z.ZodType<SimulatedEvent>;
}

export function pipelineOf(
  scenario: Scenario,
  {
    version,
    acceptsLoss,
    isMended = false,
  }: { readonly version: number; readonly acceptsLoss: boolean; readonly isMended?: boolean },
  startTime: number,
  /** What user code does to whoever runs it. */
  onDeadly: (event?: SimulatedEvent) => void = () => {},
  onRow: () => void = () => {},
  reference: ReferenceOfCode = noReference,
): Pipeline {
  const { parallelism, shardsPerTask, minBatchesToRetain, startingPosition } = scenario;
  const start =
    startingPosition === 'AT_TIMESTAMP'
      ? (`AT_TIMESTAMP ${new Date(startTime).toISOString()}` as never)
      : startingPosition;
  const { reference: table } = scenario;
  /** What a callback is given, in two places of each task. */
  const see = (meta: object): number =>
    table === undefined
      ? 0
      : reference.see((meta as { readonly references?: { readonly table?: ReferenceTable } }).references?.table);
  const told = (meta: object): object => (table === undefined ? {} : { reference: see(meta) });
  const newAggregates = scenario.otherAggregates === true ? 'start-empty' : 'refuse';
  const stream = pipelineOfSealed('sim', {
    ...{ parallelism, shardsPerTask, minBatchesToRetain, newAggregates },
    ...letterOptions(scenario),
  })
    .readStream(
      kinesis({
        streamName: sourceName,
        startingPosition: start,
        describeShardInterval: spanOf(scenario.describeMs),
        maxFetchRecordsPerShard: scenario.maxFetch,
        failOnDataLoss: scenario.failOnDataLoss && !acceptsLoss,
        consumerType: consumerTypeOf(scenario, version),
        deduplicate: scenario.deduplicates === true,
        ...(scenario.hasGivenConsumer ? { subscribeToShard: { consumerArn: givenConsumerArn(startTime) } } : {}),
      }),
    )
    .decode(json(schemaOf(scenario)));
  const equipped =
    table === undefined
      ? stream
      : (stream.withReference('table', reference.load, {
          every: spanOf(table.everyMs),
          staleAfter: spanOf(table.staleAfterMs),
          version: ({ version: ofTable }) => String(ofTable),
        }) as unknown as typeof stream);
  const passes = (event: SimulatedEvent, meta?: EventMeta): boolean => {
    if (meta !== undefined) see(meta);
    if (scenario.deadly !== undefined && isDeadly(event)) onDeadly(event);
    if (scenario.oddValues !== undefined) misbehave(event, meta!);
    const isDeadlyLetter = scenario.deadlyLetters !== undefined && event.value === deadlyLetterValue;
    if (scenario.brokenShare !== undefined && (event.value === brokenValue || isDeadlyLetter) && !isMended)
      throw new Error('broken');
    if (isDeadlyLetter) onDeadly(event);
    return event.value !== filteredValue;
  };
  // Where no callback takes its meta, the engine makes none.
  const takesMeta = table !== undefined || scenario.oddValues !== undefined;
  const decoded = takesMeta ? equipped.filter(passes) : equipped.filter((event) => passes(event));
  const events = scenario.hasElements === true ? decoded.flatMap(elementsOf) : decoded;
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
  const sink = firstSinkOf(scenario);
  const { availableNow, stopWhenIdleMs } = scenario;
  const trigger = {
    every: spanOf(scenario.triggerMs),
    availableNow,
    ...(availableNow || stopWhenIdleMs === undefined ? {} : { stopWhenIdle: spanOf(stopWhenIdleMs) }),
  } as const;
  const given = scenario.moreAggregates === true ? moreAggregates : aggregates;
  const own = scenario.hasOwnCode === false ? { ...given, most: max(({ value }: SimulatedEvent) => value) } : given;
  const computed = scenario.otherAggregates === true ? aggregatesOfVersion(own, version) : own;
  if (scenario.kind === 'map-only') {
    return requirePipeline(
      withSides(
        events
          .map((event, meta) => {
            if (isEmptyHanded(event)) return undefined as never;
            return {
              ...rest(event),
              ...told(meta),
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
  /** Of those that the window's kind allows. */
  const keys = (scenario.isOneGroup === true ? {} : keysOfEvents) as typeof keysOfEvents;
  const timed = events.withWatermark((event) => event.at, {
    delay: spanOf(scenario.delayMs),
    idleTimeout: spanOf(scenario.idleTimeoutMs),
    maxFutureTime: spanOf(maxFutureMs),
  });
  const grouped =
    scenario.kind === 'per-batch'
      ? events.groupBy(keys).window(perMicroBatch()).aggregate(computed)
      : scenario.withinMs === undefined
        ? withLateness(
            distinctOf(timed, scenario)
              .groupBy(keys)
              .window(windowsIn(scenario).definition as TumblingWindow),
            scenario,
          ).aggregate(computed)
        : passedOnce(timed, scenario);
  const results = (grouped as RowStage<unknown, Row>).filter(
    (row, meta) => see(meta) >= 0 && isKept(row) && !(scenario.rowRule === 'filtered' && isLeftOut(row.events)),
  );
  const top = version % 2 === 1 ? (scenario.otherTop ?? scenario.top) : scenario.top;
  const first = top === undefined ? results : results.topRows(top.n, { by: ranked, order: top.order, rankAs: 'place' });
  const several = scenario.hasSeveralRows === true ? first.flatMap(rowsOf) : first;
  const rows = (several as RowStage<unknown, Row>).map((row, meta) => {
    if (scenario.rowRule === 'refused' && isLeftOut(row.events)) throw new Error('so many');
    return { ...rest(row), ...row, ...told(meta), code: labelOfRow(row.key) };
  });
  const written = withSides(rows.writeStream(sink), scenario);
  const mode = version % 2 === 1 && scenario.otherMode !== undefined ? scenario.otherMode : scenario.mode;
  return requirePipeline(
    (mode === undefined ? written : written.outputMode(mode as 'update', versionsOf(scenario))).trigger(trigger),
  );
}

function ranked({ events }: Pick<Row, 'events'>): number | null {
  if (isUnrankable(events)) throw new Error('no rank');
  return rankOf(events);
}

const withSides: typeof withFurther = (written, scenario) => withLetterOutput(withFurther(written, scenario), scenario);

/** Events have parts of their keys, as many as there are ids that come for one. */
export const partOf = ({ id }: Pick<SimulatedEvent, 'id'>): number => id % 4;

const distinctOf = (
  timed: TimedEventStage<unknown, SimulatedEvent>,
  { distinctMs }: Scenario,
): Pick<TimedEventStage<unknown, SimulatedEvent>, 'groupBy'> =>
  distinctMs === undefined
    ? timed
    : timed.dropDuplicates({ ...keysOfEvents, part: partOf }, { within: spanOf(distinctMs) });

/** As a result of one event. */
function passedOnce(timed: TimedEventStage<unknown, SimulatedEvent>, { withinMs, hasLateOutput }: Scenario) {
  const once = timed.dropDuplicates(keysOfEvents, { within: spanOf(withinMs!) });
  const passed = hasLateOutput === true ? once.sideOutputLate(kinesis({ streamName: lateSinkName })) : once;
  return passed.map(({ id, key, at, value }) => {
    const [windowStart, windowEnd] = [at, at + withinMs!].map((time) => new Date(Math.floor(time)).toISOString());
    return { id, key, windowStart, windowEnd, events: 1, total: value, least: value, most: value, mean: value };
  });
}
/** How code is given it. */
export type ReferenceOfCode = {
  readonly load: () => Promise<ReferenceTable>;
  readonly see: (table: ReferenceTable | undefined) => number;
};

const noReference: ReferenceOfCode = {
  load: () => Promise.reject(new Error('there is none')),
  see: () => 0,
};

const keysOfEvents = { key: ({ key }: SimulatedEvent): string => key };
/** Where all are one group there is no key. */
type Row = { readonly key: string; readonly events: number };

const versionsOf = ({ ignoresRetractions, discards }: Scenario) =>
  ({
    retractions: ignoresRetractions === true ? 'ignore' : 'send',
    accumulation: discards === true ? 'discarding' : 'accumulating',
  }) as const;

function withLateness<Input, Event, Keys>(
  windowed: WindowedStage<Input, Event, Keys, TumblingWindow>,
  scenario: Scenario,
): WindowedStage<Input, Event, Keys, TumblingWindow> {
  const { latenessMs } = scenario;
  const kept = latenessMs === undefined ? windowed : windowed.allowedLateness(spanOf(latenessMs), versionsOf(scenario));
  return scenario.hasLateOutput === true ? kept.sideOutputLate(kinesis({ streamName: lateSinkName })) : kept;
}

const givenConsumerArn = (startTime: number): string =>
  `arn:aws:kinesis:us-east-1:000000000000:stream/${sourceName}/consumer/${givenConsumerName}:${Math.floor(startTime / 1000)}`;

const isEmptyHanded = (event: SimulatedEvent): boolean => event.boom === 'returns nothing';
