/** One SubscribeToShard: opened, read event by event, and closed whatever happens. */
import {
  type KinesisClient,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardCommandOutput,
  type SubscribeToShardEvent,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import type { Position } from '../../core/position.ts';
import type { Clock } from '../../ports/clock.ts';
import { given } from '../incomplete-answer.ts';
import type { EventRoom } from './event-room.ts';
import { serverTimeOf } from './server-time.ts';

export type Subscription = {
  /** When it was known to have begun: never before Kinesis counted it. */
  readonly startedAt: number;
  /** Kinesis time of its beginning. Every event was made later; how much later, a buffer may hide. */
  readonly serverTime: number;
  /**
   * 'over' at its end, which is five minutes after its beginning; 'late' if no event came in time, 'no-room' if one stood
   * there and memory had no room for it. What was given before is done with.
   */
  next(until: number): Promise<SubscribeToShardEvent | 'over' | 'late' | 'no-room'>;
  close(): void;
};

export type SubscriptionRequest = {
  readonly consumerArn: string;
  readonly shardId: string;
  readonly position: Position;
  /** After this nobody waits for the answer any more. */
  readonly until: number;
  readonly room: EventRoom;
};

/** Throws what Kinesis or the connection throws; a TimeoutError when time runs out. */
export async function subscribe(
  client: KinesisClient,
  clock: Clock,
  { consumerArn, shardId, position, until, room }: SubscriptionRequest,
): Promise<Subscription> {
  const connection = new AbortController();
  const command = new SubscribeToShardCommand({
    ConsumerARN: consumerArn,
    ShardId: shardId,
    StartingPosition: startingPositionOf(position),
  });
  room.watch(command);
  try {
    const opening = client.send(command, { abortSignal: connection.signal });
    const output = await inTime(clock, opening, until);
    if (output === 'late') throw Object.assign(new Error('no subscription in time'), { name: 'TimeoutError' });
    return subscriptionOf(output, connection, room, clock);
  } catch (error) {
    room.close();
    connection.abort();
    throw error;
  }
}

function subscriptionOf(
  output: SubscribeToShardCommandOutput,
  connection: AbortController,
  room: EventRoom,
  clock: Clock,
): Subscription {
  const events = given(output.EventStream, 'EventStream')[Symbol.asyncIterator]();
  return {
    startedAt: clock.now(),
    serverTime: serverTimeOf(output, clock),
    // One event is asked for at a time: what comes behind it waits in the connection, which holds it up.
    async next(until) {
      for (;;) {
        room.release();
        const result = await inTime(clock, events.next(), until);
        if (result === 'late') return room.isWaiting ? 'no-room' : 'late';
        if (result.done === true) return 'over';
        const event = eventIn(result.value);
        if (event !== undefined) return event;
      }
    },
    // Leaving the iteration alone would leave the connection open.
    close() {
      room.close();
      connection.abort();
      events.return?.().catch(() => {});
    },
  };
}

/** The SDK throws exceptions of the stream; a value that holds one is thrown here. */
function eventIn(value: SubscribeToShardEventStream): SubscribeToShardEvent | undefined {
  if (value.SubscribeToShardEvent !== undefined) return value.SubscribeToShardEvent;
  const exception = Object.values(value).find((member) => member instanceof Error);
  if (exception !== undefined) throw exception;
  return undefined;
}

async function inTime<Result>(clock: Clock, waiting: Promise<Result>, until: number): Promise<Result | 'late'> {
  // Whoever gave up on it does not hear how it ends.
  waiting.catch(() => {});
  const timer = new AbortController();
  const late = clock.sleep(Math.max(0, until - clock.now()), timer.signal).then((): 'late' => 'late');
  try {
    return await Promise.race([waiting, late]);
  } finally {
    timer.abort();
  }
}

/** Never a continuation number: a position must be as good for polling. */
function startingPositionOf(position: Position): StartingPosition {
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
  }
}
