/**
 * The steps of the chain as types: each stage offers only what may come next.
 *
 * (map stands for flatMap as well, and behind aggregate for topRows; between withWatermark and groupBy there may be dropDuplicates,
 * which may be followed by filter, map … and writeStream instead)
 *
 *   pipeline ─► readStream ─► decode ─► filter, map … ─► withWatermark ─► filter, map … ─┐
 *                                             │                                          │
 *                                             ├──────────────────┬───────────────────────┘
 *                                             ▼                  ▼
 *                                        writeStream ◄──┐     groupBy ─► window ─► aggregate ─► filter, map … ─┐
 *                                             │         └──────────────────────────────────────────────────────┘
 *                                             ▼
 *                    writeStream …, outputMode, deadLettersTo ─► trigger
 *
 * Long because an editor shows each step with what it does and an example, once for each stage that has it.
 */
import type { Aggregate } from '../aggregates/aggregate-function.ts';
import type { JsonOf } from '../aggregates/held-value.ts';
import type { Decoder } from '../decoders/decoder-kind.ts';
import type { BatchEvent, BatchRow } from '../sinks/batch-row.ts';
import type { CalledSink, SinkDefinition } from '../sinks/sink-kind.ts';
import type { AnyWindow, ReservedName, WindowColumnsOf, WindowWithoutTime } from '../windows/index.ts';
import type { WindowDefinition } from '../windows/window-kind.ts';
import type { EventMeta, NoReferences, RowMeta } from './callback.ts';
import type { PipelineDefinition } from './definition.ts';
import type { Duration } from './duration.ts';
import type { KinesisStream } from './kinesis.ts';
import type { KeyValue } from './pipeline.ts';
import type { ReferenceOptions, ValueOfLoad, WithReference } from './references.ts';
import type { DeadLetterRecord, LateEvent } from './side-outputs.ts';

/** What holds for the pipeline as a whole: the second argument of `pipeline`. */
export type PipelineOptions = {
  /**
   * Key groups that results are computed in, side by side. With saved windows another number is refused, until
   * `sluice repartition` has divided them anew. Without `groupBy` what is sent to after the seal is spread over them by shards. 1 to 400;
   * above 40 they are reduced in nested executions of 40 each.
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
   * Most functions that read shards side by side, 1 to 1,600. Where they are too few they read more shards each. Above 40 they
   * run in nested executions of 40 each. Times `parallelism` at most 16,000.
   * @default 40
   */
  readonly maxTasks?: number | undefined;
  /**
   * What becomes of an aggregate that is added to a pipeline that has saved windows. 'refuse': the pipeline is
   * (`FingerprintChanged`). 'start-empty': in windows that are open it counts what comes from then on. One of your own is refused.
   * @default 'refuse'
   */
  readonly newAggregates?: 'refuse' | 'start-empty' | undefined;
  /**
   * What the table keeps of an event or row that could not be processed. 'none': neither its payload nor the message, which may quote it, but how large it
   * was, the reason, and where it came from; the report has no message either. `redrive` passes it over. What is written to a
   * stream of dead letters has both: it is written on purpose.
   * @default 'kept'
   */
  readonly deadLetterPayload?: 'kept' | 'none' | undefined;
  /**
   * How long the table keeps dead letters. DynamoDB deletes them within a few days behind that, and forgets them in backups after 35 days.
   * @default '30 days'
   */
  readonly deadLetterRetention?: Duration | undefined;
};

/** How many elements there may be: the second argument of `flatMap`. */
export type FlatMapOptions = {
  /**
   * Most elements of one event, or of one row: 1 to 100000. One that has more is a dead letter (`too-many-elements`), and no more
   * than that are asked for.
   * @default 10000
   */
  readonly maxElements?: number | undefined;
};

/** By what rows are ranked: the second argument of `topRows`. */
export type TopRowsOptions<Row, Rank extends string, Refs extends object = NoReferences> = {
  /**
   * What a row is ranked by: a finite number, or null, with which it comes behind all others. It answers at once, and what it throws
   * makes the row a dead letter.
   */
  readonly by: (row: Row, meta: RowMeta<Refs>) => number | null;
  /**
   * Which rows come first.
   * @default 'highest'
   */
  readonly order?: 'highest' | 'lowest' | undefined;
  /**
   * Names a column, behind the others, that says where a row stands: 1, 2, …
   * @default none
   */
  readonly rankAs?: Rank | undefined;
};

