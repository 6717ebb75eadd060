/** The product's functions, each invocation with ports and a clock of its own. */
import { decompress } from '../../../functions/adapters/decompress.ts';
import { createDeadLetterReader } from '../../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { removeSavepoint } from '../../../functions/adapters/dynamodb/remove-pipeline.ts';
import { createSavepointIndex } from '../../../functions/adapters/dynamodb/savepoint-index.ts';
import { openStorage, type Storage } from '../../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import { createIsolationInPlace } from '../../../functions/adapters/isolation/thread-isolation.ts';
import { createKinesisSink } from '../../../functions/adapters/kinesis/kinesis-sink.ts';
import { openStream } from '../../../functions/adapters/open-sinks.ts';
import { createBucket } from '../../../functions/adapters/s3/bucket.ts';
import { endingWithSteps, type StepLife } from '../../../functions/adapters/step-life.ts';
import { SluiceError } from '../../../functions/core/errors.ts';
import type { OperatedPipeline } from '../../../functions/operations/operated-pipeline.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { Isolation } from '../../../functions/ports/isolation.ts';
import type { Ports, Stores } from '../../../functions/ports/ports.ts';
import { metricReporter } from '../../../functions/reporters/metrics.ts';
import type { CheckedKinesisSink } from '../../../functions/sinks/kinesis.ts';
import {
  commitBatchHandler,
  planBatchHandler,
  processShardsHandler,
  reduceKeyGroupHandler,
  sealBatchHandler,
} from '../../../functions/steps/handlers.ts';
import type { Log, Runtime } from '../../../functions/steps/runtime.ts';
import type { FunctionName } from '../../../state-machine/micro-batch.ts';
import { pipelineName, tableName } from '../checks/stored.ts';
import type { Report } from '../checks/violation.ts';
import type { Random } from '../random.ts';
import { isCalledWith, withParts } from './called-function.ts';
import { stateBucketName } from './calls.ts';
import { clientsOf, requestsOf } from './clients.ts';
import { type DeadlyKind, dieInPlace, simulatedIsolation } from './deadly-code.ts';
import { openDelivery } from './delivery.ts';
import { type DetachCommand, detachAs, detachedName, isDetachCommand } from './detaching.ts';
import { md5 } from './digest.ts';
import { filesSink, objectsOf, withFiles } from './files.ts';
import type { Invocation } from './invocation.ts';
import { type Operation, operate, savepointOfRun, theSavepoint } from './operations.ts';
import { pipelineOf, type ReferenceOfCode, type SimulatedEvent } from './pipelines.ts';
import { GivenTable, SimulatedReference } from './reference.ts';
import type { Scenario } from './scenario.ts';
import { sourceOf } from './sources.ts';
import { withView } from './view.ts';
import type { World } from './world.ts';

const handlers = {
  'plan-batch': planBatchHandler,
  'process-shards': processShardsHandler,
  'seal-batch': sealBatchHandler,
  'reduce-key-group': reduceKeyGroupHandler,
  'commit-batch': commitBatchHandler,
};
type StepName = keyof typeof handlers;

export const stepNames: readonly { readonly name: FunctionName; readonly step: StepName }[] = [
  { name: 'planBatch', step: 'plan-batch' },
  { name: 'processShards', step: 'process-shards' },
  { name: 'sealBatch', step: 'seal-batch' },
  { name: 'reduceKeyGroup', step: 'reduce-key-group' },
  { name: 'commitBatch', step: 'commit-batch' },
];

const noLog = { info: () => {}, warn: () => {} };

/** Thrown on purpose, and retried or not by their names; everything else is a bug. */
const expected = new Set(['TimeoutError']);

export type FunctionsParts = {
  readonly world: WorldOfFunctions;
  readonly startTime: number;
  /** Instead of the first one of the scenario. */
  readonly pipeline?: Pipeline;
  readonly log?: Log;
};

export type WorldOfFunctions = Pick<
  World,
  | 'random'
  | 'network'
  | 'scheduler'
  | 'sdk'
  | 'options'
  | 'dimensions'
  | 'lossAcceptedSince'
  | 'memoryRaisedSince'
  | 'mendedSince'
