/**
 * A checked pipeline: what the engine runs.
 *
 * The chain of `pipeline(…)` builds a `PipelineDefinition` (what the user wrote). `checkPipeline` turns it into this
 * value, with defaults filled in and durations in milliseconds, or refuses it with every problem it found.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { DecoderSpec } from '../decoders/decoder-kind.ts';
import type { FilePlace } from '../sinks/output-file.ts';
import type { SinkSpec } from '../sinks/sink-kind.ts';
import type { WindowSpec } from '../windows/window-kind.ts';
import type { Callback, EventMeta, RowMeta } from './callback.ts';
import type { Compression } from './compression.ts';
import type { NewAggregates } from './fingerprint-change.ts';
import type { EndingPosition, StartingPosition } from './positions.ts';
import type { ReferenceSpec } from './references.ts';
import type { AssumedRole, StreamReference } from './stream.ts';

export type ConsumerType = 'GetRecords' | 'SubscribeToShard';

/** How repeats of what Sluice's sinks have sent are found. */
export type Deduplication = {
  /** The last field of a record, where its sender has put the identity. */
  readonly identityField: string;
  /** Of a sender of which nothing came for so long nothing is known any more. */
  readonly forgetAfterMs: number;
};

export type KinesisSource = {
  readonly stream: StreamReference;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  /** Undefined: the program's own credentials. */
  readonly role: AssumedRole | undefined;
  readonly consumerType: ConsumerType;
  readonly startingPosition: StartingPosition;
  /** Undefined: never. */
  readonly endingPosition?: EndingPosition | undefined;
  readonly describeShardIntervalMs: number;
  readonly maxFetchRecordsPerShard: number;
  /** Undefined: until the tip, the record budget or the function's deadline. */
  readonly maxFetchTimePerShardMs: number | undefined;
  readonly numberOfRecordsPerFetch: number;
  readonly fetchIntervalMs: number;
  readonly subscribeToShard: SubscribeToShardSettings;
  readonly failOnDataLoss: boolean;
  /** Undefined: repeats pass. */
  readonly deduplicate?: Deduplication | undefined;
  readonly compression: Compression;
  readonly maxDecompressedBytes: number;
};

export type SubscribeToShardSettings = {
  /** Undefined: `consumerNameOf` makes one of the pipeline's name. */
  readonly consumerName: string | undefined;
  /** One that is there, whoever registered it. It names itself, so `consumerName` is undefined. */
  readonly consumerArn?: string | undefined;
  readonly adopt: boolean;
  readonly fallBack: 'fail' | 'polling';
  readonly httpVersion: 'auto' | '1.1' | '2';
};

export type Operation =
  | { readonly kind: 'filter'; readonly predicate: Callback<boolean> }
  | { readonly kind: 'map'; readonly mapper: Callback<unknown> }
  | { readonly kind: 'flatMap'; readonly mapper: Callback<Iterable<unknown>>; readonly maxElements: number }
  | { readonly kind: 'watermark'; readonly eventTime: EventTime };

export type EventTime = {
  readonly selector: Callback<Date | number | string>;
  readonly delayMs: number;
  /** Undefined: an idle shard never moves its watermark. */
  readonly idleTimeoutMs: number | undefined;
  /** An event further ahead of its arrival than this is a dead letter. */
  readonly maxFutureMs: number;
};

export type GroupKey = { readonly name: string; readonly selector: Callback<KeyValue> };
/** What a key of `groupBy` may be. A number is finite, and no whole number beyond 2^53. */
export type KeyValue = string | number | boolean | null;

export type AggregateSpec = {
  readonly name: string;
  readonly fn: AggregateFunction;
  /** Undefined: there is nothing to select, as for `count`. */
  readonly selector: Callback<unknown> | undefined;
};

export type RowOperation =
  | { readonly kind: 'filter'; readonly predicate: RowCallback<boolean> }
  | { readonly kind: 'map'; readonly mapper: RowCallback<unknown> }
  | { readonly kind: 'flatMap'; readonly mapper: RowCallback<Iterable<unknown>>; readonly maxElements: number };
export type RowCallback<Result> = (row: never, meta: RowMeta) => Result;