/** A row with the column that says where it stands, if there is one. */
type RankedRow<Row, Rank extends string> = [Rank] extends [never]
  ? Row
  : { [Name in keyof Row | Rank]: Name extends keyof Row ? Row[Name] : number };

/** How long to wait for late events, and what stands still meanwhile: the second argument of `withWatermark`. */
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

/** What the versions of a result are: the second argument of `allowedLateness` and of `outputMode`. */
export type VersionOptions = {
  /**
   * 'send': the sink is told, by a record with the row's keys, window and identity; sinks that can't carry one are refused.
   * 'ignore': nobody is, and whoever reads the sink keeps a row that no longer holds.
   * @default 'send'
   */
  readonly retractions?: 'send' | 'ignore' | undefined;
  /**
   * 'accumulating': each version is of all events of the window so far, and takes the place of the one before. 'discarding': of those
   * that came since the version before; they belong together, and none is taken back.
   * @default 'accumulating'
   */
  readonly accumulation?: 'accumulating' | 'discarding' | undefined;
};

/** Beside mode 'complete': the second argument of `outputMode`. */
export type CompleteOptions = Pick<VersionOptions, 'retractions'> & {
  /**
   * Most results that a key group gives out in a batch. With more the batch stops (`TooManyRows`) until a higher number, or mode
   * 'update', is deployed; it is not lost. At most 1,000,000.
   * @default 10000
   */
  readonly maxRows?: number | undefined;
};

/** When batches start and when an execution ends: the argument of `trigger`. */
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

/** What `writeStream` takes: `kinesis({ … })`, `console()` or `file(path)`. `Row` is what is written, `Called` what `forEachBatch` is called with. */
export type Sink<Row, Called = unknown> = KinesisStream<'sink', Row> | SinkDefinition<Row> | CalledSink<Called>;

/** What a function as a sink is called with, by what callbacks of an output are given. */
type CalledWith<Given extends readonly unknown[], Row> = Given extends readonly [unknown, EventMeta<infer _>]
  ? BatchEvent<Row>
  : BatchRow<Row>;

/** Callbacks are synchronous: where `T` is a promise, nothing fits. */
type Sync<T> = T extends PromiseLike<unknown> ? never : T;

/** A text can be iterated, too, and is one value. */
type Elements<T> = Iterable<T> & object;

type Keys<Event, Refs extends object> = Readonly<Record<string, (event: Event, meta: EventMeta<Refs>) => KeyValue>>;
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

/**
 * A row of results: the keys under their names, the columns of the window, the aggregates under their names. It is spelled
 * out field by field, so that editors and errors show the row itself.
 */
export type ResultRow<K, Window extends AnyWindow, A> = KeyColumns<K> &
  WindowColumnsOf<Window> &
  AggregateColumns<A> extends infer Row
  ? { [Name in keyof Row]: Row[Name] }
  : never;

/** A pipeline that has a name and no source yet. */
export type PipelineStart = {
  /**
   * Names the stream that is read. A pipeline has one.
   *
   * @example
   * ```ts
   * pipeline('departures').readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }));
   * ```
   */
  readonly readStream: (source: KinesisStream<'source', never>) => SourceStage;
};

/** A pipeline that has a source, and no events yet. */
export type SourceStage = {
  /**
   * Makes an event of each payload, of the type that the decoder says. A payload that can't be decoded becomes a dead
   * letter, and the batch goes on.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight));
   *
   * pipeline('sizes')
   *   .readStream(kinesis({ streamName: 'files' }))
   *   .decode(bytes())
   *   .map((file, meta) => ({ name: meta.partitionKey, bytes: file.length }));
   * ```
   */
  readonly decode: <Input, Event>(decoder: Decoder<Input, Event>) => EventStage<Input, Event>;
};