> & {
  readonly checks: Pick<World['checks'], 'report'> &
    Partial<Pick<World['checks'], 'measured' | 'planned' | 'fenced'>> & {
      readonly redrive?: Pick<World['checks']['redrive'], 'chosen' | 'calledOff' | 'isOfLetters'>;
    };
  readonly ledger?: Pick<World['ledger'], 'died'>;
  readonly called?: World['called'];
  /** Of that version of the code; as the scenario has it if not said. */
  readonly parallelismOf?: World['parallelismOf'];
};

export class Functions {
  readonly #world: WorldOfFunctions;
  readonly #log: Log;
  readonly #startTime: number;
  readonly #pipelines: Pipeline[] = [];
  readonly #newId: () => string;
  /** Of the jitter of pauses. */
  readonly #pause: () => number;
  readonly #starts: Random;
  readonly #reference: SimulatedReference | undefined;

  constructor({ world, startTime, pipeline, log = noLog }: FunctionsParts) {
    this.#world = world;
    this.#startTime = startTime;
    this.#log = log;
    if (pipeline !== undefined) this.#pipelines[0] = pipeline;
    const ids = world.random.fork('ids');
    this.#newId = () => ids.uuid();
    const pauses = world.random.fork('pauses');
    this.#pause = () => pauses.next();
    this.#starts = world.random.fork('threads');
    const { scheduler, dimensions, checks, options } = world;
    const parts = { startTime, scheduler, dimensions, random: world.random.fork('reference') };
    const report: Report = (...violation) => checks.report(...violation);
    const { reference, maxClockSkewMs } = options.scenario;
    this.#reference = reference && new SimulatedReference(reference, { ...parts, report, maxClockSkewMs });
  }

