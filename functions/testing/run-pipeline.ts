/**
 * A pipeline on values alone: the user's test kit. It runs the engine's own decisions, from the plan to the rows, and no service,
 * clock or chance.
 */
import { SluiceError } from '../core/errors.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import { type BatchOptions, setupOf } from './batch-options.ts';
import { type BatchResult, BatchRun } from './run-batches.ts';
import { momentOf, type Turn, turnOf } from './test-batch.ts';

/** The events, and how they come: the second argument of `runPipeline`. */
export type RunOptions<Input> = {
  /** Events as producers write them, not compressed; bytes are taken as they are, and so are texts by
   * `text` and `csv`; everything else is sent as JSON. */
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
  /**
   * What callbacks find in `meta.references`, by the names of `withReference`.
   * @default what each `load` returns, which must not be a promise
   */
  readonly references?: Readonly<Record<string, unknown>>;
};

/** What `runPipeline` made of the events. */
export type RunResult<Input, Row> = Pick<
  BatchResult<Input, Row>,
  'results' | 'late' | 'repeated' | 'deadLetters' | 'filtered'
>;

/**
 * Runs a pipeline on values, for tests: with its own decoder, windows, watermark and reduce, and one shard. It uses no service, no
 * clock and no network, and gives the same result each time. Results carry no identities.
 *
 * With `batches` it gives what came of each of them. See docs/guides/testing-a-pipeline.md.
 *
 * @throws `InvalidPipeline` if an option is wrong, naming all that are; or if a callback returns a promise
 * @throws `InvalidInput` if `eventsPerBatch` is no whole number of at least 1, or if one of the batches or their options is wrong
 * @example
 * ```ts
 * const definition = pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(perMicroBatch())
 *   .aggregate({ departures: count() })
 *   .writeStream(kinesis({ streamName: 'departures' }));
 * const flight = { date: '2026-01-01T13:05:00Z', delay: 3, distance: 405, origin: 'ORD', destination: 'MCI' };
 *
 * const { results } = runPipeline(definition, { events: [flight] });
 * const [earlier, later] = runPipeline(definition, { batches: [[flight, flight], [flight]] });
 * ```
 */
export function runPipeline<Input, Row>(
  definition: PipelineDefinition<Input, Row>,
  options: RunOptions<Input>,
): RunResult<Input, Row>;
export function runPipeline<Input, Row>(
  definition: PipelineDefinition<Input, Row>,
  options: BatchOptions<Input>,
): readonly BatchResult<Input, Row>[];
export function runPipeline<Input, Row>(
  definition: PipelineDefinition<Input, Row>,
  options: RunOptions<Input> | BatchOptions<Input>,
): RunResult<Input, Row> | readonly BatchResult<Input, Row>[] {
  return 'batches' in options ? runBatches(definition, options) : runEvents(definition, options);
}

function runEvents<Input, Row>(
  definition: PipelineDefinition<Input, Row>,
  { events, eventsPerBatch, closeWindows = true, arrivalTime, partitionKey, references }: RunOptions<Input>,
): RunResult<Input, Row> {
  const size = eventsPerBatch ?? Math.max(1, events.length);
  const clock = arrivalTime === undefined ? undefined : momentOf(arrivalTime, 'arrivalTime');
  const run = new BatchRun(definition, { ...setupOf({ partitionKey, references }, []), clock });
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new SluiceError('InvalidInput', `eventsPerBatch: ${size} is not allowed; use a whole number of at least 1`);
  }
  const turns: Turn<Input>[] = [];
  for (let at = 0; at < events.length; at += size) turns.push({ kind: 'events', events: events.slice(at, at + size) });
  if (closeWindows) turns.push({ kind: 'close' });
  const batches = turns.map((turn) => run.take(turn));
  return {
    results: batches.flatMap(({ results }) => results),
    late: batches.flatMap(({ late }) => late),
    repeated: batches.flatMap(({ repeated }) => repeated),
    deadLetters: batches.flatMap(({ deadLetters }) => deadLetters),
    filtered: batches.reduce((sum, { filtered }) => sum + filtered, 0),
  };
}

function runBatches<Input, Row>(
  definition: PipelineDefinition<Input, Row>,
  options: BatchOptions<Input>,
): readonly BatchResult<Input, Row>[] {
  const turns = options.batches.map((batch, at) => turnOf(batch, `batches[${at}]`));
  const run = new BatchRun(definition, setupOf(options, turns));
  const all: readonly Turn<Input>[] = options.closeWindows === true ? [...turns, { kind: 'close' }] : turns;
  return all.map((turn) => run.take(turn));
}
