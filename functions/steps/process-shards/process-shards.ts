/** ProcessShards: reads the shards of one task and stores what it made of them as one block. */
import type { Outcome } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import { inParallel } from '../../core/in-parallel.ts';
import {
  addCounters,
  formatVersion,
  noCounts,
  type PlannedShard,
  type PlannedTask,
  type ShardResult,
  type StopReason,
} from '../../core/model.ts';
import { hasMoved, ShardRead, type Taken, TaskRead } from '../../core/read-task.ts';
import type { Page, ShardCursor } from '../../ports.ts';
import type { ProcessShardsInput, ProcessShardsOutput } from '../messages.ts';
import type { Runtime } from '../runtime.ts';

/** Bounds what is in memory: each shard in flight can hold an answer of 10 MiB. */
const shardsAtOnce = 8;
/** An event is smaller than such an answer, and a shard without records keeps its place for a second or more. */
const subscriptionsAtOnce = 50;
/** What a delivery that began in time may still take. */
const sendGraceMs = 4_000;

type ShardOutcome = {
  readonly shard: PlannedShard;
  readonly read: ShardRead;
  readonly result: ShardResult;
  readonly error: string | undefined;
};

export async function processShards(input: ProcessShardsInput, runtime: Runtime): Promise<ProcessShardsOutput> {
  const { pipeline, ports } = runtime;
  const deadline = ports.clock.now() + input.readSeconds * 1000;
  const task = await ports.batches.loadTask(input.epoch, input.task);
  if (task.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(task.fingerprint, pipeline.fingerprint));
  }
  const { stream } = pipeline.source;
  const streamName = stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? '');
  const read = new TaskRead(pipeline, task, streamName, runtime.md5);
  const shards = await inParallel(task.shards, atOnceOf(task), (shard) => readShard(read, shard, deadline, runtime));
  await read.checkSchema();
  const moved = shards.some(
    ({ shard, result, error }) => error === undefined && hasMoved(pipeline, task, shard, result),
  );
  const kept = shards.some(({ read: { records } }) => records > 0);
  if (moved || kept) await storeBlock(read, task, shards, runtime);
  return { outcome: moved || kept ? 'moved' : outcomeOf(shards) };
}

const atOnceOf = (task: PlannedTask): number => (task.consumerArn === null ? shardsAtOnce : subscriptionsAtOnce);

export const fingerprintMessage = (saved: string, current: string): string =>
  `the saved state was made by keys, window and aggregates ${saved}; the code now says ${current}. ` +
  'Go back to the earlier definition, or start under another pipeline name.';

async function readShard(
  read: TaskRead,
  shard: PlannedShard,
  deadline: number,
  runtime: Runtime,
): Promise<ShardOutcome> {
  const { pipeline, ports, log } = runtime;
  const shardRead = new ShardRead(read, shard);
  const { maxFetchTimePerShardMs } = pipeline.source;
  const start = ports.clock.now();
  // Where not all shards are subscribed to at once, each round has its share of the time that is left.
  const share = Math.max(0, deadline - start) / Math.ceil(read.task.shards.length / subscriptionsAtOnce);
  const longest = read.task.consumerArn === null ? Number.POSITIVE_INFINITY : share;
  const until = Math.min(deadline, start + (maxFetchTimePerShardMs ?? Number.POSITIVE_INFINITY), start + longest);
  try {
    const stop = await readUntil(read, shardRead, { shardId: shard.shardId, until, deadline }, runtime);
    return { shard, read: shardRead, result: shardRead.result(stop), error: undefined };
  } catch (error) {
    if (!concernsOneShard(error)) throw error;
    // What was delivered before is whole and stays; the rest is read again by the next batch.
    log.warn('shard failed', { shardId: shard.shardId, error: error.name });
    return { shard, read: shardRead, result: shardRead.result('failed'), error: error.name };
  }
}