/** What events offer before and after `withWatermark`. */
type EventSteps<Input, Event, Window extends AnyWindow, Refs extends object> = {
  /**
   * Names the sink of a pipeline that does not group. Events are written as `map` made them, as JSON; without a `map`, as
   * the bytes they came in, with their own partition key.
   *
   * @example
   * ```ts
   * pipeline('republish')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .filter((flight) => flight.delay >= 60)
   *   .writeStream(kinesis({ streamName: 'delayed-flights' }));
   * ```
   */
  readonly writeStream: (
    sink: Sink<Event, BatchEvent<Event>>,
  ) => WrittenPipeline<Input, Event, [event: Event, meta: EventMeta<Refs>]>;
  /**
   * Names the keys that results are grouped by: one result for each combination of them and each window. `{}` is one group.
   * A key is a text, a boolean, null or a finite number; an event with any other becomes a dead letter. No key may have the
   * name of a window's column.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .groupBy({ origin: (flight) => flight.origin, shard: (_, meta) => meta.shardId });
   * ```
   */
  readonly groupBy: <K extends Keys<Event, Refs> & NotReserved>(keys: K) => GroupedStage<Input, Event, K, Window, Refs>;
};

/** A pipeline that has events, and no event time yet: `perMicroBatch` is the window that it can have. */
export type EventStage<Input, Event, Refs extends object = NoReferences> = EventSteps<
  Input,
  Event,
  WindowWithoutTime,
  Refs
> & {
  /**
   * Keeps the events for which the predicate is true.
   * It answers at once: one that returns a promise does not compile. What it throws makes the event a dead letter.
   *
   * @example
   * ```ts
   * pipeline('delayed')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .filter((flight) => flight.delay >= 60);
   * ```
   */
  readonly filter: {
    /**
     * With a type predicate, later steps see the events as the type it names.
     *
     * @example
     * ```ts
     * type Delayed = z.infer<typeof Flight> & { delay: 60 };
     * pipeline('delayed')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .filter((flight): flight is Delayed => flight.delay === 60);
     * ```
     */
    <Narrow extends Event>(
      predicate: (event: Event, meta: EventMeta<Refs>) => event is Narrow,
    ): EventStage<Input, Narrow, Refs>;
    /**
     * Keeps the events for which the predicate is true.
     *
     * @example
     * ```ts
     * pipeline('delayed')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .filter((flight) => flight.delay >= 60);
     * ```
     */
    (predicate: (event: Event, meta: EventMeta<Refs>) => boolean): EventStage<Input, Event, Refs>;
  };
  /**
   * Makes another value of each event, for the steps that follow. What is to be written must have a form in JSON: plain
   * objects, lists, texts, finite numbers, booleans, null, dates. It answers at once, and what it throws makes the event a
   * dead letter.
   *
   * @example
   * ```ts
   * pipeline('delayed')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .map((flight) => ({ origin: flight.origin, delayHours: flight.delay / 60 }));
   * ```
   */
  readonly map: <T>(mapper: (event: Event, meta: EventMeta<Refs>) => Sync<T>) => EventStage<Input, T, Refs>;
  /**
   * Makes any number of values of each event, for the steps that follow: elements, in the order given. Each counts, is late or is
   * written as an event of its own; none at all is as a `filter` that leaves the event out. It answers at once, with a list or another
   * iterable, which is asked for no more than `maxElements`. With an element that fails the whole event is a dead letter, and nothing
   * of it counts.
   *
   * @example
   * ```ts
   * pipeline('stops')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .flatMap((flight) => [flight.origin, flight.destination])
   *   .map((airport) => ({ airport }));
   * ```
   */
  readonly flatMap: <T>(
    mapper: (event: Event, meta: EventMeta<Refs>) => Elements<T>,
    options?: FlatMapOptions,
  ) => EventStage<Input, T, Refs>;
  /**
   * Says when events happened and how long to wait for late ones, and so allows windows of event time. An event time is a
   * Date, milliseconds since 1970, or an ISO date and time with a zone; an event with any other becomes a dead letter. A
   * pipeline has one watermark: the earliest of its shards'.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' });
   * ```
   */
  readonly withWatermark: (
    eventTime: (event: Event, meta: EventMeta<Refs>) => Date | number | string,
    options: WatermarkOptions,
  ) => TimedEventStage<Input, Event, Refs>;
  /**
   * Names reference data, such as a table of airports: `load` gets it, for each process that runs callbacks and again when `every` is over,
   * and callbacks behind this step find it in their `meta`, those of events and those of rows. It is as a process has it: two may have
   * two versions for as long as `every`. While a load fails the one before stays, up to `staleAfter`. What `load` gives is not to be
   * changed by callbacks.
   *
   * @example
   * ```ts
   * const airports = new Map([['ORD', { city: 'Chicago' }]]);
   * pipeline('cities')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withReference('airports', async () => airports, { every: '1 hour' })
   *   .map((flight, meta) => ({ ...flight, city: meta.references.airports.get(flight.origin)?.city }));
   * ```
   */
  readonly withReference: <Name extends string, Loaded>(
    name: Name extends keyof Refs ? never : Name,
    load: () => Loaded,
    options: ReferenceOptions<ValueOfLoad<Loaded>>,
  ) => EventStage<Input, Event, WithReference<Refs, Name, ValueOfLoad<Loaded>>>;
};

