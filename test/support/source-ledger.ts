/** A stream that is put to and resharded, and the ledger of what it was given: where each event lies. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { packEvents } from '../../functions/core/pack-events.ts';
import { listShards, type OpenShard, openShards } from '../../local/services/streams.ts';
import { md5, utf8 } from './builders.ts';
import type { Action } from './source-program.ts';
import { kinesisOf, type World } from './world.ts';

export type LedgerEvent = {
  /** In the order of putting. */
  readonly id: number;
  readonly key: string;
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;
  /** Of its record. */
  readonly events: number;
};

const hashOf = (key: string) => BigInt(`0x${createHash('md5').update(key).digest('hex')}`);

export class SourceLedger {
  readonly stream: string;
  readonly events: LedgerEvent[] = [];
  readonly #client: ReturnType<typeof kinesisOf>;
  readonly #perRecord: number;
  #nextId = 0;

  constructor(world: World, stream: string, perRecord: number) {
    this.stream = stream;
    this.#client = kinesisOf(world);
    this.#perRecord = perRecord;
  }

  async act(action: Exclude<Action, { readonly kind: 'wait' }>): Promise<void> {
    if (action.kind === 'put') await this.#put(action.keys);
    else if (action.kind === 'split') await this.#split(action.at);
    else if (action.kind === 'scale') await this.#scale(action.to);
    else await this.#merge(action.at);
  }

  open(): Promise<readonly OpenShard[]> {
    return openShards(this.#client, { StreamName: this.stream });
  }

  async parents(): Promise<ReadonlyMap<string, readonly string[]>> {
    const shards = await listShards(this.#client, { StreamName: this.stream });
    const parentsOf = (...ids: readonly (string | undefined)[]) => ids.filter((id) => id !== undefined);
    return new Map(
      shards.map((shard) => [shard.ShardId!, parentsOf(shard.ParentShardId, shard.AdjacentParentShardId)]),
    );
  }

  async #put(keys: readonly string[]): Promise<void> {
    const given = keys.map((key) => ({ id: this.#nextId++, key }));
    for (const shard of await this.open()) {
      const own = given.filter(({ key }) => isIn(shard, hashOf(key)));
      const bytes = own.map((event) => ({ partitionKey: event.key, data: utf8(JSON.stringify(event)) }));
      for (const pack of packEvents(bytes, { maxEvents: this.#perRecord }, md5)) {
        const answer = await this.#client.send(
          new PutRecordCommand({ StreamName: this.stream, PartitionKey: pack.partitionKey, Data: pack.data }),
        );
        const packed = own.splice(0, pack.count);
        const at = { shardId: answer.ShardId!, sequenceNumber: answer.SequenceNumber!, events: pack.count };
        this.events.push(...packed.map((event, subSequenceNumber) => ({ ...event, ...at, subSequenceNumber })));
      }
    }
  }

  async #split(at: number): Promise<void> {
    const open = await this.open();
    const { shardId, startingHashKey, endingHashKey } = open[Math.floor(at * open.length)]!;
    const middle = String((startingHashKey + endingHashKey) / 2n);
    await this.#reshard(
      new SplitShardCommand({ StreamName: this.stream, ShardToSplit: shardId, NewStartingHashKey: middle }),
    );
  }

  /** One shard has nothing to be merged with. */
  async #merge(at: number): Promise<void> {
    const open = await this.open();
    const lower = Math.floor(at * (open.length - 1));
    const [one, other] = [open[lower]!, open[lower + 1]];
    if (other === undefined) return;
    await this.#reshard(
      new MergeShardsCommand({
        StreamName: this.stream,
        ShardToMerge: one.shardId,
        AdjacentShardToMerge: other.shardId,
      }),
    );
  }

  /** To the double and the half at most, as AWS has it. */
  async #scale(to: number): Promise<void> {
    const { length } = await this.open();
    const count = Math.min(Math.max(to, Math.ceil(length / 2)), 2 * length);
    if (count === length) return;
    await this.#reshard(
      new UpdateShardCountCommand({
        StreamName: this.stream,
        TargetShardCount: count,
        ScalingType: 'UNIFORM_SCALING',
      }),
    );
  }

  async #reshard(command: SplitShardCommand | MergeShardsCommand | UpdateShardCountCommand): Promise<void> {
    await this.#client.send(command as SplitShardCommand);
    const describe = new DescribeStreamSummaryCommand({ StreamName: this.stream });
    for (;;) {
      const { StreamDescriptionSummary } = await this.#client.send(describe);
      if (StreamDescriptionSummary!.StreamStatus === 'ACTIVE') return;
      await sleep(20);
    }
  }
}

const isIn = ({ startingHashKey, endingHashKey }: OpenShard, hash: bigint): boolean =>
  startingHashKey <= hash && hash <= endingHashKey;