/** A shard that is gone, or whose checkpoint Kinesis does not take, must not stop its neighbours. */
function concernsOneShard(error: unknown): error is SluiceError {
  if (!(error instanceof SluiceError) || error instanceof TaskFailure) return false;
  return error.canRetry || error.name === 'CorruptCheckpoint' || error.name === 'StreamNotFound';
}

async function readUntil(
  read: TaskRead,
  shardRead: ShardRead,
  at: { readonly shardId: string; readonly until: number; readonly deadline: number },
  runtime: Runtime,
): Promise<StopReason> {
  const { pipeline, ports } = runtime;
  const { until } = at;
  const { consumerArn } = read.task;
  const reading = { until, deadline: at.deadline, consumerArn };
  const cursor: ShardCursor = await ports.source.open(at.shardId, shardRead.startPosition, reading);
  try {
    for (;;) {
      const limit = Math.min(pipeline.source.numberOfRecordsPerFetch, shardRead.remaining);
      const page = await cursor.next(limit);
      if (page === 'would-wait') return 'deadline';
      if (!(await takePage(read, shardRead, page, at.deadline, runtime))) return 'deadline';
      const stop = shardRead.endPage(page, page.isEvent ? Number.POSITIVE_INFINITY : limit);
      if (stop !== undefined) return stop;
      if (ports.clock.now() >= until) return 'deadline';
    }
  } finally {
    shardRead.subscribedAt = cursor.subscribedAt;
    cursor.close?.();
  }
}

/** Step by step, each delivered before the next; false when time ran out with records of the page left. */
async function takePage(
  read: TaskRead,
  shardRead: ShardRead,
  page: Page,
  deadline: number,
  { ports }: Runtime,
): Promise<boolean> {
  for (let at = 0; at < page.records.length; ) {
    if (at > 0 && ports.clock.now() >= deadline) return false;
    const { taken, next } = shardRead.takeSome(page, at);
    try {
      await deliver(taken, ports);
    } catch (error) {
      // Partial aggregates can't be taken back: the whole task is read again.
      if (read.table !== undefined) throw concernsOneShard(error) ? new TaskFailure(error) : error;
      shardRead.undo();
      throw error;
    }
    at = next;
  }
  return true;
}

/** Concerns all shards of the task. */
class TaskFailure extends SluiceError {
  constructor(cause: SluiceError) {
    super('TemporaryFailure', `dead letters could not be stored: ${cause.message}`, { cause });
  }
}

async function deliver(taken: Taken, ports: Runtime['ports']): Promise<void> {
  if (taken.outputs.length > 0) await ports.sink.send(taken.outputs, ports.clock.now() + sendGraceMs);
  if (taken.deadLetters.length > 0) await ports.deadLetters.put(taken.deadLetters);
}

async function storeBlock(
  read: TaskRead,
  task: PlannedTask,
  shards: readonly ShardOutcome[],
  { ports, log }: Runtime,
): Promise<void> {
  const counters = shards.map((shard) => shard.read.counters).reduce(addCounters, noCounts);
  const stored = await ports.batches.putBlock(
    {
      v: formatVersion,
      ref: task.ref,
      batchId: task.batchId,
      task: task.task,
      nonce: ports.newId(),
      shards: shards.flatMap(({ error, read: { records }, result }) =>
        error !== undefined && records === 0 ? [] : [result],
      ),
      failedShards: shards.flatMap(({ shard, error }) =>
        error === undefined ? [] : [{ shardId: shard.shardId, error }],
      ),
      counters,
      latestWindowEnd: read.table?.latestWindowEnd ?? null,
    },
    read.table?.saveByKeyGroup(task.parallelism) ?? new Map(),
  );
  log.info('block', { stored, ...counters });
}

function outcomeOf(shards: readonly ShardOutcome[]): Outcome {
  if (shards.some((shard) => shard.error !== undefined)) return 'failed';
  return shards.every((shard) => shard.result.stop === 'caught-up') ? 'caught-up' : 'behind';
}
