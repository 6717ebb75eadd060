import { createHash } from 'node:crypto';
import type { Random } from '../../random.ts';
import { ServiceError } from '../service-error.ts';

export type TruthRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
  readonly putAt: number;
  readonly arrivalTime: number;
};
export type ShardTruth = {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly hashRange: { readonly start: bigint; readonly end: bigint };
  readonly openedAt: number;
  closedAt: number | undefined;
  readonly records: TruthRecord[];
  trimmed: number;
};
export type StreamTruth = { readonly shards: readonly ShardTruth[] };
export type Quirks = {
  arrivalSkewMs: () => number;
  listingAgeMs: number;
  stretchMs: number;
  pageRecords: number;
  refusesTrimmed: boolean;
  failsPut: (index: number) => string | undefined;
};
type Stream = { name: string; arn: string; createdAt: number; retentionMs: number; shards: ShardTruth[] };
const max = 2n ** 128n;

export class SimulatedKinesis {
  readonly parts: { now: () => number; random: Random };
  readonly quirks: Quirks = {
    arrivalSkewMs: () => 0,
    listingAgeMs: 0,
    stretchMs: Infinity,
    pageRecords: Infinity,
    refusesTrimmed: false,
    failsPut: () => undefined,
  };
  readonly #streams = new Map<string, Stream>();
  readonly #calls = new Map<string, number[]>();
  #sequence = 0;
  constructor(parts: { now: () => number; random: Random }) {
    this.parts = parts;
  }
  createStream(name: string, o: { shards: number; retentionMs?: number }): void {
    const shards: ShardTruth[] = [];
    const s: Stream = {
      name,
      arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`,
      createdAt: this.parts.now(),
      retentionMs: o.retentionMs ?? 86_400_000,
      shards,
    };
    this.#streams.set(name, s);
    for (let i = 0; i < o.shards; i++)
      this.#add(s, (max * BigInt(i)) / BigInt(o.shards), (max * BigInt(i + 1)) / BigInt(o.shards) - 1n, []);
  }
  #add(s: Stream, start: bigint, end: bigint, parents: string[]): ShardTruth {
    const shard: ShardTruth = {
      shardId: `shardId-${String(s.shards.length).padStart(12, '0')}`,
      parents,
      hashRange: { start, end },
      openedAt: this.parts.now(),
      closedAt: undefined,
      records: [],
      trimmed: 0,
    };
    s.shards.push(shard);
    return shard;
  }
  #stream(i: any): Stream {
    const s = this.#streams.get(i.StreamName ?? i.StreamARN?.split('/').at(-1));
    if (!s) throw new ServiceError('ResourceNotFoundException', 'stream');
    this.#trim(s);
    return s;
  }
  #trim(s: Stream): void {
    const h = this.parts.now() - s.retentionMs;
    for (const sh of s.shards) while (sh.trimmed < sh.records.length && sh.records[sh.trimmed]!.putAt < h) sh.trimmed++;
  }
  truth(name: string): StreamTruth {
    return this.#stream({ StreamName: name });
  }
  #shard(s: Stream, id: string): ShardTruth {
    const sh = s.shards.find((x) => x.shardId === id);
    if (!sh || this.#expired(s, sh)) throw new ServiceError('ResourceNotFoundException', id);
    return sh;
  }
  #expired(s: Stream, sh: ShardTruth): boolean {
    return sh.closedAt !== undefined && sh.closedAt + s.retentionMs < this.parts.now();
  }
  execute(op: string, i: any): object {
    switch (op) {
      case 'DescribeStreamSummary': {
        const s = this.#stream(i);
        return {
          StreamDescriptionSummary: {
            StreamARN: s.arn,
            StreamName: s.name,
            StreamCreationTimestamp: new Date(s.createdAt),
            RetentionPeriodHours: s.retentionMs / 3_600_000,
          },
        };
      }
      case 'ListShards': {
        const s = this.#stream(i);
        const at = this.parts.now() - this.quirks.listingAgeMs;
        let l = s.shards.filter((x) => !this.#expired(s, x) && (x.openedAt <= at || x.parents.length === 0));
        const f = i.ShardFilter;
        if (f?.Type === 'AT_TIMESTAMP') {
          const t = f.Timestamp.getTime();
          l = l.filter((x) => x.openedAt <= t && (x.closedAt === undefined || x.closedAt >= t));
        }
        return { Shards: l.map(listed) };
      }
      case 'GetShardIterator':
        return this.#iterator(i);
      case 'GetRecords':
        return this.#records(i);
      case 'PutRecord': {
        const s = this.#stream(i);
        const r = this.#put(s, i);
        return { ShardId: r.shardId, SequenceNumber: r.sequenceNumber };
      }
      case 'PutRecords': {
        const s = this.#stream(i);
        const R = i.Records.map((e: any, n: number) => {
          const f = this.quirks.failsPut(n);
          if (f) return { ErrorCode: f, ErrorMessage: f };
          const r = this.#put(s, e);
          return { ShardId: r.shardId, SequenceNumber: r.sequenceNumber };
        });
        return { Records: R, FailedRecordCount: R.filter((x: any) => x.ErrorCode).length };
      }
      case 'SplitShard': {
        const s = this.#stream(i);
        const sh = this.#shard(s, i.ShardToSplit);
        const m = BigInt(i.NewStartingHashKey);
        sh.closedAt = this.parts.now();
        this.#add(s, sh.hashRange.start, m - 1n, [sh.shardId]);
        this.#add(s, m, sh.hashRange.end, [sh.shardId]);
        return {};
      }
      case 'MergeShards': {
        const s = this.#stream(i);
        const a = this.#shard(s, i.ShardToMerge);
        const b = this.#shard(s, i.AdjacentShardToMerge);
        a.closedAt = b.closedAt = this.parts.now();
        this.#add(
          s,
          a.hashRange.start < b.hashRange.start ? a.hashRange.start : b.hashRange.start,
          a.hashRange.end > b.hashRange.end ? a.hashRange.end : b.hashRange.end,
          [a.shardId, b.shardId],
        );
        return {};
      }
    }
    throw new Error(op);
  }
  #put(s: Stream, e: any) {
    const h = e.ExplicitHashKey
      ? BigInt(e.ExplicitHashKey)
      : BigInt('0x' + createHash('md5').update(e.PartitionKey).digest('hex'));
    const sh = s.shards.find((x) => x.closedAt === undefined && x.hashRange.start <= h && h <= x.hashRange.end)!;
    this.#sequence += this.parts.random.int(1, 5);
    const sequenceNumber = `495${String(this.#sequence).padStart(47, '0')}${sh.shardId.slice(-6)}`;
    sh.records.push({
      sequenceNumber,
      partitionKey: e.PartitionKey,
      explicitHashKey: e.ExplicitHashKey,
      data: e.Data,
      putAt: this.parts.now(),
      arrivalTime: this.parts.now() + this.quirks.arrivalSkewMs(),
    });
    return { shardId: sh.shardId, sequenceNumber };
  }
  #iterator(i: any): object {
    const s = this.#stream(i);
    const sh = this.#shard(s, i.ShardId);
    let index = 0;
    let reached = 0;
    if (i.ShardIteratorType === 'AT_TIMESTAMP') {
      const t = i.Timestamp.getTime();
      if (t > this.parts.now()) throw new ServiceError('InvalidArgumentException', 'future');
      index = sh.records.findIndex((r) => r.arrivalTime >= t);
      if (index < 0) index = sh.records.length;
      reached = t;
    }
    if (i.ShardIteratorType.includes('SEQUENCE')) {
      const n = BigInt(i.StartingSequenceNumber);
      if (!i.StartingSequenceNumber.endsWith(sh.shardId.slice(-6)))
        throw new ServiceError('InvalidArgumentException', 'foreign');
      const at = sh.records.findIndex((r) => BigInt(r.sequenceNumber) === n);
      if (at < 0) throw new ServiceError('InvalidArgumentException', 'unknown');
      if (at < sh.trimmed && this.quirks.refusesTrimmed) throw new ServiceError('InvalidArgumentException', 'trimmed');
      index = i.ShardIteratorType.startsWith('AFTER') ? at + 1 : at;
      reached = sh.records[at]!.arrivalTime;
    }
    return { ShardIterator: JSON.stringify([s.name, sh.shardId, index, this.parts.now(), reached]) };
  }
  #records(i: any): object {
    const [name, id, from, made, reached] = JSON.parse(i.ShardIterator);
    const s = this.#stream({ StreamName: name });
    const sh = this.#shard(s, id);
    const now = this.parts.now();
    if (now - made > 300_000) throw new ServiceError('ExpiredIteratorException', 'expired');
    const calls = (this.#calls.get(name + id) ?? []).filter((t) => t > now - 1000);
    if (calls.length >= 5) throw new ServiceError('ProvisionedThroughputExceededException', 'rate');
    calls.push(now);
    this.#calls.set(name + id, calls);
    let index = Math.max(from, sh.trimmed);
    const first = index;
    const limit = Math.min(i.Limit ?? 10_000, this.quirks.pageRecords);
    const start = Math.max(reached, now - s.retentionMs);
    const until = start + this.quirks.stretchMs;
    const out: TruthRecord[] = [];
    while (index < sh.records.length && out.length < limit && sh.records[index]!.arrivalTime <= until)
      out.push(sh.records[index++]!);
    const more = index < sh.records.length;
    const end = more && out.length < limit ? until : more ? (out.at(-1)?.arrivalTime ?? start) : Math.min(now, until);
    const atEnd = !more && sh.closedAt !== undefined;
    void first;
    return {
      Records: out.map((r) => ({
        SequenceNumber: r.sequenceNumber,
        PartitionKey: r.partitionKey,
        Data: r.data,
        ApproximateArrivalTimestamp: new Date(r.arrivalTime),
      })),
      MillisBehindLatest: more ? Math.max(1, now - end) : Math.max(0, now - end),
      ...(atEnd
        ? {
            ChildShards: s.shards
              .filter((x) => x.parents.includes(id))
              .map((x) => ({
                ShardId: x.shardId,
                ParentShards: x.parents,
                HashKeyRange: { StartingHashKey: String(x.hashRange.start), EndingHashKey: String(x.hashRange.end) },
              })),
          }
        : { NextShardIterator: JSON.stringify([name, id, index, now, end]) }),
    };
  }
}
const listed = (x: ShardTruth) => ({
  ShardId: x.shardId,
  ...(x.parents[0] ? { ParentShardId: x.parents[0] } : {}),
  ...(x.parents[1] ? { AdjacentParentShardId: x.parents[1] } : {}),
  HashKeyRange: { StartingHashKey: String(x.hashRange.start), EndingHashKey: String(x.hashRange.end) },
  SequenceNumberRange: {},
});