export type Aggregation = {
  readonly keys: readonly GroupKey[];
  /** Events count only if they pass by keys of their own, as `dropDuplicates` before `groupBy` says. Absent: each counts. */
  readonly distinct?: Distinct;
  /** Of a key events are passed on as they are, and others of it kept out meanwhile. Absent: its windows are aggregated. */
  readonly operator?: 'dropDuplicates';
  readonly window: WindowSpec;
  readonly aggregates: readonly AggregateSpec[];
  /** With `top`: those behind it. */
  readonly rowOperations: readonly RowOperation[];
  /** Absent: each window's result when it closes. */
  readonly mode?: 'update' | 'complete';
  /** Of mode 'complete': most rows of a key group in a batch. */
  readonly maxRows?: number;
  /** A result is of what has come since the one before. Absent: of everything. */
  readonly discards?: true;
  /** Rows that no longer hold are not taken back. Absent: they are. */
  readonly ignoresRetractions?: true;
  /** Only the first rows of each window are given out. Absent: all are. */
  readonly top?: TopRows;
};

export type Distinct = {
  /** Those of the groups come first, then a mark that no group has, then the others. */
  readonly keys: readonly GroupKey[];
  /** For how long an event keeps others of its key out. */
  readonly window: WindowSpec;
};

/** Of each window, over all keys. */
export type TopRows = {
  readonly n: number;
  readonly order: 'highest' | 'lowest';
  /** Null: behind all others. */
  readonly by: RowCallback<number | null>;
  /** The column that says where a row stands, from 1 on. Absent: none does. */
  readonly rankAs?: string;
  /** What is left out by them is not ranked. */
  readonly filters: readonly Extract<RowOperation, { readonly kind: 'filter' }>[];
};

/** Called with a row or, where the pipeline does not group, with an event, and its meta. */
export type OutputCallback<Result> = (value: never, meta?: EventMeta | RowMeta) => Result;

export type Output = {
  readonly id: string;
  /** What goes into it: results where the pipeline groups, and else the events themselves. Or late events, or dead letters. */
  readonly from: 'results' | 'events' | 'late' | 'letters';
  /** By executors, step by step; or by the reducers of the sealed batch, from what is stored. */
  readonly sent: 'while-reading' | 'after-seal';
  readonly sink: SinkSpec;
  /** Where its files lie. Absent: it writes none. */
  readonly files?: FilePlace | undefined;
  /** Of what comes to the outputs, what goes into this one. Absent: everything. */
  readonly filter?: OutputCallback<boolean> | undefined;
  /** What of that is written. Absent: that itself. */
  readonly map?: OutputCallback<unknown> | undefined;
  /** In place of a map: any number of values. */
  readonly flatMap?: { readonly mapper: OutputCallback<Iterable<unknown>>; readonly maxElements: number } | undefined;
};

/** Most shards that one executor reads in a batch, or as many as their measured load says. */
export type ShardsPerTask = number | 'auto';

export type Pipeline = {
  readonly name: string;
  readonly source: KinesisSource;
  readonly decoder: DecoderSpec;
  /** In the order written: event operations before the grouping. */
  readonly operations: readonly Operation[];
  /** What callbacks find in their meta. No part of the fingerprint: what they make of it isn't either. */
  readonly references: readonly ReferenceSpec[];
  readonly aggregation: Aggregation | undefined;
  /** The first one that the chain writes has the id 'main'. Each has an id of its own, which is in every identity. */
  readonly outputs: readonly Output[];
  readonly trigger: {
    readonly everyMs: number;
    readonly stopWhenIdleMs: number | undefined;
    /** A run reads what the stream held when it began, and ends. */
    readonly availableNow?: boolean | undefined;
  };
  /** Key groups of the reduce: 1 to 400. Fixed once the first batch is sealed. */
  readonly parallelism: number;
  readonly minBatchesToRetain: number;
  readonly shardsPerTask: ShardsPerTask;
  /** Most executors of a batch: 1 to 1,600. */
  readonly maxTasks: number;
  /** Names what saved state depends on: key names, window, aggregates. */
  readonly fingerprint: string;
  /** What becomes of an aggregate that the saved state has nothing of. */
  readonly newAggregates: NewAggregates;
  readonly letterKeeping: LetterKeeping;
};

/** What the table has of dead letters, and how long. */
export type LetterKeeping = {
  /** 'none': their messages are left out as well, since they may quote it. */
  readonly payload: 'kept' | 'none';
  readonly retentionMs: number;
};

/** Whose consumer it is: the tag's value is the pipeline's name. */
export const consumerTag = 'sluice:pipeline';

/** The enhanced fan-out consumer by which a pipeline reads. */
export function consumerNameOf({ name, source }: Pick<Pipeline, 'name' | 'source'>): string {
  const { consumerName, consumerArn } = source.subscribeToShard;
  // arn:aws:kinesis:<region>:<account>:stream/<stream>/consumer/<name>:<time of its registration>
  return consumerArn?.split('/').at(-1)?.split(':')[0] ?? consumerName ?? `sluice-${name}`;
}
