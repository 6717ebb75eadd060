/**
 * A stream of the simulated Kinesis, read by the real source and the real steps, on a clock that only tests move. The
 * store is in memory; executions are run turn by turn, waits pass at once.
 */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import * as z from 'zod';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { rememberServerDate } from '../../functions/adapters/server-date.ts';
import type { BatchState, EndReason, Outcome, Request } from '../../functions/core/driver.ts';
import type { BatchBody, BatchName } from '../../functions/core/model.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import { json, type KinesisSourceOptions, kinesis, pipeline as write } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { TriggerOptions } from '../../functions/pipeline/stages.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { Source } from '../../functions/ports/source.ts';
import { createHandlers, type Handlers } from '../../functions/steps/handlers.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { decompress, md5, noon, timing, utf8 } from './builders.ts';
import { type Memory, memoryPorts } from './memory-ports.ts';

export const streamName = 'source';
export const shardId = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

const maxSteps = 2_000;
const maxExecutions = 100;

export class SimulatedStream {
  now = noon;
  /** A call takes so long: five a second and shard are never exceeded. */
  callMs = 200;
  readonly kinesis: SimulatedKinesis;
  readonly source: (options: Pipeline['source']) => Source;
  /** Every call, by name and what matters of its input. */
  readonly calls: {
    readonly at: number;
    readonly operation: string;
    readonly input: Readonly<Record<string, unknown>>;
  }[] = [];
  /** May throw instead of a call. */
  beforeCall: (operation: string, input: Readonly<Record<string, unknown>>) => void = () => {};
  #ids = 0;

  constructor(options: { readonly shards?: number; readonly retentionMs?: number } = {}) {
    this.kinesis = new SimulatedKinesis({ now: () => this.now, random: new Random(1) });
    this.kinesis.createStream(streamName, { shards: options.shards ?? 1, ...options });
    const client = serviceClient<KinesisClient>((operation, input) => this.#execute(operation, input), {
      date: () => this.now,
    });
    rememberServerDate(client);
    const clock = {
      now: () => this.now,
      sleep: async (ms: number) => {
        this.now += Math.ceil(ms);
      },
    };
    this.source = (source) => createPollingSource(client, source, clock);
  }

  #execute(operation: string, input: unknown): object {
    this.calls.push({ at: this.now, operation, input: input as Readonly<Record<string, unknown>> });
    this.now += this.callMs;
    this.beforeCall(operation, input as Readonly<Record<string, unknown>>);
    return this.kinesis.execute(operation, input);
  }

  /** Puts as many events, of one record each; returns the sequence numbers. The ids of all events count up from 0. */
  put(events = 1, key = 'key'): string[] {
    return Array.from({ length: events }, () => this.#put(eventBytes(this.#ids++), key));
  }

  /** One aggregated record of so many events. */
  putAggregate(events: number, key = 'key'): string {
    const packed = Array.from({ length: events }, () => ({
      partitionKey: key,
      explicitHashKey: undefined,
      data: eventBytes(this.#ids++),
    }));
    return this.#put(aggregate(packed, md5), key);
  }

  putBytes(data: Uint8Array, key = 'key'): string {
    return this.#put(data, key);
  }

  #put(Data: Uint8Array, PartitionKey: string): string {
    this.now += 1;
    const input = { StreamName: streamName, Data, PartitionKey };
    return (this.kinesis.execute('PutRecord', input) as { readonly SequenceNumber: string }).SequenceNumber;
  }

  split(shard: number): void {
    this.now += 1;
    const { hashRange } = this.kinesis.truth(streamName).shard(shardId(shard));
    const NewStartingHashKey = String((hashRange.start + hashRange.end) / 2n + 1n);
    this.kinesis.execute('SplitShard', { StreamName: streamName, ShardToSplit: shardId(shard), NewStartingHashKey });
    this.now += 1;
  }

  merge(one: number, other: number): void {
    this.now += 1;
    const input = { StreamName: streamName, ShardToMerge: shardId(one), AdjacentShardToMerge: shardId(other) };
    this.kinesis.execute('MergeShards', input);
    this.now += 1;
  }

  pass(ms: number): void {
    this.now += ms;
  }
}

const eventBytes = (id: number): Uint8Array => utf8(JSON.stringify({ id }));

const anyEvent = z.object({ id: z.number() });

export type PositionOptions = Omit<KinesisSourceOptions, 'streamName' | 'streamArn'>;

/** Maps each event to its id and shard. */
export function idsPipeline(source: PositionOptions = {}, trigger: TriggerOptions = {}, name = 'ids'): Pipeline {
  return requirePipeline(
    write(name)
      .readStream(kinesis({ streamName, startingPosition: 'TRIM_HORIZON', ...source } as KinesisSourceOptions))
      .decode(json(anyEvent))
      .map((event, meta) => ({ id: event.id, shardId: meta.shardId, sub: meta.subSequenceNumber }))
      .writeStream(kinesis({ streamName: 'sink' }))
      .trigger(trigger),
  );
}

const sealNext = ({ turn, epoch, batchId, plan, steps, waitUntil }: State<'process'>): BatchState => ({
  next: 'seal',
  turn,
  epoch,
  batchId,
  plan,
  steps,
  waitUntil,
});

type State<Next extends BatchState['next']> = Extract<BatchState, { readonly next: Next }>;

/** The steps as the state machine calls them: everything goes through JSON. */
class Steps {
  readonly #handlers: Handlers;
  readonly #common: object;

  constructor(handlers: Handlers, common: object) {
    this.#handlers = handlers;
    this.#common = common;
  }

