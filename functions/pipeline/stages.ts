/**
 * The steps of the chain as types: each stage offers only what may come next.
 *
 *   pipeline ─► readStream ─► decode ─► filter, map … ─► withWatermark ─► filter, map … ─┐
 *                                             │                                          │
 *                                             ├──────────────────┬───────────────────────┘
 *                                             ▼                  ▼
 *                                        writeStream ◄──┐     groupBy ─► window ─► aggregate ─► filter, map … ─┐
 *                                             │         └──────────────────────────────────────────────────────┘
 *                                             ▼
 *                                          trigger
 */
import type { Aggregate } from '../aggregates/aggregate-function.ts';
import type { BytesDecoder } from '../decoders/bytes.ts';
import type { JsonDecoder } from '../decoders/json.ts';
import type { SinkDefinition } from '../sinks/sink-kind.ts';
import type { AnyWindow, ReservedName, WindowColumnsOf, WindowWithoutTime } from '../windows/index.ts';
import type { EventMeta } from './callback.ts';
import type { PipelineDefinition } from './definition.ts';
import type { Duration } from './duration.ts';
import type { KinesisStream } from './kinesis.ts';
import type { KeyValue } from './pipeline.ts';

export type PipelineOptions = {
  /**
   * Key groups that results are computed in, side by side. Fixed when the pipeline runs first: with saved windows another
   * number is refused.
   * @default 1
   */
  readonly parallelism?: number | undefined;
  /**
   * Committed batches that are kept.
   * @default 100
   */
  readonly minBatchesToRetain?: number | undefined;
  /**
   * Shards that one function reads in a batch. 'auto': by what they delivered lately, hot ones alone and idle ones together,
   * in as many functions as that needs. A number: at most so many; 1 is a function for each shard.
   * @default 'auto'
   */
  readonly shardsPerTask?: number | 'auto' | undefined;
  /**
   * Most functions that read shards side by side. Where they are too few they read more shards each.
   * @default 40
   */
  readonly maxTasks?: number | undefined;
};

export type WatermarkOptions = {
  /** How far an event may be behind the latest one of its shard. */
  readonly delay: Duration;
  /**
   * A shard that was read to its tip and brought nothing for so long stands at Kinesis's time less `delay`. 'never': it holds
   * windows open until it brings events.
   * @default '1 minute'
   */
  readonly idleTimeout?: Duration | 'never' | undefined;
  /**
   * An event that is further ahead of its arrival becomes a dead letter.
   * @default '1 hour'
   */
  readonly maxFutureTime?: Duration | undefined;
};

export type TriggerOptions = {
  /**
   * From the start of one batch to the start of the next; '0 seconds': without pause. From a minute on, each scheduled start
   * is one batch. A backlog does not wait.
   * @default '10 seconds'
   */
  readonly every?: Duration | undefined;
  /**
   * Ends the execution when nothing came for so long. The schedule still looks once a minute, unless it is switched off.
   * @default never
   */
  readonly stopWhenIdle?: Duration | undefined;
  /**
   * An execution reads what the stream held when it began, in as many batches as that takes, and ends. `every` then only
   * says how often a deployed pipeline is started.
   * @default false
   */
  readonly availableNow?: boolean | undefined;
};

export type Sink<Row> = KinesisStream<'sink', Row> | SinkDefinition<Row>;

/** Callbacks are synchronous: where `T` is a promise, nothing fits. */
type Sync<T> = T extends PromiseLike<unknown> ? never : T;

type Keys<Event> = Readonly<Record<string, (event: Event, meta: EventMeta) => KeyValue>>;
type KeyColumns<K> = { -readonly [Name in keyof K]: K[Name] extends (...args: never) => infer Value ? Value : never };
type Aggregates<Event> = Readonly<Record<string, Aggregate<Event, unknown>>>;
type AggregateColumns<A> = {
  -readonly [Name in keyof A]: A[Name] extends Aggregate<never, infer Result> ? Result : never;
};