/** A pipeline that has events and their times: it can have any window. */
export type TimedEventStage<Input, Event, Refs extends object = NoReferences> = EventSteps<
  Input,
  Event,
  AnyWindow,
  Refs
> & {
  /**
   * Keeps the events for which the predicate is true.
   * It answers at once: one that returns a promise does not compile. What it throws makes the event a dead letter.
   * An event that it leaves out has moved the watermark already: its time was taken before.
   *
   * @example
   * ```ts
   * pipeline('delayed')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .filter((flight) => flight.delay >= 60);
   * ```
   */
  readonly filter: {
    /**
     * With a type predicate, later steps see the events as the type it names.
     *
     * @example
     * ```ts
     * type Delayed = z.infer<typeof Flight> & { delay: 60 };
     * pipeline('delayed')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
     *   .filter((flight): flight is Delayed => flight.delay === 60);
     * ```
     */
    <Narrow extends Event>(
      predicate: (event: Event, meta: EventMeta<Refs>) => event is Narrow,
    ): TimedEventStage<Input, Narrow, Refs>;
    /**
     * Keeps the events for which the predicate is true.
     *
     * @example
     * ```ts
     * pipeline('delayed')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
     *   .filter((flight) => flight.delay >= 60);
     * ```
     */
    (predicate: (event: Event, meta: EventMeta<Refs>) => boolean): TimedEventStage<Input, Event, Refs>;
  };
  /**
   * Makes another value of each event, for the steps that follow; its event time stays. What is to be written must have a
   * form in JSON. It answers at once, and what it throws makes the event a dead letter.
   *
   * @example
   * ```ts
   * pipeline('delayed')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .map((flight) => ({ origin: flight.origin, delayHours: flight.delay / 60 }));
   * ```
   */
  readonly map: <T>(mapper: (event: Event, meta: EventMeta<Refs>) => Sync<T>) => TimedEventStage<Input, T, Refs>;
  /**
   * Makes any number of values of each event, for the steps that follow: elements, in the order given. Each counts, is late or is
   * written as an event of its own; none at all is as a `filter` that leaves the event out. It answers at once, with a list or another
   * iterable, which is asked for no more than `maxElements`. With an element that fails the whole event is a dead letter, and nothing
   * of it counts. Elements have the event's time.
   *
   * @example
   * ```ts
   * pipeline('stops')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .flatMap((flight) => [flight.origin, flight.destination])
   *   .map((airport) => ({ airport }));
   * ```
   */
  readonly flatMap: <T>(
    mapper: (event: Event, meta: EventMeta<Refs>) => Elements<T>,
    options?: FlatMapOptions,
  ) => TimedEventStage<Input, T, Refs>;
  /**
   * Names reference data, such as a table of airports: `load` gets it, for each process that runs callbacks and again when `every` is over,
   * and callbacks behind this step find it in their `meta`, those of events and those of rows. It is as a process has it: two may have
   * two versions for as long as `every`. While a load fails the one before stays, up to `staleAfter`. What `load` gives is not to be
   * changed by callbacks.
   *
   * @example
   * ```ts
   * const airports = new Map([['ORD', { city: 'Chicago' }]]);
   * pipeline('cities')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .withReference('airports', async () => airports, { every: '1 hour' })
   *   .map((flight, meta) => ({ ...flight, city: meta.references.airports.get(flight.origin)?.city }));
   * ```
   */
  readonly withReference: <Name extends string, Loaded>(
    name: Name extends keyof Refs ? never : Name,
    load: () => Loaded,
    options: ReferenceOptions<ValueOfLoad<Loaded>>,
  ) => TimedEventStage<Input, Event, WithReference<Refs, Name, ValueOfLoad<Loaded>>>;
  /**
   * Lets the first event of a key pass and leaves out others of it that are less than `within` from it, by event time, before or after:
   * duplicates, which are counted. First is the one with the earliest event time, then with the least sequence number, then by its place.
   * Batches are decided one after the other: what has passed stays passed, also if an earlier one of its key comes later. An event that
   * the watermark is past when its batch begins is late, and does not pass. Keys are as those of `groupBy`.
   *
   * What passes is written as JSON; `map` and `filter` behind it take it with a `meta` that has `references` alone.
   *
   * @example
   * ```ts
   * pipeline('flights-once')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .dropDuplicates({ origin: (flight) => flight.origin, to: (flight) => flight.destination }, { within: '1 hour' })
   *   .writeStream(kinesis({ streamName: 'flights-once' }));
   * ```
   */
  readonly dropDuplicates: <K extends Keys<Event, Refs>>(
    keys: K,
    options: DropDuplicatesOptions,
  ) => DistinctStage<Input, Event, Refs>;
};

