/** A stream as it really is: shards, their lineage, what was put into them and what retention took. */
import type { Random } from '../../random.ts';
import { inUse, notFound, refuse } from './errors.ts';
import { CallLimit, ReadLimit, WriteLimit } from './limits.ts';
import { firstCount, type NumberStyle, sequenceNumberOf } from './sequence-number.ts';
import type { StoredConsumer } from './stored-consumer.ts';

export type StoredRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
  /** Epoch milliseconds; retention goes by it. */
  readonly putAt: number;
  /** The stamp that readers see: of a clock that may be ahead or behind. */
  readonly arrivalTime: number;
};

export type HashRange = { readonly start: bigint; readonly end: bigint };

export type StoredShard = {
  readonly shardId: string;
  readonly number: number;
  readonly parents: readonly string[];
  readonly hashRange: HashRange;
  readonly openedAt: number;
  readonly startingSequenceNumber: string;
  closedAt: number | undefined;
  endingSequenceNumber: string | undefined;
  readonly records: StoredRecord[];
  /** So many records from the shard's start are gone. */
  trimmed: number;
  /** Closed for longer than records are kept: gone, whatever happens to the retention. */
  isExpired: boolean;
  readonly iterators: CallLimit;
  readonly reads: ReadLimit;
  readonly writes: WriteLimit;
};

export const hashes = 2n ** 128n;
export const largestHash = hashes - 1n;

export type NewRecord = Omit<StoredRecord, 'sequenceNumber'>;

export class StoredStream {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly shards: StoredShard[] = [];
  readonly tags = new Map<string, string>();
  readonly consumers: StoredConsumer[] = [];
  /** Told of a shard that has another record, or its end. */
  readonly listeners = new Set<(shardId: string) => void>();
  readonly describedConsumers = new CallLimit(20);
  readonly listedConsumers = new CallLimit();
  readonly deregistrations = new CallLimit();
  /** When UpdateShardCount was called. */
  scaledAt: number[] = [];
  retentionMs: number;
  readonly numbers: NumberStyle | undefined;
  /** Data and partition key together. */
  maxRecordBytes = 1024 * 1024;
  /** Tells this stream's sequence numbers from those of others, also of the same name. */
  readonly #number: number;
  readonly #random: Random;
  readonly #recordsASecond: number | undefined;
  #count = firstCount;

  constructor(parts: {
    readonly name: string;
    readonly number: number;
    readonly createdAt: number;
    readonly shards: number;
    readonly retentionMs: number;
    /** What a shard takes, if it is less than AWS says: as if others wrote to it as well. */
    readonly recordsASecond?: number | undefined;
    readonly random: Random;
    readonly numbers?: NumberStyle | undefined;
  }) {
    this.numbers = parts.numbers;
    this.name = parts.name;
    this.arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${parts.name}`;
    this.createdAt = parts.createdAt;
    this.retentionMs = parts.retentionMs;
    this.#number = parts.number;
    this.#random = parts.random;
    this.#recordsASecond = parts.recordsASecond;
    const count = BigInt(parts.shards);
    for (let at = 0n; at < count; at++) {
      const hashRange = { start: (hashes * at) / count, end: (hashes * (at + 1n)) / count - 1n };
      this.#open(hashRange, [], parts.createdAt);
    }
  }

  get openShards(): StoredShard[] {
    return this.shards.filter(({ closedAt }) => closedAt === undefined);
  }

  /** The number in sequence numbers of this stream. */
  get number(): number {
    return this.#number;
  }

  /** Also of a closed shard, as long as retention has not passed over its end. */
  shard(shardId: string): StoredShard {
    const shard = this.shards.find((other) => other.shardId === shardId);
    if (shard?.isExpired === false) return shard;
    throw notFound(`Shard ${shardId} in stream ${this.name} under account 000000000000 does not exist`);
  }

  /** The open shard that a record with this hash goes to. */
  shardFor(hash: bigint): StoredShard {
    return this.shards.find(
      ({ closedAt, hashRange }) => closedAt === undefined && hashRange.start <= hash && hash <= hashRange.end,
    )!;
  }

  childrenOf(shardId: string): StoredShard[] {
    return this.shards.filter(({ parents }) => parents.includes(shardId));
  }

  /** Those that are not gone. */
  consumersAt(now: number): StoredConsumer[] {
    return this.consumers.filter((consumer) => consumer.statusAt(now) !== 'gone');
  }

  /** A number that no record gets: behind all that came, before all that will come. */
  reserveNumber(shard: StoredShard): string {
    return this.#nextNumber(shard.number);
  }

  add(shard: StoredShard, record: NewRecord): StoredRecord {
    const stored = { ...record, sequenceNumber: this.#nextNumber(shard.number) };
    shard.records.push(stored);
    this.#tell(shard);
    return stored;
  }

  split(shard: StoredShard, at: bigint, now: number): void {
    mustBeOpen(shard);
    const { start, end } = shard.hashRange;
    if (at <= start || at > end) throw refuse(`NewStartingHashKey ${at} is not inside of shard ${shard.shardId}`);
    this.#close(shard, now);
    this.#open({ start, end: at - 1n }, [shard.shardId], now);
    this.#open({ start: at, end }, [shard.shardId], now);
  }

  merge(shard: StoredShard, other: StoredShard, now: number): void {
    mustBeOpen(shard);
    mustBeOpen(other);
    const [low, high] = shard.hashRange.start < other.hashRange.start ? [shard, other] : [other, shard];
    if (low.hashRange.end + 1n !== high.hashRange.start) {
      throw refuse(`Shards ${shard.shardId} and ${other.shardId} in stream ${this.name} are not an adjacent pair`);
    }
    this.#close(shard, now);
    this.#close(other, now);
    this.#open({ start: low.hashRange.start, end: high.hashRange.end }, [shard.shardId, other.shardId], now);
  }

  /** Retention takes records and shards when their time is over, not when someone looks; nobody can tell the difference. */
  trim(now: number): void {
    const oldestRetainedBatch = now - this.retentionMs;
    for (const shard of this.shards) {
      while (shard.trimmed < shard.records.length && shard.records[shard.trimmed]!.putAt < oldestRetainedBatch)
        shard.trimmed += 1;
      if (shard.closedAt !== undefined && shard.closedAt < oldestRetainedBatch) shard.isExpired = true;
    }
  }

  #open(hashRange: HashRange, parents: readonly string[], now: number): void {
    const number = this.shards.length;
    this.shards.push({
      shardId: `shardId-${String(number).padStart(12, '0')}`,
      number,
      parents,
      hashRange,
      openedAt: now,
      startingSequenceNumber: this.#nextNumber(number),
      closedAt: undefined,
      endingSequenceNumber: undefined,
      records: [],
      trimmed: 0,
      isExpired: false,
      iterators: new CallLimit(),
      reads: new ReadLimit(),
      writes: new WriteLimit(this.#recordsASecond),
    });
  }

  #close(shard: StoredShard, now: number): void {
    shard.closedAt = now;
    shard.endingSequenceNumber = this.#nextNumber(shard.number);
    this.#tell(shard);
  }

  #tell({ shardId }: StoredShard): void {
    for (const listener of this.listeners) listener(shardId);
  }

  /** Not dense: what lies between two numbers is no sign of a loss. */
  #nextNumber(shard: number): string {
    this.#count += BigInt(this.#random.int(1, 5));
    return sequenceNumberOf(this.#number, shard, this.#count, this.numbers);
  }
}

function mustBeOpen({ shardId, closedAt }: StoredShard): void {
  if (closedAt !== undefined) throw inUse(`Shard ${shardId} is closed`);
}
