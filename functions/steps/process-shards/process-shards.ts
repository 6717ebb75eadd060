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
import { hasMoved, ShardRead, TaskRead } from '../../core/read-task.ts';
import { StepPace } from '../../core/step-pace.ts';
import { subscriptionsAtOnce } from '../../core/subscription-pace.ts';
import type { Page, Reading as ReadOptions, ReadUsage, ShardCursor } from '../../ports.ts';
import { knowingTheLimit } from '../knowing-the-limit.ts';
import type { ProcessShardsInput, ProcessShardsOutput } from '../messages.ts';
import { defaultReadBudgetBytes, type Runtime } from '../runtime.ts';
import { isDriverOver, orSuperseded } from '../superseded.ts';
import { deliver } from './deliver.ts';
import { type IsolatedTask, openIsolated } from './isolated.ts';
import { NoteKeeper } from './keep-note.ts';

/** As many connections as the SDK's client opens. What is in memory of their answers at once is bounded in bytes. */
const shardsAtOnce = subscriptionsAtOnce;
/** What an answer may bring, however few records are asked for: one alone may have so much. */
const pageBytes = 10 * 1_048_576;
/** What deliveries may take past the end of reading: what is left of the function's time is for the block. */
const deliveryGraceMs = 3_000;

type ShardOutcome = {
  readonly shard: PlannedShard;
  readonly read: ShardRead;
  readonly result: ShardResult;
  readonly error: string | undefined;
};

export async function processShards(input: ProcessShardsInput, runtime: Runtime): Promise<ProcessShardsOutput> {
  return orSuperseded(runtime, () => readTask(input, runtime), {
    isOver: (head, now) => isDriverOver(head, input, now),
    answer: { outcome: 'behind' },
  });
}

async function readTask(input: ProcessShardsInput, runtime: Runtime): Promise<ProcessShardsOutput> {
  const { pipeline, ports } = runtime;
  const startedAt = ports.clock.now();
  const deadline = startedAt + input.readSeconds * 1000;
  const task = await ports.batches.loadTask(input.epoch, input.task);
  if (task.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(task.fingerprint, pipeline.fingerprint));
  }
  const { stream } = pipeline.source;
  const streamName = stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? '');
  const isolated = await openIsolated(task, ports);
  const { md5, decompress } = runtime;
  const read = new TaskRead(pipeline, task, streamName, md5, decompress, isolated?.isolation);
  const budget = new ByteBudget(Math.max(pageBytes, runtime.readBudgetBytes ?? defaultReadBudgetBytes));
  const notes = new NoteKeeper(runtime, task);
  const reading = { read, budget, deadline, notes, runtime, isolated };
  try {
    const shards = await inParallel(task.shards, shardsAtOnce, (shard) => readShard(reading, shard));
    for (const shard of shards) await isolated?.end(shard.read);
    return await endTask(reading, shards, startedAt);
  } finally {
    isolated?.close();
  }
}

async function endTask(
  { read, runtime }: Reading,
  shards: readonly ShardOutcome[],
  startedAt: number,
): Promise<ProcessShardsOutput> {
  const { pipeline, ports } = runtime;
  const { task } = read;
  await read.checkSchema();
  const moved = shards.some(
    ({ shard, result, error }) => error === undefined && hasMoved(pipeline, task, shard, result),
  );
  const kept = shards.some(({ read: { hasTaken } }) => hasTaken);
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
  readonly notes: NoteKeeper;
  readonly runtime: Runtime;
  readonly isolated: IsolatedTask | undefined;
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
    const { throttles = 0 } = cursor?.usage ?? {};
    if (stop === 'throttled' && throttles > 0) log.warn('shard throttled', { shardId, ...cursor?.usage });
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
  if (!(error instanceof SluiceError)) return false;
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
  reading: Reading,
  shardRead: ShardRead,
  cursor: ShardCursor,
  how: ReadOptions,
): Promise<StopReason> {
  const { read, budget, deadline, runtime } = reading;
  const { clock } = runtime.ports;
  const pace = new StepPace();
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
      if (page.records.length > 0) await reading.notes.begin(shardRead);
      const cutShort = await takePage(reading, shardRead, page, pace);
      if (cutShort !== undefined) return cutShort;
      const stop = shardRead.endPage(page, page.isEvent ? Number.POSITIVE_INFINITY : limit);
      if (stop !== undefined) return stop;
      if (clock.now() >= until) return 'deadline';
    } finally {
      held?.release();
    }
  }
}

/** Step by step, each delivered before the next; why the read ends there, if it does. */
async function takePage(
  { read, deadline, notes, runtime, isolated }: Reading,
  shardRead: ShardRead,
  page: Page,
  pace: StepPace,
): Promise<StopReason | undefined> {
  const { ports, log } = runtime;
  let steps = 0;
  for (let at = 0; at < page.records.length; steps++) {
    const startedAt = ports.clock.now();
    // Whatever time it is, a batch gets on by a step.
    if (steps > 0 && startedAt >= deadline) return 'deadline';
    const most = Math.min(pace.most, (await isolated?.before(shardRead, page, at)) ?? pace.most);
    const { taken, next } = await knowingTheLimit(
      { limit: read.limit, sink: isolated?.asking(ports.sink) ?? ports.sink },
      () => shardRead.takeSome(page, at, most),
      () => shardRead.undo(),
    );
    await isolated?.after(shardRead);
    const missing = await deliver(taken, ports, deadline + deliveryGraceMs);
    if (missing !== undefined) {
      // What was delivered before, and what of this went through, is whole and stays.
      shardRead.keepDelivered(missing);
      if (!missing.isOnlySlow) throw missing.error;
      log.warn('delivery ran out of time', { reason: missing.error.message });
      return 'deadline';
    }
    shardRead.delivered();
    if (shardRead.isHeld) return 'held';
    pace.took(ports.clock.now() - startedAt);
    await notes.afterStep();
    at = next;
  }
  return undefined;
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
      shards: shards.flatMap(({ error, read: { hasTaken }, result }) =>
        error !== undefined && !hasTaken ? [] : [result],
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
  if (shards.some((shard) => shard.result.stop === 'held')) return 'held';
  return shards.every((shard) => shard.result.stop === 'caught-up') ? 'caught-up' : 'behind';
}