/** For how long an event keeps others of its key out: the second argument of `dropDuplicates`. */
export type DropDuplicatesOptions = {
  /**
   * Of two events of a key that are less than this apart, by event time, one passes. A key is remembered until the watermark is so
   * much past the event that has passed.
   */
  readonly within: Duration;
};

/** A pipeline whose events are each of a key of their own, within the time that `dropDuplicates` says. */
export type DistinctStage<Input, Event, Refs extends object = NoReferences> = Omit<
  RowStage<Input, JsonOf<Event>, Refs>,
  'topRows'
> & {
  /**
   * Groups what passes. Its keys are among those of `dropDuplicates`, under the same names and with the very same functions: events
   * that may be duplicates of each other meet in one group only then. For other keys, two pipelines with a stream between them.
   *
   * @example
   * ```ts
   * const origin = (flight: { origin: string }) => flight.origin;
   *
   * pipeline('flights-counted-once')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .dropDuplicates({ origin, to: (flight) => flight.destination }, { within: '1 hour' })
   *   .groupBy({ origin })
   *   .window(tumbling('1 day'))
   *   .aggregate({ destinations: count() });
   * ```
   */
  readonly groupBy: <K extends Keys<Event, Refs> & NotReserved>(
    keys: K,
  ) => GroupedStage<Input, Event, K, AnyWindow, Refs>;
  /**
   * Names a sink for events that come too late to be told from duplicates, which else are counted only: each as a `LateEvent`, with its
   * bytes, its place in the stream, and how late it was against the watermark that its batch began with. It is an output of its own,
   * `late`, which takes no callbacks.
   *
   * @example
   * ```ts
   * pipeline('flights-once')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .dropDuplicates({ origin: (flight) => flight.origin }, { within: '1 hour' })
   *   .sideOutputLate(kinesis({ streamName: 'late-flights' }))
   *   .writeStream(kinesis({ streamName: 'flights-once' }));
   * ```
   */
  readonly sideOutputLate: (sink: Sink<LateEvent, BatchEvent<LateEvent>>) => DistinctStage<Input, Event, Refs>;
};

/** A pipeline that has keys, and no window yet. */
export type GroupedStage<Input, Event, K, Allowed extends AnyWindow, Refs extends object = NoReferences> = {
  /**
   * Says which events come together in one result, beside the keys. Windows of event time need `withWatermark` before
   * `groupBy`; an event whose windows have closed is late, and is left out.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'));
   * ```
   */
  readonly window: <Window extends Allowed>(window: Window) => WindowedStage<Input, Event, K, Window, Refs>;
};