/** A name that is taken gets a type that says so, and that neither a selector nor an aggregate fits. */
type NotReserved = { readonly [Name in ReservedName]?: `the name ${Name} is reserved` };
/** Where the names of keys are not known to the compiler, nothing is: the check at start remains. */
type NotAKey<K> = string extends keyof K
  ? unknown
  : { readonly [Name in keyof K & string]?: `the name ${Name} is already a key` };

/** Spelled out field by field, so that editors and errors show the row itself. */
export type ResultRow<K, Window extends AnyWindow, A> = KeyColumns<K> &
  WindowColumnsOf<Window> &
  AggregateColumns<A> extends infer Row
  ? { [Name in keyof Row]: Row[Name] }
  : never;

export type PipelineStart = {
  readonly readStream: (source: KinesisStream<'source', never>) => SourceStage;
};

export type SourceStage = {
  readonly decode: {
    <Input, Event>(decoder: JsonDecoder<Input, Event>): EventStage<Input, Event>;
    (decoder: BytesDecoder): EventStage<Uint8Array, Uint8Array>;
  };
};

/** What events offer before and after `withWatermark`. */
type EventSteps<Input, Event, Window extends AnyWindow> = {
  /** Ends grouping-free pipelines: events are written as `map` made them, or as the bytes they came in. */
  readonly writeStream: (sink: Sink<Event>) => WrittenPipeline<Input, Event>;
  /** Names the fields that results are grouped by. */
  readonly groupBy: <K extends Keys<Event> & NotReserved>(keys: K) => GroupedStage<Input, Event, K, Window>;
};

export type EventStage<Input, Event> = EventSteps<Input, Event, WindowWithoutTime> & {
  readonly filter: {
    <Narrow extends Event>(predicate: (event: Event, meta: EventMeta) => event is Narrow): EventStage<Input, Narrow>;
    (predicate: (event: Event, meta: EventMeta) => boolean): EventStage<Input, Event>;
  };
  readonly map: <T>(mapper: (event: Event, meta: EventMeta) => Sync<T>) => EventStage<Input, T>;
  /** Says when events happened and how long to wait for late ones. Dates, epoch milliseconds, or ISO with a zone. */
  readonly withWatermark: (
    eventTime: (event: Event, meta: EventMeta) => Date | number | string,
    options: WatermarkOptions,
  ) => TimedEventStage<Input, Event>;
};

export type TimedEventStage<Input, Event> = EventSteps<Input, Event, AnyWindow> & {
  readonly filter: {
    <Narrow extends Event>(
      predicate: (event: Event, meta: EventMeta) => event is Narrow,
    ): TimedEventStage<Input, Narrow>;
    (predicate: (event: Event, meta: EventMeta) => boolean): TimedEventStage<Input, Event>;
  };
  readonly map: <T>(mapper: (event: Event, meta: EventMeta) => Sync<T>) => TimedEventStage<Input, T>;
};

export type GroupedStage<Input, Event, K, Allowed extends AnyWindow> = {
  readonly window: <Window extends Allowed>(window: Window) => WindowedStage<Input, Event, K, Window>;
};

export type WindowedStage<Input, Event, K, Window extends AnyWindow> = {
  readonly aggregate: <A extends Aggregates<Event> & NotReserved & NotAKey<K>>(
    aggregates: A,
  ) => RowStage<Input, ResultRow<K, Window, A>>;
};

export type RowStage<Input, Row> = {
  readonly filter: {
    <Narrow extends Row>(predicate: (row: Row) => row is Narrow): RowStage<Input, Narrow>;
    (predicate: (row: Row) => boolean): RowStage<Input, Row>;
  };
  readonly map: <T>(mapper: (row: Row) => Sync<T>) => RowStage<Input, T>;
  readonly writeStream: (sink: Sink<Row>) => WrittenPipeline<Input, Row>;
};

/** Complete as it is; `trigger` says how often batches start. */
export type WrittenPipeline<Input, Row> = PipelineDefinition<Input, Row> & {
  readonly trigger: (options: TriggerOptions) => PipelineDefinition<Input, Row>;
};
