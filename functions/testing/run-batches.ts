/** Batch after batch through the loop of a test, and what each of them gave out. */
import type { DeadLetterReason } from '../core/dead-letter.ts';
import { isOfEvents } from '../core/distinct-keys.ts';
import { SluiceError } from '../core/errors.ts';
import { canonicalKey } from '../core/key-group.ts';
import { openWindowsOf } from '../core/pane-changes.ts';
import type { StateRow } from '../core/state/state-row.ts';
import { watermarkRulesOf } from '../core/watermark.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import { mainOutput } from '../pipeline/outputs.ts';
import type { Aggregation, KeyValue, Pipeline } from '../pipeline/pipeline.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { Setup } from './batch-options.ts';
import type { BatchOutcome } from './batch-outcome.ts';
import type { TestEvent, Turn } from './test-batch.ts';
import { TestEngine } from './test-engine.ts';
import { pipelineForTesting, type TestPipeline } from './test-pipeline.ts';
import { TestReferences } from './test-references.ts';
import { TestStream } from './test-stream.ts';

/** What `runPipeline` made of one of its batches. */
export type BatchResult<Input, Row> = {
  /** Rows that came out, in the order of the sink: key groups by number, in each the windows by time, then keys. */
  readonly results: readonly Row[];
  /** Of each of the results, what its identity says of it; empty for a pipeline without `groupBy`. */
  readonly versions: readonly ResultVersion[];
  /** The same by output; that of `writeStream` is `main`. */
  readonly outputs: Readonly<
    Record<
      string,
      {
        /** Rows that came out of this one. */
        readonly results: readonly unknown[];
        /** Of each of them, what its identity says of it. */
        readonly versions: readonly ResultVersion[];
      }
    >
  >;
  /** Events whose windows had closed in an earlier batch. */
  readonly late: readonly TestEvent<Input>[];
  /** Events that came before, by the identity that a sink of Sluice has written: with `deduplicate` of the source, which drops them. */
  readonly repeated: readonly TestEvent<Input>[];
  /** What could not be processed. */
  readonly deadLetters: readonly {
    /** As it was given; of a row, its keys, window and aggregates. */
    readonly event: TestEvent<Input>;
    /** One of those that docs/reference/errors.md explains. */
    readonly reason: DeadLetterReason;
    /** What exactly was wrong. */
    readonly message: string;
  }[];
  /** How many events a `filter` left out. */
  readonly filtered: number;
  /** That the next batch begins with; null: nothing is known yet. */
  readonly watermark: Date | null;
  /** Windows that hold events and are not closed, by time, then keys: each as the first columns of its row. */
  readonly open: readonly OpenEntry[];
  /**
   * What is kept of them, as `sluice state --json` shows it: by key group, in each by window and key, with what each aggregate would give
   * now. `stateChanges` holds it against that of another batch.
   */
  readonly state: readonly StateRow[];
};

/** A window that is open under one key: the columns of its keys, and those that the window adds. */
export type OpenEntry = Readonly<Record<string, KeyValue>>;

/** A run that goes on turn by turn. */
export class BatchRun<Input, Row> {
  readonly #pipeline: Pipeline;
  readonly #testing: TestPipeline;
  readonly #stream: TestStream<Input>;
  readonly #references: TestReferences;
  #engine: TestEngine;