/** A pipeline that has keys and a window, and no results yet. */
export type WindowedStage<Input, Event, K, Window extends AnyWindow, Refs extends object = NoReferences> = {
  /**
   * How long windows stay after their end. Events that come meanwhile are counted, and each batch with such events gives out the
   * whole result again, with a higher `revision` in its identity; what comes later is late. Of windows of event time only.
   *
   * A row that was given out and no longer holds (its session has become part of another, a `filter` of rows leaves it out now) is
   * taken back: by a record with the row's keys and window, whose identity says `retracted`.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .allowedLateness('1 day')
   *   .aggregate({ departures: count() })
   *   .writeStream(kinesis({ streamName: 'departures' }));
   * ```
   */
  readonly allowedLateness: (
    lateness: Window extends WindowDefinition<unknown, 'event-time'> ? Duration : never,
    options?: VersionOptions,
  ) => WindowedStage<Input, Event, K, Window, Refs>;
  /**
   * Names a sink for events that come too late, which else are counted only: each as a `LateEvent`, with its bytes, its place in the
   * stream, its window, and how late it was against the watermark that its batch began with. It is an output of its own, `late`,
   * which takes no callbacks. Of windows of event time only.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .sideOutputLate(kinesis({ streamName: 'late-flights' }))
   *   .aggregate({ departures: count() })
   *   .writeStream(kinesis({ streamName: 'departures' }));
   * ```
   */
  readonly sideOutputLate: (
    sink: Window extends WindowDefinition<unknown, 'event-time'> ? Sink<LateEvent, BatchEvent<LateEvent>> : never,
  ) => WindowedStage<Input, Event, K, Window, Refs>;
  /**
   * Computes a row of results for each window and each combination of keys. `{}` gives rows of keys and window alone. No
   * aggregate may have the name of a key or of a window's column.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .aggregate({ departures: count(), averageDelay: avg((flight) => flight.delay) });
   * ```
   */
  readonly aggregate: <A extends Aggregates<Event> & NotReserved & NotAKey<K>>(
    aggregates: A,
  ) => RowStage<Input, ResultRow<K, Window, A>, Refs>;
};

/** A pipeline that has rows of results. */
export type RowStage<Input, Row, Refs extends object = NoReferences> = {
  /**
   * Keeps the rows for which the predicate is true.
   * It answers at once: one that returns a promise does not compile. What it throws makes the row a dead letter.
   *
   * @example
   * ```ts
   * pipeline('busy-airports')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .aggregate({ departures: count(), longestDelay: max((flight) => flight.delay) })
   *   .filter((row) => row.departures >= 10);
   * ```
   */
  readonly filter: {
    /**
     * With a type predicate, later steps see the rows as the type it names.
     *
     * @example
     * ```ts
     * type Hub = { origin: 'ORD' | 'DFW' };
     * pipeline('busy-airports')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
     *   .groupBy({ origin: (flight) => flight.origin })
     *   .window(tumbling('1 hour'))
     *   .aggregate({ departures: count(), longestDelay: max((flight) => flight.delay) })
     *   .filter((row): row is typeof row & Hub => row.origin === 'ORD' || row.origin === 'DFW');
     * ```
     */
    <Narrow extends Row>(predicate: (row: Row, meta: RowMeta<Refs>) => row is Narrow): RowStage<Input, Narrow, Refs>;
    /**
     * Keeps the rows for which the predicate is true.
     *
     * @example
     * ```ts
     * pipeline('busy-airports')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
     *   .groupBy({ origin: (flight) => flight.origin })
     *   .window(tumbling('1 hour'))
     *   .aggregate({ departures: count(), longestDelay: max((flight) => flight.delay) })
     *   .filter((row) => row.departures >= 10);
     * ```
     */
    (predicate: (row: Row, meta: RowMeta<Refs>) => boolean): RowStage<Input, Row, Refs>;
  };
  /**
   * Makes another value of each row, for the steps that follow. What is to be written must have a form in JSON. It answers
   * at once, and what it throws makes the row a dead letter.
   *
   * @example
   * ```ts
   * pipeline('busy-airports')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .aggregate({ departures: count(), longestDelay: max((flight) => flight.delay) })
   *   .map((row) => ({ airport: row.origin, hour: row.windowStart, flights: row.departures }));
   * ```
   */
  readonly map: <T>(mapper: (row: Row, meta: RowMeta<Refs>) => Sync<T>) => RowStage<Input, T, Refs>;
  /**
   * Makes any number of rows of each row, for the steps that follow, in the order given; they are told apart by `row` in their
   * identity. None at all is as a `filter` that leaves the row out. It answers at once, with a list or another iterable, which is
   * asked for no more than `maxElements`. With a row that fails the whole result is a dead letter.
   *
   * @example
   * ```ts
   * pipeline('busy-airports')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .aggregate({ busiest: topK((flight) => flight.destination, 3) })
   *   .flatMap((row) => row.busiest.map(({ value, count }) => ({ from: row.origin, to: value, flights: count })));
   * ```
   */
  readonly flatMap: <T>(
    mapper: (row: Row, meta: RowMeta<Refs>) => Elements<T>,
    options?: FlatMapOptions,
  ) => RowStage<Input, T, Refs>;
  /**
   * Keeps the first `n` rows of each window, over all keys: 1 to 1,000. Rows that are ranked by the same number are in the order of their
   * keys. What a `filter` before it leaves out is not ranked; `map`, `flatMap` and further filters come behind it. Of windows that all
   * keys have in common, in mode 'append' and without `allowedLateness`.
   *
   * @example
   * ```ts
   * pipeline('busiest-airports')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .aggregate({ departures: count() })
   *   .topRows(3, { by: (row) => row.departures, rankAs: 'rank' })
   *   .map((row) => ({ airport: row.origin, place: row.rank }));
   * ```
   */
  readonly topRows: <const Rank extends string = never>(
    n: number,
    options: TopRowsOptions<Row, Rank, Refs>,
  ) => RowStage<Input, RankedRow<Row, Rank>, Refs>;
  /**
   * Names the sink that rows are written to, as JSON. The partition key is the group key if the sink says nothing else.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(perMicroBatch())
   *   .aggregate({ departures: count() })
   *   .writeStream(kinesis({ streamName: 'departures', partitionKey: (row) => row.origin }));
   * ```
   */
  readonly writeStream: (
    sink: Sink<Row, BatchRow<Row>>,
  ) => WrittenPipeline<Input, Row, [row: Row, meta: RowMeta<Refs>]>;
};

