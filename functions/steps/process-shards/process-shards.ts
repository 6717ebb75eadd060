/** ProcessShards: reads the shards of one task and stores what it made of them as one block. */
import { ByteBudget } from '../../core/byte-budget.ts';
import { mergeTallies } from '../../core/dead-letter-tally.ts';
import type { Outcome } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import { inParallel } from '../../core/in-parallel.ts';
import {
  addCounters,
  formatVersion,
  noCounts,
  type PlannedShard,
  type ShardResult,
  type StopReason,
} from '../../core/model.ts';
import type { Position } from '../../core/position.ts';
import { hasMoved, ShardRead, type Taken, TaskRead } from '../../core/read-task.ts';
import { subscriptionsAtOnce } from '../../core/subscription-pace.ts';
import type { Page, Reading as ReadOptions, ReadUsage, ShardCursor } from '../../ports.ts';
import { knowingTheLimit } from '../knowing-the-limit.ts';
import type { ProcessShardsInput, ProcessShardsOutput } from '../messages.ts';
import { defaultReadBudgetBytes, type Runtime } from '../runtime.ts';

/** As many connections as the SDK's client opens. What is in memory of their answers at once is bounded in bytes. */
const shardsAtOnce = subscriptionsAtOnce;
/** What an answer may bring, however few records are asked for: one alone may have so much. */
const pageBytes = 10 * 1_048_576;
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
  const startedAt = ports.clock.now();
  const deadline = startedAt + input.readSeconds * 1000;
  const task = await ports.batches.loadTask(input.epoch, input.task);
  if (task.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(task.fingerprint, pipeline.fingerprint));
  }
  const { stream } = pipeline.source;
  const streamName = stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? '');
  const read = new TaskRead(pipeline, task, streamName, runtime.md5, runtime.decompress);
  const budget = new ByteBudget(Math.max(pageBytes, runtime.readBudgetBytes ?? defaultReadBudgetBytes));
  const reading = { read, budget, deadline, runtime };
  const shards = await inParallel(task.shards, shardsAtOnce, (shard) => readShard(reading, shard));
  await read.checkSchema();
  const moved = shards.some(
    ({ shard, result, error }) => error === undefined && hasMoved(pipeline, task, shard, result),
  );
  const kept = shards.some(({ read: { records } }) => records > 0);
  const workMs = ports.clock.now() - startedAt;
  const isWorthABlock = moved || kept || isCutOff(shards);
  if (isWorthABlock) await storeBlock(read, shards, workMs, runtime);
  return { outcome: isWorthABlock ? 'moved' : outcomeOf(shards) };
}

/** Some had their turn and some had not: unless that is written down, the same ones come first again. */
function isCutOff(shards: readonly ShardOutcome[]): boolean {
  const hadTurn = ({ result }: ShardOutcome): boolean => result.answeredAt !== undefined;
  return shards.some(hadTurn) && shards.some((shard) => !hadTurn(shard) && shard.result.stop === 'deadline');
}

export const fingerprintMessage = (saved: string, current: string): string =>
  `the saved state was made by keys, window and aggregates ${saved}; the code now says ${current}. ` +
  'Go back to the earlier definition, or start under another pipeline name.';

type Reading = {
  readonly read: TaskRead;
  readonly budget: ByteBudget;
  readonly deadline: number;
  readonly runtime: Runtime;
};

async function readShard(reading: Reading, shard: PlannedShard): Promise<ShardOutcome> {
  const { ports, log } = reading.runtime;
  const { shardId } = shard;
  const shardRead = new ShardRead(reading.read, shard);
  // Its turn came too late: the next batch reads it first.
  if (ports.clock.now() >= reading.deadline)
    return { shard, read: shardRead, result: shardRead.result('deadline', notAsked(shard)), error: undefined };
  const how = howToRead(reading, shard);
  let cursor: ShardCursor | undefined;
  const readFrom = async (position: Position): Promise<StopReason> => {
    cursor = await ports.source.open(shardId, position, how);
    try {
      return await readUntil(reading, shardRead, cursor, how);
    } finally {
      shardRead.subscribedAt = cursor.subscribedAt;
      cursor.close?.();
    }
  };
  try {
    const stop = await readWhatIsLeft(shardRead, readFrom);
    if (stop === 'throttled') log.warn('shard throttled', { shardId, ...cursor?.usage });
    return { shard, read: shardRead, result: shardRead.result(stop, cursor?.usage), error: undefined };
  } catch (error) {
    if (!concernsOneShard(error)) throw error;
    // What was delivered before is whole and stays; the rest is read again by the next batch.
    log.warn('shard failed', { shardId, error: error.name, cause: error.message });
    const result = shardRead.result('failed', cursor?.usage);
    return { shard, read: shardRead, result, error: error.name };
  }
}

function howToRead({ read, budget, deadline, runtime }: Reading, { readableAt }: PlannedShard): ReadOptions {
  const { consumerArn, shards } = read.task;
  const { maxFetchTimePerShardMs = Number.POSITIVE_INFINITY } = runtime.pipeline.source;
  const now = runtime.ports.clock.now();
  // Where not all shards are subscribed to at once, each round has its share of the time that is left.
  const share = Math.max(0, deadline - now) / Math.ceil(shards.length / subscriptionsAtOnce);
  const longest = consumerArn === null ? maxFetchTimePerShardMs : Math.min(share, maxFetchTimePerShardMs);
  const takeRoom = (bytes: number) => budget.take(bytes);
  return { until: Math.min(deadline, now + longest), deadline, consumerArn, readableAt, takeRoom };
}

