/** One shard of a task: page after page. */

import { SluiceError } from '../../core/errors.ts';
import type { PlannedShard } from '../../core/model.ts';
import type { Position } from '../../core/position.ts';
import { endRead } from '../../core/read/end-read.ts';
import { endPage, remaining } from '../../core/read/page-end.ts';
import { openingPosition, remainderOf } from '../../core/read/resume-point.ts';
import type { Page, ReadUsage } from '../../core/record.ts';
import type { ShardResult, StopReason } from '../../core/shard-result.ts';
import { StepPace } from '../../core/step-pace.ts';
import { subscriptionsAtOnce } from '../../core/subscription-pace.ts';
import type { ReadOptions, ShardCursor } from '../../ports/source.ts';
import type { ExecutorContext } from './executor-context.ts';
import { OpenShard } from './open-shard.ts';
import { isBlockFull, takePage } from './take-page.ts';

/**
 * What an answer may take, however few records are asked for: 10 MiB of payload in one alone, or in 10,000, as base64 and
 * with the names of their members.
 */
export const pageBytes = 16 * 1_048_576;

export type ShardOutcome = {
  readonly shard: PlannedShard;
  readonly open: OpenShard;
  readonly result: ShardResult;
  /** The name of the error that ended it. */
  readonly error: string | undefined;
  /** What it says. */
  readonly message?: string;
};

export async function readShard(context: ExecutorContext, shard: PlannedShard): Promise<ShardOutcome> {
  const { ports, log } = context.runtime;
  const { shardId } = shard;
  const open = new OpenShard(context.task, shard);
  const outcomeOf = (stop: StopReason, usage: ReadUsage | undefined, error?: SluiceError): ShardOutcome => ({
    shard,
    open,
    result: endRead(open.reader, open.state, stop, { usage, subscribedAt: open.subscribedAt }),
    error: error?.name,
    ...(error === undefined ? {} : { message: error.message }),
  });
  // Its turn came too late: the next batch reads it first.
  if (ports.clock.now() >= context.deadline) return outcomeOf('deadline', notAsked(shard));
  const how = howToRead(context, shard);
  let cursor: ShardCursor | undefined;
  const readFrom = async (position: Position): Promise<StopReason> => {
    cursor = await ports.source.open(shardId, position, how);
    try {
      return await readPages(context, open, cursor, how);
    } finally {
      open.subscribedAt = cursor.subscribedAt;
      cursor.close?.();
    }
  };
  try {
    open.reader.repeats = await context.repeats?.open(shard);
    const stop = await readWhatIsLeft(open, readFrom);
    const { throttles = 0 } = cursor?.usage ?? {};
    if (stop === 'throttled' && throttles > 0) log.warn('shard throttled', { shardId, ...cursor?.usage });
    return outcomeOf(stop, cursor?.usage);
  } catch (error) {
    if (!concernsOneShard(error)) throw error;
    // What was delivered before is whole and stays; the rest is read again by the next batch.
    log.warn('shard failed', { shardId, error: error.name, cause: error.message });
    return outcomeOf('failed', cursor?.usage, error);
  }
}

function howToRead({ task, budget, deadline, runtime }: ExecutorContext, { readableAt }: PlannedShard): ReadOptions {
  const { consumerArn, shards } = task.task;
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
  open: OpenShard,
  readFrom: (position: Position) => Promise<StopReason>,
): Promise<StopReason> {
  const { shard } = open.reader;
  try {
    return await readFrom(openingPosition(shard));
  } catch (error) {
    const isRefused = error instanceof SluiceError && error.name === 'CorruptCheckpoint';
    const remainder = remainderOf(shard);
    // What has already come must not come again.
    if (!isRefused || open.state.progress.records > 0 || remainder === undefined) throw error;
    return readFrom(remainder);
  }
}

async function readPages(
  context: ExecutorContext,
  open: OpenShard,
  cursor: ShardCursor,
  how: ReadOptions,
): Promise<StopReason> {
  const { clock } = context.runtime.ports;
  const polls = context.task.task.consumerArn === null;
  const turn: Turn = { polls, pace: new StepPace(), until: polls ? undefined : how.until };
  for (;;) {
    const stop = await readPage(context, open, cursor, turn);
    if (stop !== undefined) return stop;
    if (clock.now() >= turn.until!) return 'deadline';
  }
}

type Turn = {
  readonly polls: boolean;
  readonly pace: StepPace;
  /** Undefined until the first page. */
  until: number | undefined;
};

/** A call of its own for each page: what waits for the next one holds all that it ever named. */
async function readPage(
  context: ExecutorContext,
  open: OpenShard,
  cursor: ShardCursor,
  turn: Turn,
): Promise<StopReason | undefined> {
  const { clock } = context.runtime.ports;
  const { source } = context.runtime.pipeline;
  const { maxFetchTimePerShardMs = Number.POSITIVE_INFINITY } = source;
  const held = turn.polls ? await context.budget.take(pageBytes) : undefined;
  try {
    // The shard's own time begins with its first page: waiting for memory is not its fault.
    turn.until ??= Math.min(context.deadline, clock.now() + maxFetchTimePerShardMs);
    if (isOver(context)) return 'deadline';
    const limit = Math.min(source.numberOfRecordsPerFetch, remaining(context.runtime.pipeline, open.state));
    const page = await cursor.next(limit, context.deadline);
    if (page === 'throttled' || page === 'deadline') return page;
    held?.shrinkTo(bytesOf(page));
    return (await takePage(context, open, page, turn.pace)) ?? turnPage(open, page, limit);
  } finally {
    open.letGo();
    held?.release();
  }
}

const bytesOf = ({ heldBytes, records }: Page): number =>
  heldBytes ?? records.reduce((sum, { data }) => sum + data.length, 0);

/** Its time, or what the block may carry: then some shard of the task has got on by that. */
const isOver = (context: ExecutorContext): boolean =>
  context.runtime.ports.clock.now() >= context.deadline || isBlockFull(context);

function turnPage(open: OpenShard, page: Page, limit: number): StopReason | undefined {
  const { state, stop } = endPage(open.reader, open.state, page, page.isEvent ? Number.POSITIVE_INFINITY : limit);
  open.state = state;
  return stop;
}