/**
 * What a further output takes, and under which name: the second argument of `writeStream` from the second one on. `Given` is what its
 * callbacks are called with: a row, or where the pipeline does not group an event and its meta.
 */
export type OutputOptions<Given extends readonly unknown[]> = {
  /**
   * Names the output, in identities, reports and messages, and for the stack: 1 to 32 letters, digits or -, beginning with a
   * letter. 'main' is the first one's.
   */
  readonly name: string;
  /**
   * Of what comes to the outputs, what goes into this one. What it throws is a dead letter that names the output; the others
   * get theirs.
   * @default everything
   */
  readonly filter?: ((...given: Given) => boolean) | undefined;
};

/** What a further output writes in place of what comes to it. */
type OutputMap<Given extends readonly unknown[], Made> = {
  /**
   * Called for what the output's filter takes. It answers at once, and what it throws is a dead letter that names the output.
   * @default what comes to the output
   */
  readonly map: (...given: Given) => Sync<Made>;
};

/** The same with any number of values for each. */
type OutputFlatMap<Given extends readonly unknown[], Made> = FlatMapOptions & {
  /**
   * Called for what the output's filter takes, in place of a map: any number of rows for each, in the order given. It answers at once,
   * and what it throws is a dead letter that names the output.
   */
  readonly flatMap: (...given: Given) => Elements<Made>;
};

/** A pipeline that is complete: the default export of its file. `trigger` may say how often batches start. */
export type WrittenPipeline<
  Input,
  Row,
  Given extends readonly unknown[] = [row: Row, meta: RowMeta],
