/** One program for the source, on the embedded services: it is run, and what the sink got is held against the ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { BatchBody } from '../../functions/core/model.ts';
import { json, type KinesisSourceOptions, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { ConsumerType, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import type { ExecutionResult } from '../../local/driver/state-machine-runner.ts';
import { Crash, withFault } from './faults.ts';
import { checkInvariants, type Memory } from './invariants.ts';
import { SourceLedger } from './source-ledger.ts';
import type { Action, Program, Run } from './source-program.ts';
import { drawStart, type Start } from './source-start.ts';
import { letLeaseRunOut, makeStreams, runToEnd, runtimeOf, type StepName, uniqueName, type World } from './world.ts';

export type Row = { readonly id: number; readonly key: string };

export type Outcome = {
  /** What the sink got, repeats left out, each key in its order. */
  readonly rows: readonly Row[];
  readonly expected: readonly Row[];
  readonly chain: readonly BatchBody[];
  readonly repeats: number;
  readonly kills: number;
  readonly shards: number;
};

export async function runProgram(world: World, program: Program): Promise<Outcome> {
  const streams = await makeStreams(world, program.shards);
  const ledger = new SourceLedger(world, streams.source, program.perRecord);
  const [early, late] = program.before;
  await actAll(ledger, early);
  const start = await drawStart(program, ledger);
  if (program.start !== 'LATEST') await actAll(ledger, late);

  const written = pipelineOf(uniqueName('source'), streams, program, start);
  const memory: Memory = new Map();
  const driver = new Driver(world, written);
  // The moment that LATEST stands for.
  if (program.start === 'LATEST') {
    await driver.run(program.runs[0]!.consumerType, { untilCaughtUp: true });
    await actAll(ledger, late);
  }
  for (const run of program.runs) {
    await driver.runWith(ledger, run);
    if (await driver.hasBegun()) await checkInvariants(world, driver.runtime, streams.sink, memory);
  }
  const end = await driver.run(program.lastConsumerType, { untilCaughtUp: true });
  if (reasonOf(end) !== 'caught-up') throw new Error(`the last run ended by itself: ${JSON.stringify(end)}`);

  const { chain, outputs, repeats } = await checkInvariants(world, driver.runtime, streams.sink, memory);
  const parents = await ledger.parents();
  return {
    rows: outputs.map((text) => JSON.parse(text)).map(({ id, key }) => ({ id, key })),
    expected: ledger.events.filter((event) => start.includes(event, parents)).map(({ id, key }) => ({ id, key })),
    chain,
    repeats,
    kills: driver.kills,
    shards: parents.size,
  };
}

function pipelineOf(
  name: string,
  streams: { readonly source: string; readonly sink: string },
  program: Program,
  start: Start,
): Pipeline {
  const source: KinesisSourceOptions = {
    streamName: streams.source,
    startingPosition: start.position,
    maxFetchRecordsPerShard: program.maxFetch,
    describeShardInterval: program.describeShardInterval,
    // The embedded server loses the tags of a registration.
    subscribeToShard: { adopt: true },
  };
  return requirePipeline(
    pipeline(name, { shardsPerTask: program.shardsPerTask, minBatchesToRetain: 1_000 })
      .readStream(kinesis(source))
      .decode(json(z.object({ id: z.number(), key: z.string() })))
      .map((event) => ({ id: event.id, key: event.key }))
      .writeStream(kinesis({ streamName: streams.sink, partitionKey: (row) => row.key }))
      .trigger({ every: '0 seconds' }),
  );
}

async function actAll(ledger: SourceLedger, actions: readonly Action[]): Promise<void> {
  for (const action of actions) if (action.kind !== 'wait') await ledger.act(action);
}

const reasonOf = (result: ExecutionResult): unknown =>
  result.kind === 'succeeded'
    ? (result.output as { turn: { batch: { reason: string } } }).turn?.batch.reason
    : result.kind;

type PortsFor = (step: StepName, ports: Ports) => Ports;
type RequestOf = Parameters<typeof runToEnd>[1];

/** Starts one execution after the other; what one left running may still be at work when the next begins. */
class Driver {
  kills = 0;
  runtime: Runtime;
  readonly #world: World;
  readonly #pipeline: Pipeline;
  #calls = 0;

  constructor(world: World, written: Pipeline) {
    this.#world = world;
    this.#pipeline = written;
    this.runtime = runtimeOf(world, written);
  }

  async hasBegun(): Promise<boolean> {
    return (await this.runtime.ports.head.load()) !== undefined;
  }

  async runWith(ledger: SourceLedger, run: Run): Promise<void> {
    if (run.end === 'killed') {
      await actAll(ledger, run.actions);
      await this.run(run.consumerType, { untilCaughtUp: true }, { portsFor: this.#killer(run) });
      return;
    }
    const stop = new AbortController();
    const request: RequestOf = run.end === 'caught-up' ? { untilCaughtUp: true } : {};
    let isOver = false;
    const running = this.run(run.consumerType, request, { signal: stop.signal }).finally(() => {
      isOver = true;
    });
    for (const action of run.actions) {
      if (action.kind === 'wait') await this.#wait(action.calls, () => isOver);
      else await ledger.act(action);
    }
    if (run.end === 'aborted') stop.abort();
    await running;
  }

  /** Again, if what was left running took the lease once more. */
  async run(
    consumerType: ConsumerType,
    request: RequestOf,
    options: { readonly portsFor?: PortsFor; readonly signal?: AbortSignal } = {},
  ): Promise<ExecutionResult> {
    const { source } = this.#pipeline;
    this.runtime = runtimeOf(this.#world, { ...this.#pipeline, source: { ...source, consumerType } });
    const { portsFor = (_: StepName, ports: Ports) => ports } = options;
    for (;;) {
      await letLeaseRunOut(this.runtime);
      const result = await runToEnd(this.runtime, request, {
        ...options,
        portsFor: (step, ports) => {
          this.#calls += 1;
          return portsFor(step, ports);
        },
      });
      if (reasonOf(result) !== 'another-driver') return result;
    }
  }

  #killer({ step, invocation, point }: Extract<Run, { readonly end: 'killed' }>): PortsFor {
    let seen = 0;
    return (name, ports) => {
      if (name !== step || ++seen !== invocation) return ports;
      return withFault(ports, point, () => {
        this.kills += 1;
        throw new Crash('gone');
      });
    };
  }

  async #wait(calls: number, isOver: () => boolean): Promise<void> {
    const until = this.#calls + calls;
    while (this.#calls < until && !isOver()) await sleep(20);
  }
}