  async run(invocation: Invocation): Promise<unknown> {
    await invocation.gate();
    const pipeline = this.#pipelineFor(invocation);
    const ports = endingWithSteps((life) => this.#portsOf(pipeline, invocation, life));
    const { tableBytes, fewShards, noteEveryMs, reducerBytes } = this.#world.options.scenario;
    const hasMore = invocation.version >= this.#world.memoryRaisedSince;
    const budget = {
      ...(reducerBytes === undefined || hasMore ? {} : { memory: { limitBytes: reducerBytes, peakBytes: () => 0 } }),
      ...(tableBytes === undefined ? {} : { tableBudgetBytes: tableBytes }),
      ...(fewShards === undefined ? {} : { fewShards }),
      ...(noteEveryMs === undefined ? {} : { noteEveryMs }),
    };
    const reporters = [metricReporter({ set: 'all', write: (line) => this.#world.checks.measured?.(line) })];
    const runtime: Runtime = { pipeline, ports, md5, decompress, log: this.#log, reporters, ...budget };
    const handler = handlers[invocation.step as StepName](runtime);
    try {
      const answer = await handler(invocation.payload, { getRemainingTimeInMillis: () => invocation.remainingMs });
      if (invocation.step === 'plan-batch') this.#world.checks.planned?.(invocation, answer);
      return answer;
    } catch (error) {
      // Nothing is lost here, so whoever misses something comes too late, and has to see it.
      const isMissed = error instanceof SluiceError && error.name === 'MissingItem';
      if (isMissed || (!(error instanceof SluiceError) && !expected.has((error as Error).name))) {
        this.#world.checks.report('errors', `${invocation.id}: ${(error as Error).stack}`);
      }
      throw error;
    } finally {
      invocation.end();
    }
  }

  /** As the command does it, with the pipeline's code as it is deployed. */
  async operate(invocation: Invocation): Promise<unknown> {
    await invocation.gate();
    const pipelineOfName = (name: string): OperatedPipeline & Pick<Stores, 'letterLists'> => ({
      ...createStores(this.#storageOf(invocation, name)),
      ...{ name, newId: this.#newId, clock: clockOf(invocation) },
    });
    try {
      if (isDetachCommand(invocation.payload as Operation))
        return await detachAs(
          invocation.payload as DetachCommand,
          detachedName(this.#world.options.scenario.detached!),
          pipelineOfName(pipelineName),
        );
      await operate(invocation.payload as Operation, {
        pipeline: pipelineOfName(pipelineName),
        listed: {
          ...{ name: savepointOfRun, pipeline: pipelineOfName(pipelineName), savepoint: pipelineOfName(theSavepoint) },
          index: createSavepointIndex(this.#storageOf(invocation, pipelineName)),
          removeAll: () => removeSavepoint(this.#storageOf(invocation, theSavepoint)),
          bucket: this.#world.options.scenario.bucket === undefined ? null : stateBucketName,
        },
        definition: this.#pipelineOf(invocation.version),
        letters: () => {
          const { table } = this.#storageOf(invocation, pipelineName);
          const reader = createDeadLetterReader(table, pipelineName);
          return reader.list({}, ({ why }) => this.#world.checks.report('dead letters', `unreadable: ${why}`));
        },
        onChosen: (names, committed) => this.#world.checks.redrive?.chosen(names, committed),
        onCalledOff: (calledOff) => this.#world.checks.redrive?.calledOff(calledOff),
        onFenced: (fenced) => this.#world.checks.fenced?.(fenced),
      });
    } catch (error) {
      if (!(error instanceof SluiceError) && !expected.has((error as Error).name))
        this.#world.checks.report('errors', `${invocation.id}: ${(error as Error).stack}`);
      throw error;
    } finally {
      invocation.end();
    }
    return undefined;
  }

  #storageOf(invocation: Invocation, pipeline: string): Storage {
    const clients = clientsOf(this.#world, invocation);
    const clock = clockOf(invocation);
    const { scenario } = this.#world.options;
    const { bucket, chunkBytes, stateLimits } = scenario;
    const table = new Table(clients.dynamodb, tableName, clock, this.#pause, chunkBytes);
    const inBucket = bucket && {
      ...bucket,
      bucket: createBucket(stateBucketName, { client: clients.s3, clock, random: this.#pause }),
    };
    return openStorage({ table, pipeline, clock, newId: this.#newId, stateLimits, ...inBucket, ...partsOf(scenario) });
  }

  /** Where user code may be deadly, each invocation has callbacks of its own: they end this one and no other. */
  #pipelineFor(invocation: Invocation): Pipeline {
    const { scheduler, dimensions } = this.#world;
    const how = this.#deadlyIn(invocation);
    const { rowMs } = this.#world.options.scenario;
    const onRow = rowMs === undefined ? undefined : () => invocation.work(rowMs);
    if (this.#reference !== undefined)
      return this.#makePipeline(invocation.version, undefined, onRow, this.#givenIn(invocation));
    if (onRow !== undefined) return this.#makePipeline(invocation.version, undefined, onRow);
    if (how === undefined) return this.#pipelineOf(invocation.version);
    return this.#makePipeline(invocation.version, () => {
      const { deadlyLetters } = this.#world.options.scenario;
      const ofRecords = deadlyLetters === undefined ? 'deadly records' : 'letters that executors die of';
      dimensions.count(invocation.step === 'process-shards' ? ofRecords : 'deadly rows');
      dieInPlace(how, invocation, scheduler);
    });
  }

  #deadlyIn({ step, payload }: Invocation): DeadlyKind | undefined {
    const { deadly, deadlyRow, calls, deadlyLetters } = this.#world.options.scenario;
    if (step === 'process-shards' && deadlyLetters !== undefined)
      return this.#world.checks.redrive?.isOfLetters(payload) === true ? deadlyLetters.how : undefined;
    if (step === 'process-shards') return deadly?.how;
    return step === 'reduce-key-group' && calls?.kills !== true ? deadlyRow?.how : undefined;
  }

  #pipelineOf(version: number): Pipeline {
    this.#pipelines[version] ??= this.#makePipeline(version);
    return this.#pipelines[version];
  }

  #givenIn({ id }: Invocation): ReferenceOfCode {
    const { checks } = this.#world;
    const { see } = new GivenTable((detail) => checks.report('reference', `${id}: ${detail}`));
    return { load: () => this.#reference!.load(), see };
  }

  #makePipeline(
    version: number,
    onDeadly?: (event?: SimulatedEvent) => void,
    onRow?: () => void,
    reference?: ReferenceOfCode,
  ): Pipeline {
    const { scenario: drawn } = this.#world.options;
    const scenario = { ...drawn, parallelism: this.#world.parallelismOf?.(version) ?? drawn.parallelism };
    const acceptsLoss = version >= this.#world.lossAcceptedSince;
    const isMended = version >= this.#world.mendedSince;
    const pipeline = pipelineOf(
      scenario,
      { version, acceptsLoss, isMended },
      this.#startTime,
      onDeadly,
      onRow,
      reference,
    );
    if (scenario.hasFiles === true) return withFiles(pipeline, version, scenario.movesFiles === true);
    return withParts(pipeline, scenario.calls, version);
  }

  #isolationOf(pipeline: Pipeline, invocation: Invocation): Isolation {
    const how = this.#deadlyIn(invocation);
    if (how === undefined) return createIsolationInPlace(pipeline, decompress);
    return simulatedIsolation({
      how,
      invocation,
      scheduler: this.#world.scheduler,
      random: this.#starts,
      decompress,
      onDeath: ({ id }) => this.#world.ledger?.died(id, this.#world.scheduler.now),
      pipelineWith: (onDeadly) => this.#makePipeline(invocation.version, onDeadly),
    });
  }

  #portsOf(pipeline: Pipeline, invocation: Invocation, life: StepLife | undefined): Ports {
    const ownClock = clockOf(invocation);
    const clock = life?.clockOf(ownClock) ?? ownClock;
    const clients = clientsOf(this.#world, invocation);
    const dynamodb = life?.clientOf(clients.dynamodb, 'DynamoDB') ?? clients.dynamodb;
    const kinesis = life?.clientOf(clients.kinesis, 'Kinesis') ?? clients.kinesis;
    const table = new Table(dynamodb, tableName, clock, this.#pause, this.#world.options.scenario.chunkBytes);
    const around = {
      execute: requestsOf(this.#world, invocation),
      date: () => this.#world.scheduler.now,
      random: this.#pause,
    };
    const { stateLimits, keptLimits } = this.#world.options.scenario;
    const ordered = this.#world.options.scenario.ordered === true;
    const ofFiles = { client: life?.clientOf(clients.s3, 'S3') ?? clients.s3, clock, random: this.#pause };
    const { bucket } = this.#world.options.scenario;
    const inBucket = bucket && { ...bucket, bucket: createBucket(stateBucketName, ofFiles) };
    const sinks = pipeline.outputs.map((output) => {
      const { id, sink } = output;
      if (output.files !== undefined) return [id, filesSink(ofFiles, output.files)] as const;
      const delivered = openDelivery(sink, { ...around, clock, life });
      if (delivered !== undefined) return [id, delivered] as const;
      const { stream, aggregate } = sink.options as CheckedKinesisSink;
      const sent = openStream({ ordered, aggregate }, (laneOf) =>
        createKinesisSink(kinesis, stream, clock, this.#pause, { laneOf }),
      );
      const hasView = this.#world.options.scenario.hasView === true && id === 'main';
      const besides = { client: dynamodb, clock, random: this.#pause };
      const hasLongKeys = this.#world.options.scenario.hasLongKeys === true;
      if (isCalledWith(this.#world.options.scenario.calls, id))
        return [id, this.#world.called!.sinkOf({ ...besides, stream: sent, invocation, over: life?.over })] as const;
      return [id, hasView ? withView(sent, { ...besides, hasLongKeys }) : sent] as const;
    });
    return {
      clock,
      newId: this.#newId,
      source: sourceOf(pipeline, kinesis, clock, this.#pause),
      sink: (output) => new Map(sinks).get(output)!,
      objectsAt: (place) => objectsOf(ofFiles, place),
      isolation: this.#isolationOf(pipeline, invocation),
      references: this.#reference?.port(pipeline, invocation, clock) ?? { take: async () => undefined },
      ...createStores(
        openStorage({
          table,
          pipeline: pipeline.name,
          clock,
          newId: this.#newId,
          stateLimits,
          keptLimits,
          ...inBucket,
          ...partsOf(this.#world.options.scenario),
        }),
        pipeline.letterKeeping,
      ),
    };
  }
}

const clockOf = (invocation: Invocation): Clock => ({
  now: () => invocation.clockNow,
  sleep: (ms: number, cut?: AbortSignal) => invocation.sleep(ms, cut),
});

const partsOf = ({ shardParts, passesPlans, mostKeptInBody }: Scenario) => ({
  ...{ passesPlans, mostKeptInBody },
  ...(shardParts === undefined ? {} : { shardParts }),
});
