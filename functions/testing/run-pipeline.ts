/**
 * A pipeline on values alone: the user's test kit. The same decoder, windows, watermark and reduce as the engine's, with
 * one shard, and no service, clock or chance.
 */

import { noCounts } from '../core/counters.ts';
import type { DeadLetterReason } from '../core/dead-letter.ts';
import { SluiceError } from '../core/errors.ts';
import { createEvaluator, die, type Evaluation } from '../core/evaluate-event.ts';
import { type BatchBody, endOfTime } from '../core/model.ts';
import { encodeFor } from '../core/output.ts';
import { limitsWithoutSink, type OutputLimits } from '../core/record-limit.ts';
import { reduceKeyGroup } from '../core/reduce-key-group.ts';
import { type Instant, later, markRulesOf } from '../core/watermark.ts';
import { type SavedWindows, WindowTable } from '../core/window-table.ts';
import { requirePipeline } from '../pipeline/check-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Identity } from '../sinks/identity.ts';
import type { SinkKind, SinkSpec } from '../sinks/sink-kind.ts';
import { failureOf } from '../user-code/callback-failure.ts';

/** The events, and how they come: the second argument of `runPipeline`. */
export type RunOptions<Input> = {
  /** Events as producers write them, not compressed; bytes are taken as they are, everything else is sent as JSON. */
  readonly events: readonly (Input | Uint8Array)[];
  /**
   * Events of a micro-batch. Lateness shows only from batch to batch.
   * @default all of them
   */
  readonly eventsPerBatch?: number;
  /**
   * Close the windows still open at the end.
   * @default true
   */
  readonly closeWindows?: boolean;
  /**
   * When the events reached Kinesis, all of them.
   * @default 1970, and no event counts as being from the future
   */
  readonly arrivalTime?: Date;
  /**
   * Of all events.
   * @default 'test'
   */
  readonly partitionKey?: string;
};

/** What `runPipeline` made of the events. */
export type RunResult<Input, Row> = {
  /** In the order of the sink: windows by time, then keys. */
  readonly results: readonly Row[];
  /** Events whose windows had closed in an earlier batch. */
  readonly late: readonly (Input | Uint8Array)[];
  /** What could not be processed. */
  readonly deadLetters: readonly {
    /** As it was given; of a row, its keys, window and aggregates. */
    readonly event: Input | Uint8Array;
    /** One of those that docs/reference/errors.md explains. */
    readonly reason: DeadLetterReason;
    /** What exactly was wrong. */
    readonly message: string;
  }[];
  /** How many events a `filter` left out. */
  readonly filtered: number;
};

/**
 * Runs a pipeline on values, for tests: with its own decoder, windows, watermark and reduce, and one shard. It uses no service, no
 * clock and no network, and gives the same result each time. Results carry no identities.
 *
 * @throws `InvalidPipeline` if an option is wrong, naming all that are; or if a callback returns a promise
 * @throws `InvalidInput` if `eventsPerBatch` is no whole number of at least 1
 * @example
 * ```ts
 * const definition = pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(perMicroBatch())
 *   .aggregate({ departures: count() })
 *   .writeStream(kinesis({ streamName: 'departures' }));
 *
 * const { results } = runPipeline(definition, {
 *   events: [{ date: '2026-01-01T13:05:00Z', delay: 3, distance: 405, origin: 'ORD', destination: 'MCI' }],
 * });
 * ```
 */
export function runPipeline<Input, Row>(
  definition: PipelineDefinition<Input, Row>,
  options: RunOptions<Input>,
): RunResult<Input, Row> {
  const pipeline = forTesting(requirePipeline(definition), options.arrivalTime !== undefined);
  const run = new Run<Input, Row>(pipeline, options);
  const size = options.eventsPerBatch ?? Math.max(1, options.events.length);
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new SluiceError('InvalidInput', `eventsPerBatch: ${size} is not allowed; use a whole number of at least 1`);
  }
  for (let at = 0; at < options.events.length; at += size) run.batch(options.events.slice(at, at + size), 'open');
  if (options.closeWindows ?? true) run.batch([], 'close');
  const { results, late, deadLetters, filtered } = run;
  return { results, late, deadLetters, filtered };
}

/** Results are compared by value: no identities. */
function forTesting(pipeline: Pipeline, hasArrivalTime: boolean): Pipeline {
  const outputs = pipeline.outputs.map((output) => ({ ...output, sink: withoutIdentity(output.sink) }));
  if (hasArrivalTime) return { ...pipeline, outputs };
  const operations = pipeline.operations.map((operation) =>
    operation.kind === 'watermark'
      ? { ...operation, eventTime: { ...operation.eventTime, maxFutureMs: endOfTime } }
      : operation,
  );
  return { ...pipeline, outputs, operations };
}

/** Never written. */
const noIdentity: Identity = {
  ...{ v: 1, pipeline: '', output: '', generation: 0, source: '', shard: '', sequence: '', sub: 0, index: 0, base: '' },
};

