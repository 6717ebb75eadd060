/**
 * Transcripts: what comes in and what must come out, step by step. Built and checked in the order it is written, and run as
 * often as asked for: whole, with cuts, with other shards and key groups.
 *
 * TRANSCRIPT-1 Nothing unexpected comes: what a step gives out is expected before the next one, or the transcript fails.
 * TRANSCRIPT-2 One that can't mean anything is refused where it is written, by name, before anything is run.
 */
import { SluiceError } from '../core/errors.ts';
import { requirePipeline } from '../pipeline/check-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import { type BatchOptions, setupOf } from './batch-options.ts';
import { DoneStep } from './done-step.ts';
import { columnsOf, columnsOfState, type KnownColumns, objectionToNames, objectionToRow } from './known-names.ts';
import { type BatchResult, BatchRun, type OpenEntry } from './run-batches.ts';
import { type Moment, momentOf, type TestBatch, type TestEvent, type Turn, turnOf } from './test-batch.ts';
import {
  type Expectation,
  type ExpectedState,
  identityField,
  isExpectation,
  type Step,
  wordsOf,
} from './transcript-steps.ts';

/**
 * A row as a transcript expects it: some of its columns, and under `_sluice` some of what its identity says of it, as whoever reads
 * the sink sees them. Only what is named is compared. What is no object is compared whole.
 */
export type ExpectedRow<Row> = Row extends Uint8Array
  ? Row
  : Row extends object
    ? Partial<Row> & { readonly [identityField]?: Partial<ResultVersion> }
    : Row;

/** How a transcript is run. */
export type TranscriptOptions = Pick<
  BatchOptions<unknown>,
  'shards' | 'parallelism' | 'mergeOrder' | 'mergeEvery' | 'clock' | 'partitionKey'
> & {
  /**
   * Where the run is cut: `'as-written'`, or `'everywhere'`, that is also behind each step.
   * @default 'as-written'
   */
  readonly cuts?: 'as-written' | 'everywhere';
};

/** What `transcript` begins. Each step returns a transcript with one step more, and leaves its own as it is. */
export type Transcript<Input, Row> = {
  /** A batch with these events. */
  add(...events: readonly TestEvent<Input>[]): Transcript<Input, Row>;
  /** A batch with events of several shards, by the name of each. */
  addToShards(shards: Readonly<Record<string, readonly TestEvent<Input>[]>>): Transcript<Input, Row>;
  /** A batch that only moves the watermark, of all shards. */
  advance(watermark: Moment): Transcript<Input, Row>;
  /** A batch without events, at this time of Kinesis's clock. */
  moveClock(time: Moment): Transcript<Input, Row>;
  /** The run is begun anew from what it has saved. What is expected behind it is of the step before. */
  cut(): Transcript<Input, Row>;
  /** Closes all windows. */
  close(): Transcript<Input, Row>;
  /** All rows that the last step gave out, in any order. */
  expect(...rows: readonly ExpectedRow<Row>[]): Transcript<Input, Row>;
  /** All events of the last step that were late, in any order, each whole. */
  expectLate(...events: readonly TestEvent<Input>[]): Transcript<Input, Row>;
  /** All that the last step could not process, in any order: some of event, reason and message. */
  expectDead(...letters: readonly Partial<BatchResult<Input, Row>['deadLetters'][number]>[]): Transcript<Input, Row>;
  /** All windows that are open after the last step, in any order: some of the columns of each. */
  expectOpen(...entries: readonly OpenEntry[]): Transcript<Input, Row>;
  /**
   * All rows of the state after the last step, in any order: some of the columns of each. What is named of `key`, `values`, `saved` and `given` is
   * compared whole.
   */
  expectState(...rows: readonly ExpectedState[]): Transcript<Input, Row>;
  /** The watermark after the last step; null: nothing is known yet. */
  expectWatermark(watermark: Moment | null): Transcript<Input, Row>;
  /**
   * Runs it, and gives what each step that does something gave out. Throws an `Error` that names the step and shows what was
   * expected (-) and what came (+) where they differ.
   */
  run(options?: TranscriptOptions): readonly BatchResult<Input, Row>[];
};

/**
 * A test of a pipeline, written as a list of steps: what comes in, and what must come out. What a step gives out must be expected
 * before the next step: rows (`expect`), late events (`expectLate`) and what could not be processed (`expectDead`). See
 * docs/guides/testing-a-pipeline.md.
 *
 * @throws `InvalidPipeline` if an option is wrong, naming all that are
 * @throws `InvalidInput` from a step that can't mean anything: something is expected before anything has happened, or of a
 * column that there is not
 * @throws `Error` from `run`, if something else comes than what is expected
 * @example
 * ```ts
 * const definition = pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ departures: count() })
 *   .writeStream(kinesis({ streamName: 'departures' }));
 * const flight = { date: '2026-01-01T13:05:00Z', delay: 3, distance: 405, origin: 'ORD', destination: 'MCI' };
 *
 * transcript(definition)
 *   .add(flight, flight)
 *   .advance('2026-01-01T14:00:00Z')
 *   .expect({ origin: 'ORD', departures: 2 })
 *   .cut()
 *   .add(flight)
 *   .expectLate(flight)
 *   .run();
 * ```
 */
