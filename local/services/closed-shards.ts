/**
 * The embedded Kinesis never says that a subscription has reached the end of a closed shard: it goes on with empty events.
 * Kinesis itself sends an event without a continuation, and with the children. This makes that event, from the listing.
 */
import {
  type ChildShard,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
  type SubscribeToShardCommandInput,
  type SubscribeToShardEvent,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';

type Output = { EventStream?: AsyncIterable<SubscribeToShardEventStream> };

/** `lister` asks the same server. */
export function endClosedShards(subscriptions: KinesisClient, lister: KinesisClient): void {
  subscriptions.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context.commandName !== 'SubscribeToShardCommand') return result;
      const { ConsumerARN, ShardId } = args.input as SubscribeToShardCommandInput;
      const output = result.output as Output;
      const childrenNow = () => childrenOf(lister, ConsumerARN!.split('/consumer/')[0]!, ShardId!);
      output.EventStream = withEnd(output.EventStream!, childrenNow);
      return result;
    },
    { step: 'initialize', name: 'sluiceEndOfClosedShards' },
  );
}

/** Closed first, then an empty event at the tip: nothing can have come between the two. */
async function* withEnd(
  events: AsyncIterable<SubscribeToShardEventStream>,
  childrenNow: () => Promise<ChildShard[]>,
): AsyncGenerator<SubscribeToShardEventStream> {
  let children: ChildShard[] = [];
  for await (const event of events) {
    const tip = event.SubscribeToShardEvent;
    const isEmptyTip = tip !== undefined && tip.MillisBehindLatest === 0 && (tip.Records ?? []).length === 0;
    if (isEmptyTip && children.length === 0) {
      children = await childrenNow();
      // One more event tells; until then nothing is said about the tip.
      if (children.length > 0) continue;
    } else if (isEmptyTip) {
      yield { SubscribeToShardEvent: endEvent(children) };
      return;
    }
    yield event;
  }
}

const endEvent = (ChildShards: ChildShard[]): SubscribeToShardEvent => ({
  Records: [],
  ContinuationSequenceNumber: undefined,
  MillisBehindLatest: 0,
  ChildShards,
});

async function childrenOf(client: KinesisClient, StreamARN: string, shardId: string): Promise<ChildShard[]> {
  const parentsOf = (shard: Shard) =>
    [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined);
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamARN }));
  return Shards.filter((shard) => parentsOf(shard).includes(shardId)).map((shard) => ({
    ShardId: shard.ShardId,
    ParentShards: parentsOf(shard),
    HashKeyRange: shard.HashKeyRange,
  }));
}
