/**
 * What shards deliver, measured by each read, and what reading them next will cost an executor.
 *
 * LOAD-1 A rate rises with one read and falls slowly: an empty batch does not make a hot shard look idle.
 */
import { inherited } from './inheritance.ts';
import { type HashRange, type ShardCheckpoint, type ShardLoad, unmeasured } from './shard-checkpoint.ts';

/** What is left of a rate after a minute without a record is 37 %, after five it is nothing. */
const memoryMs = 60_000;
/**
 * A rate is taken over the time since the read before, within these bounds: after a stop of a day, what comes first is
 * not spread over that day.
 */
const shortestMs = 1_000;
const longestMs = 60_000;
/** Stands for that time at the first read of a shard. */
const firstMs = 10_000;

/** Microseconds of a processor: a read without records, a record, a byte. Twice what was measured on one machine. */
const cost = { call: 2_000, record: 5, byte: 0.02 };

/** What GetRecords returns at most; past it a shard is not asked again in the same batch. */
export const fullAnswer = { records: 10_000, bytes: 10_485_760 };

/** A shard of which nothing at all is known may have this part of a full answer. */
const unknownPart = 0.25;

/** `answeredAt` is Kinesis's time at the last answer; absent: the shard was not reached. */
export function measure(
  before: ShardLoad,
  read: { readonly records: number; readonly bytes: number; readonly answeredAt?: number },
): ShardLoad {
  const { answeredAt } = read;
  if (answeredAt === undefined) return before;
  const elapsed = before.at === undefined ? firstMs : answeredAt - before.at;
  const ms = Math.min(longestMs, Math.max(shortestMs, elapsed));
  const kept = before.at === undefined ? 0 : Math.exp(-ms / memoryMs);
  const rate = (old: number, amount: number): number => {
    const now = (amount * 1000) / ms;
    return Math.round(Math.max(now, old * kept + now * (1 - kept)));
  };
  return {
    records: rate(before.records, read.records),
    bytes: rate(before.bytes, read.bytes),
    at: Math.max(answeredAt, before.at ?? answeredAt),
  };
}

/** Processor time, in microseconds, that reading so much once takes. */
export const workOf = ({ records, bytes }: { readonly records: number; readonly bytes: number }): number =>
  cost.call + records * cost.record + bytes * cost.byte;

/** What fills a task. */
export const fullTask = workOf(fullAnswer);

/** The work that each of these shards is expected to be in the next batch; `known` are they and their parents. */
export function expectedWork(
  shards: readonly ShardCheckpoint[],
  known: ReadonlyMap<string, ShardCheckpoint>,
  batch: { readonly everyMs: number; readonly maxRecords: number },
): ReadonlyMap<string, number> {
  let latest = Number.NEGATIVE_INFINITY;
  for (const { load } of known.values()) latest = Math.max(latest, load.at ?? latest);
  const rateOf = inherited<ShardCheckpoint, ShardLoad | undefined>(known, (shard, rateOfParent) =>
    shard.load.at === undefined ? inheritedRate(shard, known, rateOfParent) : rateNow(shard.load, latest),
  );
  const rates = new Map(shards.map((shard) => [shard.shardId, rateOf(shard)]));
  const common = meanOf([...rates.values()].filter((rate) => rate !== undefined));
  const seconds = Math.min(longestMs, Math.max(shortestMs, batch.everyMs)) / 1000;
  const most = { records: Math.min(batch.maxRecords, fullAnswer.records), bytes: fullAnswer.bytes };
  const unknown = workOf({ records: most.records * unknownPart, bytes: most.bytes * unknownPart });
  const expected = (rate: ShardLoad | undefined): number => {
    if (rate === undefined) return unknown;
    return workOf({
      records: Math.min(most.records, rate.records * seconds),
      bytes: Math.min(most.bytes, rate.bytes * seconds),
    });
  };
  return new Map(shards.map(({ shardId }) => [shardId, expected(rates.get(shardId) ?? common)]));
}

/**
 * A rate as it would be now. An idle batch writes nothing down, so a shard whose measurement is older than the others'
 * brought nothing in between.
 */
function rateNow(load: ShardLoad, latest: number): ShardLoad {
  const kept = Math.exp(-(latest - (load.at ?? latest)) / memoryMs);
  return { records: load.records * kept, bytes: load.bytes * kept };
}

/** Undefined if none of the shard's parents was ever measured, nor theirs. */
function inheritedRate(
  shard: ShardCheckpoint,
  known: ReadonlyMap<string, ShardCheckpoint>,
  rateOfParent: (shardId: string) => ShardLoad | undefined,
): ShardLoad | undefined {
  const rates = shard.parents.flatMap((parentId) => {
    const parent = known.get(parentId);
    const rate = rateOfParent(parentId);
    if (parent === undefined || rate === undefined) return [];
    const share = shareOf(shard.hashRange, parent.hashRange);
    return [{ records: rate.records * share, bytes: rate.bytes * share }];
  });
  return rates.length === 0 ? undefined : sumOf(rates);
}

/** How much of the parent's range the child took over: half after an even split, all after a merge. */
function shareOf(child: HashRange, parent: HashRange): number {
  const start = maxOf(BigInt(child.start), BigInt(parent.start));
  const end = minOf(BigInt(child.end), BigInt(parent.end));
  const whole = Number(BigInt(parent.end) - BigInt(parent.start) + 1n);
  return end < start ? 0 : Number(end - start + 1n) / whole;
}

const maxOf = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const minOf = (one: bigint, other: bigint): bigint => (one < other ? one : other);

const sumOf = (loads: readonly ShardLoad[]): ShardLoad =>
  loads.reduce((sum, { records, bytes }) => ({ records: sum.records + records, bytes: sum.bytes + bytes }), unmeasured);

function meanOf(loads: readonly ShardLoad[]): ShardLoad | undefined {
  if (loads.length === 0) return undefined;
  const { records, bytes } = sumOf(loads);
  return { records: records / loads.length, bytes: bytes / loads.length };
}