/** Until when Kinesis refuses its next call is as true as before. */
const notAsked = ({ readableAt }: PlannedShard): ReadUsage => ({
  calls: 0,
  throttles: 0,
  ...(readableAt === undefined ? {} : { readableAt }),
});

/** A shard that is gone, or whose checkpoint Kinesis does not take, must not stop its neighbours. */
function concernsOneShard(error: unknown): error is SluiceError {
  if (!(error instanceof SluiceError) || error instanceof TaskFailure) return false;
  return error.canRetry || error.name === 'CorruptCheckpoint' || error.name === 'StreamNotFound';
}

/** Kinesis may refuse the number of a record that retention took: then the read starts at what is left, and says so. */
async function readWhatIsLeft(
  shardRead: ShardRead,
  readFrom: (position: Position) => Promise<StopReason>,
): Promise<StopReason> {
  try {
    return await readFrom(shardRead.startPosition);
  } catch (error) {
    // What has already come must not come again.
    const isRefused = error instanceof SluiceError && error.name === 'CorruptCheckpoint' && shardRead.records === 0;
    const { remainder } = shardRead;
    if (!isRefused || remainder === undefined) throw error;
    return readFrom(remainder);
  }
}

async function readUntil(
  { read, budget, deadline, runtime }: Reading,
  shardRead: ShardRead,
  cursor: ShardCursor,
  how: ReadOptions,
): Promise<StopReason> {
  const { clock } = runtime.ports;
  const { maxFetchTimePerShardMs = Number.POSITIVE_INFINITY, numberOfRecordsPerFetch } = runtime.pipeline.source;
  const polls = read.task.consumerArn === null;
  let until = polls ? undefined : how.until;
  for (let pages = 0; ; pages++) {
    const limit = Math.min(numberOfRecordsPerFetch, shardRead.remaining);
    const held = polls ? await budget.take(pageBytes) : undefined;
    try {
      // The shard's own time begins with its first page: waiting for memory is not its fault.
      until ??= Math.min(deadline, clock.now() + maxFetchTimePerShardMs);
      if (clock.now() >= deadline) return 'deadline';
      const page = await cursor.next(limit, deadline);
      // Not one call was possible: that is a limit reached, and no backlog to go on with at once.
      if (page === 'throttled' || (page === 'would-wait' && pages === 0)) return 'throttled';
      if (page === 'would-wait' || page === 'no-room') return 'deadline';
      held?.shrinkTo(page.records.reduce((sum, { data }) => sum + data.length, 0));
      if (!(await takePage({ read, budget, deadline, runtime }, shardRead, page))) return 'deadline';
      const stop = shardRead.endPage(page, page.isEvent ? Number.POSITIVE_INFINITY : limit);
      if (stop !== undefined) return stop;
      if (clock.now() >= until) return 'deadline';
    } finally {
      held?.release();
    }
  }
}

/** Step by step, each delivered before the next; false when time ran out with records of the page left. */
async function takePage({ read, deadline, runtime }: Reading, shardRead: ShardRead, page: Page): Promise<boolean> {
  const { ports } = runtime;
  for (let at = 0; at < page.records.length; ) {
    if (at > 0 && ports.clock.now() >= deadline) return false;
    const { taken, next } = await knowingTheLimit(
      { limit: read.limit, sink: ports.sink },
      () => shardRead.takeSome(page, at),
      () => shardRead.undo(),
    );
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

async function deliver(taken: Taken, { sink, deadLetters, clock }: Runtime['ports']): Promise<void> {
  const deadline = clock.now() + sendGraceMs;
  const unsent = taken.outputs.length > 0 ? await sink.send(taken.outputs, deadline) : undefined;
  if (unsent !== undefined) throw unsent.error;
  const unstored = taken.deadLetters.length > 0 ? await deadLetters.put(taken.deadLetters, deadline) : undefined;
  if (unstored !== undefined) throw unstored.error;
}

async function storeBlock(
  read: TaskRead,
  shards: readonly ShardOutcome[],
  workMs: number,
  { ports, log }: Runtime,
): Promise<void> {
  const { task } = read;
  const counters = shards.map((shard) => shard.read.counters).reduce(addCounters, noCounts);
  const letters = mergeTallies(shards.map((shard) => shard.read.letters));
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
      ...(letters.length === 0 ? {} : { letters }),
      workMs,
      latestWindowEnd: read.table?.latestWindowEnd ?? null,
    },
    read.table?.saveByKeyGroup(task.parallelism) ?? new Map(),
  );
  log.info('block', { stored, workMs, ...counters });
}

function outcomeOf(shards: readonly ShardOutcome[]): Outcome {
  if (shards.some((shard) => shard.error !== undefined)) return 'failed';
  return shards.every((shard) => shard.result.stop === 'caught-up') ? 'caught-up' : 'behind';
}
