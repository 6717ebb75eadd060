/**
 * A function of the user's own in the place of the sink, of results and of events, and perhaps of late events and dead letters: the product calls it, part by part, and
 * it puts what it was called with into a table and then the rows into the stream, of which it remembers what it has. It throws, dies, hangs and forgets to answer.
 */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createCallbackSink } from '../../../functions/adapters/callback/for-each-batch-sink.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import type { Output, Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { isSideOutput, letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { BatchEvent, BatchRow } from '../../../functions/sinks/batch-row.ts';
import { type BatchCall, forEachBatchKind } from '../../../functions/sinks/for-each-batch.ts';
import type { OutputRecord, OutputSink } from '../../../functions/sinks/output-sink.ts';
import type { Report } from '../checks/violation.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { deadlyRowKey, dieInPlace } from './deadly-code.ts';
import type { Dimensions } from './dimensions.ts';
import { furtherName } from './further-output.ts';
import type { Invocation } from './invocation.ts';
import { viewTable } from './view.ts';

export type Calls = {
  /** The first version of the code has parts of so many rows, and each further one others. */
  readonly maxRows: number;
  /** It is called with late events and dead letters, too, where they have an output. */
  readonly sides?: true;
  /** It is the sink of the second output, too, and rows of one key end it, of each of the two. Else no row is given up. */
  readonly kills?: true;
};

const mostRows = 9;
/** As a row's identity has it. */
const deadlyKey = JSON.stringify([deadlyRowKey]);
const mostDeaths = 4;
const rowsInPart = ({ maxRows }: Calls, version: number): number => 1 + ((maxRows + 4 * version) % mostRows);

/** Whether the function is an output's sink. */
export const isCalledWith = (calls: Calls | undefined, output: string): boolean =>
  calls !== undefined &&
  (output === mainOutput ||
    (calls.sides === true && isSideOutput(output)) ||
    (calls.kills === true && output === furtherName));

const resultIn = forEachBatchKind.resultIn!;

/** Outputs that it is the sink of ask for parts. */
export function withParts(pipeline: Pipeline, calls: Calls | undefined, version: number): Pipeline {
  if (calls === undefined) return pipeline;
  const inParts = ({ sink, ...output }: Output): Output => ({
    ...output,
    sink: { ...sink, kind: { ...sink.kind, resultIn, rowsInPart: () => rowsInPart(calls, version) } },
  });
  const outputs = pipeline.outputs.map((output) => (isCalledWith(calls, output.id) ? inParts(output) : output));
  return { ...pipeline, outputs };
}

type Given = BatchRow<unknown> | BatchEvent<unknown>;

/** In its batch and key group. */
const placeOf = (given: Given): string =>
  'shardId' in given
    ? `${given.shardId} ${given.sequenceNumber} ${given.subSequenceNumber} ${given.element}`
    : `${given.index} ${given.row} ${given.retracted}`;

type Place = Pick<BatchEvent<unknown>, 'shardId' | 'sequenceNumber'>;

const shardIn = (value: unknown): string => (value as Place).shardId;

type Around = {
  readonly stream: OutputSink;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly invocation: Invocation;
  readonly over: AbortSignal | undefined;
};

type Trouble = 'none' | 'throws' | 'dies' | 'runs without end' | 'hangs';

/** Of a world: what it was called with, and what it has. */
export class CalledFunction {
  readonly #report: Report;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #troubleUntil: number;
  readonly #dimensions: Dimensions;
  readonly #kills: boolean;
  /** By the id of a call. */
  readonly #rows = new Map<string, string>();
  /** By a row's identity, the call it came in. */
  readonly #callOf = new Map<string, string>();
  readonly #sent = new Map<string, ReadonlySet<number>>();
  readonly #last = new Map<string, number>();
  /** By batch and key group: with more of them rows would be given up (seed 429 draws eight in a row), which is for the tests of steps. */
  readonly #deaths = new Map<string, number>();
  /** It has ended a reducer. */
  hasDied = false;
  /** Or gave no answer. */
  hasHeldUp = false;

  constructor(parts: {
    readonly report: Report;
    readonly random: Random;
    readonly scheduler: Scheduler;
    readonly troubleUntil: number;
    readonly dimensions: Dimensions;
    readonly kills: boolean;
  }) {
    this.#report = parts.report;
    this.#random = parts.random;
    this.#scheduler = parts.scheduler;
    this.#troubleUntil = parts.troubleUntil;
    this.#dimensions = parts.dimensions;
    this.#kills = parts.kills;
  }

  sinkOf(around: Around): OutputSink {
    const { stream, clock, random, over } = around;
    return {
      send: (records, deadline, part) => {
        const callback = (rows: readonly Given[], call: BatchCall) =>
          this.#called({ rows, call, records, deadline }, around);
        return createCallbackSink({ callback }, { clock, random, over }).send(records, deadline, part);
      },
      maxRecordBytes: () => stream.maxRecordBytes!(),
    };
  }