function withoutIdentity({ kind, options }: SinkSpec): SinkSpec {
  const encode: SinkKind['encode'] = (given, value, about) =>
    kind.encode(given, value, { ...about, identity: undefined });
  return { kind: { ...kind, encode }, options };
}

class Run<Input, Row> {
  readonly results: Row[] = [];
  readonly late: (Input | Uint8Array)[] = [];
  readonly deadLetters: { event: Input | Uint8Array; reason: DeadLetterReason; message: string }[] = [];
  filtered = 0;
  readonly #pipeline: Pipeline;
  readonly #options: RunOptions<Input>;
  readonly #evaluate: ReturnType<typeof createEvaluator>;
  readonly #limits: OutputLimits;
  #windows: SavedWindows = [];
  #watermark: Instant = null;
  #batchId = 0;
  #sequence = 0;

  constructor(pipeline: Pipeline, options: RunOptions<Input>) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#evaluate = createEvaluator(pipeline);
    this.#limits = limitsWithoutSink(pipeline.outputs);
  }

  batch(events: readonly (Input | Uint8Array)[], windows: 'open' | 'close'): void {
    const { aggregation } = this.#pipeline;
    const table = aggregation === undefined ? undefined : new WindowTable(aggregation);
    const watermarkIn = this.#watermark;
    let latest: Instant = null;
    for (const event of events) latest = later(latest, this.#take(event, table, watermarkIn));
    const delayMs = markRulesOf(this.#pipeline)?.delayMs ?? 0;
    this.#watermark = windows === 'close' ? endOfTime : later(watermarkIn, latest === null ? null : latest - delayMs);
    if (aggregation === undefined || table === undefined) return;
    const group = { keyGroup: 0, before: this.#windows, blocks: [table.saveByKeyGroup(1).get(0)?.windows ?? []] };
    const body = bodyOf(this.#batchId, this.#watermark);
    const state = reduceKeyGroup({ ...this.#pipeline, aggregation }, body, group, this.#limits);
    this.#windows = state.windows;
    // All outputs have the same rows.
    for (const { data } of state.outbox[0]?.records ?? [])
      this.results.push((typeof data === 'string' ? JSON.parse(data) : data) as Row);
    for (const { row, reason, message } of state.refused) {
      this.deadLetters.push({ event: JSON.parse(row), reason, message });
    }
    this.#batchId += 1;
  }

  #take(event: Input | Uint8Array, table: WindowTable | undefined, watermark: Instant): number | null {
    const data = event instanceof Uint8Array ? event : new TextEncoder().encode(JSON.stringify(event));
    const meta = {
      streamName: 'test',
      shardId: 'shardId-000000000000',
      partitionKey: this.#options.partitionKey ?? 'test',
      explicitHashKey: undefined,
      sequenceNumber: String(this.#sequence++),
      subSequenceNumber: 0,
      arrivalTime: new Date(this.#options.arrivalTime ?? 0),
    };
    const evaluation = this.#evaluate(data, meta);
    if (evaluation.verdict === 'passed') {
      if (table === undefined) this.#emit(evaluation, meta.partitionKey);
      else if (table.add(evaluation, meta, { batchId: this.#batchId, watermark }) === 'late') this.late.push(event);
    }
    if (evaluation.verdict === 'filtered') this.filtered += 1;
    if (evaluation.verdict === 'dead') {
      this.deadLetters.push({ event, reason: evaluation.reason, message: evaluation.message });
      return null;
    }
    return evaluation.eventTime ?? null;
  }

  /** Also tries what the sink would do with it, so that a partition key that fails is seen here. */
  #emit(evaluation: Evaluation, defaultKey: string): void {
    try {
      const about = { identityFor: () => noIdentity, defaultKey };
      const objection = this.#limits.objection(encodeFor(this.#pipeline.outputs, evaluation.value, about));
      if (objection !== undefined) die(evaluation, 'output-too-large', objection);
      else this.results.push(evaluation.value as Row);
    } catch (error) {
      const { reason, message } = failureOf(error);
      die(evaluation, reason, message);
    }
  }
}

function bodyOf(batchId: number, watermarkOut: Instant): BatchBody {
  return {
    batchId,
    ref: 0,
    generation: 0,
    kind: 'read',
    consumerType: 'GetRecords',
    previous: { batchId: batchId - 1, ref: 0 },
    parallelism: 1,
    fingerprint: '',
    watermarkOut,
    states: [],
    shards: [],
    blocks: [],
    counters: noCounts,
    caughtUp: false,
    backlog: false,
    failedTasks: 0,
    tasksWithoutBlock: 0,
    notesFrom: 0,
    shardsRead: 1,
    failedShards: [],
    records: 0,
    outOfRange: 0,
    bytes: 0,
    millisBehindLatest: 0,
    dataLoss: [],
    lastDeliveryAt: null,
  };
}
