/**
 * The plainest source over SubscribeToShard that keeps the promises of its port: the simulated fan-out is tested with it,
 * and seeds can have fan-out whether or not the product does. It knows no settings.
 */
import {
  DescribeStreamConsumerCommand,
  type KinesisClient,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import { fromAws, isNamed } from '../../../functions/adapters/aws-errors.ts';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import { serverTimeOf } from '../../../functions/adapters/kinesis/server-time.ts';
import { SluiceError } from '../../../functions/core/errors.ts';
import { afterSequenceNumber, type Position } from '../../../functions/core/position.ts';
import type { KinesisSource } from '../../../functions/pipeline/pipeline.ts';
import type { Clock, KinesisRecord, Page, ShardCursor, Source } from '../../../functions/ports.ts';

export const consumerName = 'sluice-sim';
const maxTries = 8;
const pauseMs = 1_500;
/** Longer than the longest time that an idle shard is not heard of. */
const patienceMs = 8_000;

export function createFanOutReader(client: KinesisClient, options: KinesisSource, clock: Clock): Source {
  const polling = createPollingSource(client, options, clock);
  return {
    async describe() {
      const described = await polling.describe();
      await findConsumer(client, described.stream.arn, clock);
      return described;
    },
    listShards: polling.listShards,
    async open(shardId, position) {
      const { stream } = await polling.describe();
      return new FanOutCursor({ client, clock, shardId, arn: await findConsumer(client, stream.arn, clock) }, position);
    },
  };
}

/** Registers it where it is missing, and waits until it is ACTIVE. */
async function findConsumer(client: KinesisClient, StreamARN: string, clock: Clock): Promise<string> {
  const of = { StreamARN, ConsumerName: consumerName };
  for (let tries = 0; tries < maxTries; tries++) {
    try {
      const { ConsumerDescription: consumer } = await client.send(new DescribeStreamConsumerCommand(of));
      if (consumer!.ConsumerStatus === 'ACTIVE') return consumer!.ConsumerARN!;
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw fromAws(error, 'describe the consumer');
      await client.send(new RegisterStreamConsumerCommand(of)).catch((refusal: unknown) => {
        if (!isNamed(refusal, 'ResourceInUseException')) throw fromAws(refusal, 'register the consumer');
      });
    }
    await clock.sleep(pauseMs);
  }
  throw new SluiceError('TemporaryFailure', `consumer ${consumerName} is not ACTIVE`);
}

type Parts = {
  readonly client: KinesisClient;
  readonly clock: Clock;
  readonly shardId: string;
  readonly arn: string;
};
type Subscription = {
  readonly events: AsyncIterator<SubscribeToShardEventStream>;
  readonly close: () => void;
  /** Of its answer: what is pushed later may have waited for long. */
  readonly serverTime: number;
};

class FanOutCursor implements ShardCursor {
  readonly #parts: Parts;
  #position: Position;
  #subscription: Subscription | undefined;
  #event: { readonly event: SubscribeToShardEvent; taken: number; readonly serverTime: number } | undefined;

  constructor(parts: Parts, position: Position) {
    this.#parts = parts;
    this.#position = position;
  }

  async next(maxRecords: number): Promise<Page | 'would-wait'> {
    for (let tries = 0; this.#event === undefined; tries++) {
      if (tries === maxTries) return 'would-wait';
      if (this.#subscription === undefined && !(await this.#subscribe())) await this.#parts.clock.sleep(pauseMs);
      else await this.#takeEvent();
    }
    return this.#page(maxRecords);
  }

  async #subscribe(): Promise<boolean> {
    const { client, clock, shardId, arn } = this.#parts;
    const abortion = new AbortController();
    const command = new SubscribeToShardCommand({
      ConsumerARN: arn,
      ShardId: shardId,
      StartingPosition: startAt(this.#position),
    });
    try {
      const answer = await client.send(command, { abortSignal: abortion.signal });
      this.#subscription = {
        events: answer.EventStream![Symbol.asyncIterator](),
        close: () => abortion.abort(),
        serverTime: serverTimeOf(answer, clock),
      };
      return true;
    } catch (error) {
      if (isNamed(error, 'ResourceInUseException') || isNamed(error, 'LimitExceededException')) return false;
      throw fromAws(error, `subscribe to ${shardId}`);
    }
  }

  /** An end, a failure and silence are the same to it: it subscribes again. */
  async #takeEvent(): Promise<void> {
    const { events, serverTime, close } = this.#subscription!;
    const patience = this.#parts.clock.sleep(patienceMs).then(() => undefined);
    const next = events.next().catch(() => undefined);
    const result = await Promise.race([next, patience]);
    const event = result?.done === false ? result.value.SubscribeToShardEvent : undefined;
    if (event !== undefined) this.#event = { event, taken: 0, serverTime };
    // At the tip or the end whoever reads it stops.
    const isLast = event === undefined || event.MillisBehindLatest === 0;
    if (!isLast) return;
    close();
    this.#subscription = undefined;
  }

  #page(maxRecords: number): Page {
    const current = this.#event!;
    const { event } = current;
    const all = event.Records ?? [];
    const records = all.slice(current.taken, current.taken + maxRecords);
    current.taken += records.length;
    const isWhole = current.taken === all.length;
    const number = isWhole ? event.ContinuationSequenceNumber : records.at(-1)?.SequenceNumber;
    if (number !== undefined) this.#position = afterSequenceNumber(number);
    if (isWhole) this.#event = undefined;
    const children = event.ChildShards;
    return {
      records: records.map(toRecord),
      millisBehindLatest: isWhole ? event.MillisBehindLatest! : Math.max(1, event.MillisBehindLatest!),
      serverTime: current.serverTime,
      end:
        isWhole && children !== undefined
          ? {
              children: children.map(({ ShardId, ParentShards, HashKeyRange }) => ({
                shardId: ShardId!,
                parents: ParentShards!,
                hashRange: { start: HashKeyRange!.StartingHashKey!, end: HashKeyRange!.EndingHashKey! },
              })),
            }
          : undefined,
    };
  }
}

const toRecord = (record: NonNullable<SubscribeToShardEvent['Records']>[number]): KinesisRecord => ({
  sequenceNumber: record.SequenceNumber!,
  partitionKey: record.PartitionKey!,
  data: record.Data!,
  arrivalTime: record.ApproximateArrivalTimestamp!,
});

function startAt(position: Position): StartingPosition {
  switch (position.kind) {
    case 'trim-horizon':
      return { Type: 'TRIM_HORIZON' };
    case 'at-timestamp':
      return { Type: 'AT_TIMESTAMP', Timestamp: new Date(position.timestamp) };
    case 'after-sequence-number':
      return {
        Type: position.subSequenceNumber === undefined ? 'AFTER_SEQUENCE_NUMBER' : 'AT_SEQUENCE_NUMBER',
        SequenceNumber: position.sequenceNumber,
      };
    case 'shard-end':
      throw new Error('a shard at its end is not opened');
  }
}