export function transcript<Input, Row>(definition: PipelineDefinition<Input, Row>): Transcript<Input, Row> {
  return new Written<Input, Row>(definition, columnsOf(requirePipeline(definition)), []);
}

class Written<Input, Row> implements Transcript<Input, Row> {
  readonly #definition: PipelineDefinition<Input, Row>;
  readonly #columns: KnownColumns;
  readonly #steps: readonly Step[];

  constructor(definition: PipelineDefinition<Input, Row>, columns: KnownColumns, steps: readonly Step[]) {
    this.#definition = definition;
    this.#columns = columns;
    this.#steps = steps;
  }

  add(...events: readonly TestEvent<Input>[]) {
    return this.#with({ kind: 'events', events });
  }

  addToShards(shards: Readonly<Record<string, readonly TestEvent<Input>[]>>) {
    return this.#withBatch({ shards });
  }

  advance(watermark: Moment) {
    return this.#withBatch({ watermark });
  }

  moveClock(clock: Moment) {
    return this.#withBatch({ clock });
  }

  cut() {
    return this.#with({ kind: 'cut' });
  }

  close() {
    return this.#with({ kind: 'close' });
  }

  expect(...wanted: readonly ExpectedRow<Row>[]) {
    for (const row of wanted) this.#refuse(objectionToRow(row, this.#columns));
    return this.#expecting({ kind: 'expect', wanted });
  }

  expectLate(...wanted: readonly TestEvent<Input>[]) {
    return this.#expecting({ kind: 'expectLate', wanted });
  }

  expectDead(...wanted: readonly Partial<BatchResult<Input, Row>['deadLetters'][number]>[]) {
    for (const letter of wanted) this.#refuse(objectionToNames(letter, ['event', 'reason', 'message'], 'attribute'));
    return this.#expecting({ kind: 'expectDead', wanted });
  }

  expectOpen(...wanted: readonly OpenEntry[]) {
    for (const entry of wanted)
      this.#refuse(objectionToNames(entry, this.#columns.ofWindows, 'column of an open window'));
    return this.#expecting({ kind: 'expectOpen', wanted });
  }

  expectState(...wanted: readonly ExpectedState[]) {
    for (const row of wanted) this.#refuse(objectionToNames(row, columnsOfState, 'column of the state'));
    return this.#expecting({ kind: 'expectState', wanted });
  }

  expectWatermark(wanted: Moment | null) {
    const time = wanted === null ? null : new Date(momentOf(wanted, this.#nameOf('expectWatermark')));
    return this.#expecting({ kind: 'expectWatermark', wanted: [time] });
  }

  run({ cuts = 'as-written', ...options }: TranscriptOptions = {}): readonly BatchResult<Input, Row>[] {
    if (this.#steps.length === 0) throw malformed('the transcript', 'has no step');
    const turns = this.#steps.filter((step) => !isExpectation(step)) as Turn<unknown>[];
    const run = new BatchRun<unknown, unknown>(this.#definition, setupOf(options, turns));
    const results: BatchResult<unknown, unknown>[] = [];
    let last: DoneStep | undefined;
    for (const [at, step] of this.#steps.entries()) {
      if (isExpectation(step)) last?.check(step, at);
      else if (step.kind === 'cut') run.take(step);
      else {
        last?.end();
        const result = run.take(step as Turn<unknown>);
        results.push(result);
        last = new DoneStep(this.#definition.name, `step ${at + 1}, ${wordsOf(step)}`, result);
        if (cuts === 'everywhere') run.take({ kind: 'cut' });
      }
    }
    last?.end();
    return results as BatchResult<Input, Row>[];
  }

  #with(step: Step): Transcript<Input, Row> {
    return new Written(this.#definition, this.#columns, [...this.#steps, step]);
  }

  #withBatch(batch: TestBatch<Input>): Transcript<Input, Row> {
    return this.#with(turnOf(batch, `step ${this.#steps.length + 1}`) as Turn<unknown>);
  }

  #nameOf(kind: Expectation['kind']): string {
    return `step ${this.#steps.length + 1}, ${kind}`;
  }

  #expecting(step: Expectation): Transcript<Input, Row> {
    const before = this.#steps.findLastIndex((each) => !isExpectation(each) && each.kind !== 'cut');
    if (before < 0) throw malformed(this.#nameOf(step.kind), 'nothing has happened before');
    const again = this.#steps.slice(before).some(({ kind }) => kind === step.kind);
    if (again) throw malformed(this.#nameOf(step.kind), `it was said of step ${before + 1} before`);
    return this.#with(step);
  }

  /** TRANSCRIPT-2 */
  #refuse(objection: string | undefined): void {
    if (objection !== undefined) throw malformed(`step ${this.#steps.length + 1}`, objection);
  }
}

const malformed = (where: string, problem: string): SluiceError =>
  new SluiceError('InvalidInput', `${where}: ${problem}`);