> = PipelineDefinition<Input, Row> & {
  /**
   * Names one more sink, with a name of its own: the same rows go there, or those that its `filter` takes, as its `map` makes
   * them. Ten outputs at most. They are written side by side; a batch is done when each has all that is for it.
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(perMicroBatch())
   *   .aggregate({ departures: count(), longestDelay: max((flight) => flight.delay) })
   *   .writeStream(kinesis({ streamName: 'departures' }))
   *   .writeStream(kinesis({ streamName: 'long-delays' }), {
   *     name: 'delays',
   *     filter: (row) => row.longestDelay !== null && row.longestDelay >= 60,
   *   });
   * ```
   */
  readonly writeStream: {
    /**
     * As they come, or those that its `filter` takes.
     *
     * @example
     * ```ts
     * pipeline('republish')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .writeStream(kinesis({ streamName: 'flights-again' }))
     *   .writeStream(kinesis({ streamName: 'delayed-flights' }), {
     *     name: 'delayed',
     *     filter: (flight) => flight.delay >= 60,
     *   });
     * ```
     */
    (
      sink: Sink<Row, CalledWith<Given, Row>>,
      options: OutputOptions<Given> & { readonly map?: undefined; readonly flatMap?: undefined },
    ): WrittenPipeline<Input, Row, Given>;
    /**
     * With a `map` of its own.
     *
     * @example
     * ```ts
     * pipeline('republish')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .writeStream(kinesis({ streamName: 'flights-again' }))
     *   .writeStream(kinesis({ streamName: 'airports' }), {
     *     name: 'airports',
     *     map: (flight) => ({ airport: flight.origin }),
     *   });
     * ```
     */
    <Taken, Made extends Taken>(
      sink: Sink<Taken, CalledWith<Given, Made>>,
      options: OutputOptions<Given> & OutputMap<Given, Made> & { readonly flatMap?: undefined },
    ): WrittenPipeline<Input, Row, Given>;
    /**
     * With a `flatMap` of its own.
     *
     * @example
     * ```ts
     * pipeline('republish')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .writeStream(kinesis({ streamName: 'flights-again' }))
     *   .writeStream(kinesis({ streamName: 'airports' }), {
     *     name: 'airports',
     *     flatMap: (flight) => [{ airport: flight.origin }, { airport: flight.destination }],
     *   });
     * ```
     */
    <Taken, Made extends Taken>(
      sink: Sink<Taken, CalledWith<Given, Made>>,
      options: OutputOptions<Given> & OutputFlatMap<Given, Made> & { readonly map?: undefined },
    ): WrittenPipeline<Input, Row, Given>;
  };
  /**
   * Says when a result is given out. 'append': when the watermark reaches the end of its window, and corrections if the window has an
   * `allowedLateness`. 'update': in each batch that changes it, from its first event on, and not when its window ends; each is the
   * whole result, with a higher `revision` in its identity. 'complete': those of all windows that are not over, in each batch, whether it
   * changes them or not. Both need `groupBy`.
   * @default 'append'
   *
   * @example
   * ```ts
   * pipeline('departures')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
   *   .groupBy({ origin: (flight) => flight.origin })
   *   .window(tumbling('1 hour'))
   *   .aggregate({ departures: count() })
   *   .writeStream(kinesis({ streamName: 'departures' }))
   *   .outputMode('update');
   * ```
   */
  readonly outputMode: {
    /**
     * Results when their windows close, or as they change.
     *
     * @example
     * ```ts
     * pipeline('departures')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
     *   .groupBy({ origin: (flight) => flight.origin })
     *   .window(tumbling('1 hour'))
     *   .aggregate({ departures: count() })
     *   .writeStream(kinesis({ streamName: 'departures' }))
     *   .outputMode('update', { accumulation: 'discarding' });
     * ```
     */
    (mode: 'append' | 'update', options?: VersionOptions): WrittenPipeline<Input, Row, Given>;
    /**
     * All that is open in each batch.
     *
     * @example
     * ```ts
     * pipeline('departures-now')
     *   .readStream(kinesis({ streamName: 'flights' }))
     *   .decode(json(Flight))
     *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
     *   .groupBy({ origin: (flight) => flight.origin })
     *   .window(tumbling('1 hour'))
     *   .aggregate({ departures: count() })
     *   .writeStream(kinesis({ streamName: 'departures-now' }))
     *   .outputMode('complete', { maxRows: 2_000 });
     * ```
     */
    (mode: 'complete', options?: CompleteOptions): WrittenPipeline<Input, Row, Given>;
  };
  /**
   * Names a sink for dead letters, beside the table, which has them in any case: each event and each row that could not be processed, as a
   * `DeadLetterRecord` with its reason and its bytes. It is an output of its own, `dead-letters`, which takes no callbacks.
   *
   * @example
   * ```ts
   * pipeline('republish')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .writeStream(kinesis({ streamName: 'flights-again' }))
   *   .deadLettersTo(kinesis({ streamName: 'unreadable-flights' }));
   * ```
   */
  readonly deadLettersTo: (
    sink: Sink<DeadLetterRecord, BatchEvent<DeadLetterRecord>>,
  ) => WrittenPipeline<Input, Row, Given>;
  /**
   * Says how often batches start, and when an execution ends. Without it, a batch starts every 10 seconds.
   *
   * @example
   * ```ts
   * pipeline('republish')
   *   .readStream(kinesis({ streamName: 'flights' }))
   *   .decode(json(Flight))
   *   .writeStream(kinesis({ streamName: 'flights-again' }))
   *   .trigger({ every: '1 minute' });
   * ```
   */
  readonly trigger: (options: TriggerOptions) => PipelineDefinition<Input, Row>;
};