  async #called(
    given: {
      readonly rows: readonly Given[];
      readonly call: BatchCall;
      readonly records: readonly OutputRecord[];
      readonly deadline: number;
    },
    { stream, client, invocation }: Around,
  ): Promise<void> {
    const { rows, call, records, deadline } = given;
    this.#look(rows, call);
    if (this.#kills && rows.some((given) => 'key' in given && given.key === deadlyKey)) {
      this.hasDied = true;
      this.hasHeldUp = true;
      this.#dimensions.count('rows that two outputs give up');
      dieInPlace('exit', invocation, this.#scheduler);
      await new Promise<never>(() => {});
    }
    const [before, after] = [this.#draw(), this.#draw()];
    await this.#act(before, invocation, call);
    const Item = { pk: { S: 'calls' }, sk: { S: call.id }, rows: { N: String(rows.length) } };
    await client.send(new PutItemCommand({ TableName: viewTable, Item }), { abortSignal: call.signal });
    const sent = this.#sent.get(call.id) ?? new Set();
    const left = records.map((_, place) => place).filter((place) => !sent.has(place));
    const undelivered = await stream.send(
      left.map((place) => records[place]!),
      deadline,
    );
    const refused = new Set(undelivered?.places.map((at) => left[at]));
    this.#sent.set(call.id, new Set([...sent, ...left.filter((place) => !refused.has(place))]));
    if (undelivered !== undefined) throw undelivered.error;
    await this.#act(after, invocation, call);
  }

  /**
   * CALLS-1: equal ids have equal rows. CALLS-2: a row is in one call. CALLS-3: none is too large. CALLS-4: parts come in their order. CALLS-5: late
   * events and letters have the place that they say themselves, and that letters have in the table.
   */
  #look(rows: readonly Given[], call: BatchCall): void {
    const { id, signal: _, ...about } = call;
    const text = JSON.stringify([rows, about]);
    const before = this.#rows.get(id);
    if (before !== undefined && before !== text) this.#report('CALLS-1', `${id} came with other rows`);
    this.#rows.set(id, text);
    if (rows.length === 0 || rows.length > mostRows) this.#report('CALLS-3', `${id} has ${rows.length} rows`);
    const group = `${about.output} ${about.batchId} ${about.ref} ${about.keyGroup}`;
    if (isSideOutput(about.output)) this.#lookAtPlaces(rows, call);
    for (const given of rows) {
      const name = `${group} ${placeOf(given)}`;
      const other = this.#callOf.get(name);
      // By itself, after its part has ended reducers too often.
      const isAlone = rows.length === 1 && id.startsWith(`${other}.`);
      if (other !== undefined && other !== id && !isAlone)
        this.#report('CALLS-2', `${name} came in ${other} and in ${id}`);
      this.#callOf.set(name, id);
    }
    const last = this.#last.get(group) ?? -1;
    if (about.part > last + 1) this.#report('CALLS-4', `${id} came after part ${last}`);
    if (about.part >= about.parts) this.#report('CALLS-4', `${id} is one of ${about.parts}`);
    this.#last.set(group, Math.max(last, about.part));
  }

  #lookAtPlaces(rows: readonly Given[], { id, output }: BatchCall): void {
    this.#dimensions.count('calls with late events or letters');
    if (output === letterOutput && rows.some(({ value }) => shardIn(value).startsWith('group-')))
      this.#dimensions.count('calls with letters of rows');
    for (const given of rows) {
      const { shardId, sequenceNumber } = given as Partial<BatchEvent<unknown>>;
      const own = given.value as Place;
      if (shardId !== own.shardId || sequenceNumber !== own.sequenceNumber)
        this.#report('CALLS-5', `${id} has ${own.shardId} ${own.sequenceNumber} as ${shardId} ${sequenceNumber}`);
    }
  }

  #draw(): Trouble {
    if (this.#scheduler.now >= this.#troubleUntil) return 'none';
    return this.#random.weighted<Trouble>([
      [88, 'none'],
      [8, 'throws'],
      [2, 'dies'],
      [1, 'runs without end'],
      [1, 'hangs'],
    ]);
  }

  async #act(trouble: Trouble, invocation: Invocation, { batchId, ref, keyGroup }: BatchCall): Promise<void> {
    if (trouble === 'none') return;
    if (trouble === 'throws') throw Object.assign(new Error('simulated'), { code: 'ECONNRESET' });
    const group = `${batchId} ${ref} ${keyGroup}`;
    const deaths = this.#deaths.get(group) ?? 0;
    if (trouble !== 'hangs' && (deaths === mostDeaths || this.#kills)) return;
    this.hasHeldUp = true;
    if (trouble !== 'hangs') this.#deaths.set(group, deaths + 1);
    this.hasDied ||= trouble !== 'hangs';
    if (trouble !== 'hangs') dieInPlace(trouble === 'dies' ? 'exit' : 'loop', invocation, this.#scheduler);
    await new Promise<never>(() => {});
  }
}