  async ask<Answer>(step: keyof Handlers, input: object): Promise<Answer> {
    const payload: unknown = JSON.parse(JSON.stringify({ ...this.#common, ...input }));
    return (await this.#handlers[step](payload, {})) as Answer;
  }

  plan(batch: BatchState, outcomes: readonly Outcome[]): Promise<BatchState> {
    return this.ask('planBatch', { batch, outcomes });
  }

  async process({ epoch, batchId, plan, tasks }: State<'process'>): Promise<Outcome[]> {
    const found: Outcome[] = [];
    for (const task of tasks) {
      const input = { epoch, batchId, task, plan, readSeconds: timing.readSeconds };
      found.push((await this.ask<{ readonly outcome: Outcome }>('processShards', input)).outcome);
    }
    return found;
  }

  seal(batch: State<'seal'>, outcomes: readonly Outcome[]): Promise<BatchState> {
    return this.ask('sealBatch', { ...batch, outcomes });
  }

  async commit(batch: State<'reduce' | 'commit'>): Promise<BatchState> {
    const { epoch, batchId, ref, keyGroups } = batch;
    const groups: object[] = [];
    for (const keyGroup of batch.next === 'reduce' ? keyGroups : [])
      groups.push(await this.ask('reduceKeyGroup', { epoch, batchId, ref, keyGroup, again: false }));
    return this.ask('commitBatch', { ...batch, reduced: { emitted: 0, stuckSince: 0 }, groups });
  }
}

/** A pipeline on the stream: its saved state, and what it has written. */
export class SimulatedRun {
  readonly memory: Memory;
  readonly #stream: SimulatedStream;
  #runs = 0;
  #steps: Steps | undefined;

  /** `ports`: instead of those in memory. */
  constructor(stream: SimulatedStream, ports: Partial<Ports> = {}) {
    this.#stream = stream;
    this.memory = memoryPorts(undefined as never, ports);
  }

  /** One execution, and its successors. Throws what a step throws in the end. */
  async execute(pipeline: Pipeline, request: Request = {}, until?: () => boolean): Promise<EndReason | 'cut'> {
    const stream = this.#stream;
    const { memory } = this;
    const ports = {
      ...memory.ports,
      source: stream.source(pipeline.source),
      clock: {
        now: () => stream.now,
        sleep: async (ms: number) => stream.pass(Math.ceil(ms)),
      },
    };
    const runtime: Runtime = { pipeline, ports, md5, decompress, log: { info: () => {}, warn: () => {} } };
    memory.now = stream.now;
    for (let execution = 0; execution < maxExecutions; execution++) {
      const end = await this.#executeOne(runtime, request, until);
      if (end !== 'continue-as-new') return end;
    }
    throw new Error(`no end after ${maxExecutions} executions`);
  }

  async #executeOne(
    runtime: Runtime,
    request: Request,
    until: (() => boolean) | undefined,
  ): Promise<EndReason | 'continue-as-new' | 'cut'> {
    const stream = this.#stream;
    const run = `run-${++this.#runs}`;
    const common = { request, run, executionId: run, timing, startedAt: new Date(stream.now).toISOString() };
    const machine = new Steps(createHandlers(runtime), common);
    this.#steps = machine;
    let batch: BatchState = { next: 'plan', turn: 0, caughtUp: false };
    let outcomes: readonly Outcome[] = [];
    for (let step = 0; step < maxSteps; step++) {
      if (batch.next === 'done') return batch.reason;
      if (batch.next === 'continue-as-new') return batch.next;
      if (batch.next === 'plan' || batch.next === 'wait') {
        if (until?.() === true) return 'cut';
        if (batch.next === 'wait') stream.now = Math.max(stream.now, Date.parse(batch.waitUntil));
        batch = await machine.plan(batch, outcomes);
        outcomes = [];
      } else if (batch.next === 'process') {
        outcomes = await machine.process(batch);
        if (outcomes.includes('moved')) batch = sealNext(batch);
        else {
          stream.now = Math.max(stream.now, Date.parse(batch.waitUntil));
          batch = await machine.plan(batch, outcomes);
        }
      } else if (batch.next === 'seal') batch = await machine.seal(batch, outcomes);
      else batch = await machine.commit(batch);
    }
    throw new Error(`no end after ${maxSteps} steps`);
  }

  /** A step once more, beside the execution that runs. */
  async again(step: keyof Handlers, input: object): Promise<void> {
    await this.#steps?.ask(step, input);
  }

  get rows(): readonly { readonly id: number; readonly shardId: string; readonly sub: number }[] {
    return this.memory.sent.map(({ data }) => JSON.parse(String(data)));
  }

  /** In the order in which they were written. */
  get ids(): readonly number[] {
    return this.rows.map(({ id }) => id);
  }

  /** What was written since the last time this was asked. */
  takeIds(): number[] {
    const { ids } = this;
    this.memory.sent.length = 0;
    return [...ids];
  }

  async committed(): Promise<BatchBody> {
    const { head, ports } = this.memory;
    const { batchId, ref } = head!.committed!;
    return ports.seals.loadBody(batchId, ref);
  }

  async bodies(): Promise<readonly BatchBody[]> {
    const bodies: BatchBody[] = [];
    for (let at: BatchName | null = this.memory.head!.committed!; at !== null; ) {
      const body: BatchBody = await this.memory.ports.seals.loadBody(at.batchId, at.ref);
      bodies.unshift(body);
      at = body.previous;
    }
    return bodies;
  }
}

export const at = (time: number) => `AT_TIMESTAMP ${new Date(time).toISOString() as `${string}T${string}Z`}` as const;

/** 0, 1, 2 … */
export const count = (to: number, from = 0): number[] => Array.from({ length: to - from }, (_, at) => from + at);