  constructor(
    definition: PipelineDefinition<Input, Row>,
    { shards, parallelism, mergeOrder, mergeEvery, references, ...setup }: Setup,
  ) {
    this.#testing = pipelineForTesting(definition, parallelism);
    this.#pipeline = this.#testing.pipelineAt(true);
    this.#stream = new TestStream(shards, { ...setup, takesText: this.#pipeline.decoder.kind.takesText === true });
    this.#references = new TestReferences(this.#pipeline.references, references);
    this.#engine = new TestEngine(this.#testing, this.#stream, {
      ...{ mergeOrder, mergeEvery, references: this.#references },
    });
  }

  /** @throws SluiceError InvalidInput */
  take(turn: Turn<Input>): BatchResult<Input, Row> {
    const outcome = this.#outcomeOf(turn);
    const { watermark } = this.#engine;
    const outputs = Object.fromEntries(
      this.#pipeline.outputs.map(({ id }) => [id, this.#resultsIn(outcome?.sent.get(id) ?? [])]),
    );
    const { results = [], versions = [] } = outputs[mainOutput] ?? {};
    const stateRows = onceAsked(this.#engine.stateRows);
    return {
      results: results as Row[],
      versions,
      outputs,
      late: (outcome?.late ?? []).map((number) => this.#stream.eventOf(number)),
      repeated: (outcome?.repeated ?? []).map((number) => this.#stream.eventOf(number)),
      deadLetters: outcome === undefined ? [] : this.#lettersIn(outcome),
      filtered: outcome?.filtered ?? 0,
      watermark: watermark === null ? null : new Date(watermark),
      open: openIn(this.#engine, this.#pipeline.aggregation),
      get state() {
        return stateRows();
      },
    };
  }

  /** Undefined: no batch was run. */
  #outcomeOf(turn: Turn<Input>): BatchOutcome | undefined {
    switch (turn.kind) {
      case 'events':
        this.#stream.deal(turn.events);
        return this.#engine.read();
      case 'shards':
        for (const [shard, events] of turn.events) for (const event of events) this.#stream.put(shard, event);
        return this.#engine.read();
      case 'watermark':
        this.#checkMove(turn.time);
        return this.#engine.read(turn.time);
      case 'clock':
        this.#setClock(turn.time);
        return this.#engine.read();
      case 'close':
        return this.#engine.close();
      case 'cut':
        this.#engine = this.#engine.begunAnew();
        return undefined;
      case 'references':
        this.#references.set(turn.values, turn.where);
        return undefined;
      case 'crash':
        this.#engine.dieWhile(turn.while);
        return undefined;
    }
  }

  #checkMove(time: number): void {
    const { watermark } = this.#engine;
    if (watermarkRulesOf(this.#pipeline) === undefined)
      throw new SluiceError(
        'InvalidInput',
        'watermark: the pipeline has no withWatermark, and so none that could be moved',
      );
    if (watermark === null || time >= watermark) return;
    const [to, from] = [time, watermark].map((each) => new Date(each).toISOString());
    throw new SluiceError('InvalidInput', `watermark: ${to} is before ${from}, where it is; it never goes back`);
  }

  #setClock(time: number): void {
    const { clock } = this.#stream;
    if (clock !== undefined && time < clock) {
      const [to, from] = [time, clock].map((each) => new Date(each).toISOString());
      throw new SluiceError('InvalidInput', `clock: ${to} is before ${from}, where it is; it never goes back`);
    }
    this.#stream.clock = time;
  }

  /** Rows as whoever reads the stream gets them; events as they left the pipeline. */
  #resultsIn(records: readonly OutputRecord[]) {
    const made = records.map((record) => ({ ...this.#testing.made(record), data: record.data }));
    return {
      results: made.map(({ value, version, data }) =>
        version === undefined || typeof data !== 'string' ? value : (JSON.parse(data) as unknown),
      ),
      versions: made.flatMap(({ version }) => version ?? []),
    };
  }

  #lettersIn({ deadLetters, refused }: BatchOutcome): BatchResult<Input, Row>['deadLetters'] {
    return [
      ...deadLetters.map(({ sequenceNumber, reason, message }) => {
        return { event: this.#stream.eventOf(sequenceNumber), reason, message };
      }),
      ...refused.map(({ row, reason, message }) => ({ event: JSON.parse(row) as Input, reason, message })),
    ];
  }
}

/** Most tests do not ask. */
function onceAsked<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function openIn({ openWindows, watermark }: TestEngine, aggregation: Aggregation | undefined): readonly OpenEntry[] {
  if (aggregation === undefined) return [];
  const { keys, window } = aggregation;
  const groups = openWindows.filter(([keyValues]) => !isOfEvents(aggregation, keyValues));
  const entries = groups.flatMap(([keyValues, windows]) =>
    openWindowsOf(windows, window, watermark).map((bounds) => ({
      ...bounds,
      keyValues,
      canonical: canonicalKey(keyValues),
    })),
  );
  entries.sort(
    (one, other) => one.start - other.start || one.end - other.end || (one.canonical < other.canonical ? -1 : 1),
  );
  return entries.map(({ start, end, keyValues }) => ({
    ...Object.fromEntries(keys.map(({ name }, at) => [name, keyValues[at]!])),
    ...window.kind.columns({ start, end }),
  }));
}
