/**
 * The source by enhanced fan-out: SubscribeToShard, behind the same port as polling.
 *
 * FANOUT-1 A read ends at the first event that is at the tip, as a polling read does: nobody waits for data here.
 * FANOUT-2 Whatever ends a read, its connection is closed.
 * FANOUT-3 Within five seconds of a subscription there is no second one: the read ends, and the plan sees to it.
 */
import type { KinesisClient, SubscribeToShardEvent } from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import { afterSequenceNumber, isAfter, type Position } from '../../core/position.ts';
import type { KinesisRecord, Page } from '../../core/record.ts';
import { minSubscribeGapMs } from '../../core/subscription-pace.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CursorStop, ReadOptions, ShardCursor, Source, StreamConsumer } from '../../ports/source.ts';
import { fromAws, isNamed } from '../aws-errors.ts';
import { fullJitter } from '../full-jitter.ts';
import { given, IncompleteAnswer } from '../incomplete-answer.ts';
import { EventRoom } from './event-room.ts';
import { childrenOf } from './kinesis-record.ts';
import { longestWaitMs } from './polling-cursor.ts';
import { type PollingSource, refusedPosition } from './polling-source.ts';
import { recordsIn } from './scanned-answers.ts';
import type { ShardEnd } from './shard-end.ts';
import { type Subscription, subscribe } from './subscription.ts';

export type FanOutParts = {
  /** Lists and describes, and reads the shards of tasks that poll. */
  readonly polling: PollingSource;
  /** For subscriptions only: on AWS they are HTTP/2. */
  readonly client: KinesisClient;
  readonly consumer: StreamConsumer;
  readonly clock: Clock;
  /** From 0 to 1, for pauses. */
  readonly random?: () => number;
};

export function createFanOutSource(parts: FanOutParts): Source {
  const { polling, consumer } = parts;
  return {
    ...polling,
    consumer,
    async open(shardId, position, reading) {
      if (reading === undefined || reading.consumerArn === null) return polling.open(shardId, position, reading);
      return new FanOutCursor(parts, { ...reading, consumerArn: reading.consumerArn }, shardId, position);
    },
  };
}

/**
 * The first event may take this long, however short the read is meant to be: of a shard without records it may be some
 * seconds, and it is what tells of the tip.
 */
const firstEventMs = 6_000;
/** Past the deadline, as much as a call that polls may take. */
const graceMs = 4_000;
const pauses = { firstPauseMs: 100, longestPauseMs: 2_000 };
const maxFailures = 6;

class FanOutCursor implements ShardCursor {
  readonly #parts: FanOutParts;
  readonly #reading: ReadOptions & { readonly consumerArn: string };
  readonly #shardId: string;
  #position: Position;
  #lastGiven: string | undefined;
  #subscription: Subscription | undefined;
  #room: EventRoom | undefined;
  #subscribedAt: number | undefined;
  /** Whether the subscription, or the last one that was open, gave an event. */
  #hasGiven = false;
  /** Whether any did. */
  #hasEverGiven = false;
  #failures = 0;

  constructor(
    parts: FanOutParts,
    reading: ReadOptions & { readonly consumerArn: string },
    shardId: string,
    position: Position,
  ) {
    this.#parts = parts;
    this.#reading = reading;
    this.#shardId = shardId;
    this.#position = position;
  }

  get subscribedAt(): number | undefined {
    return this.#subscribedAt;
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
  }

  /** It takes no `maxRecords`: a subscription sends events of whatever size. */
  async next(): Promise<Page | CursorStop> {
    for (;;) {
      const answer = await this.#ask();
      if (answer !== 'again') return answer;
    }
  }

  async #ask(): Promise<Page | CursorStop | 'again'> {
    try {
      this.#subscription ??= await this.#subscribe();
      const event = await this.#subscription.next(this.#patience());
      if (event === 'no-room') return 'deadline';
      if (event === 'late') return this.#giveUp(lateError());
      return event === 'over' ? await this.#afterEnd() : await this.#pageOf(event, this.#subscription);
    } catch (error) {
      return this.#afterFailure(error);
    }
  }

  /** Kinesis ends each subscription after five minutes, and others by itself. */
  async #afterEnd(): Promise<CursorStop | 'again'> {
    this.close();
    if (!this.#hasGiven) this.#failures += 1;
    return (await this.#pause(0)) ? 'again' : this.#giveUp(overError());
  }

  async #afterFailure(error: unknown): Promise<CursorStop | 'again'> {
    this.close();
    // Another driver's executors read this shard, or did a moment ago.
    if (isNamed(error, 'ResourceInUseException')) return this.#hasEverGiven ? 'deadline' : 'throttled';
    const known = this.#meaningOf(error);
    if (!known.canRetry) throw known;
    this.#failures += 1;
    return (await this.#pause(this.#backoff())) ? 'again' : this.#giveUp(known);
  }

  async #subscribe(): Promise<Subscription> {
    const { client, clock } = this.#parts;
    this.#hasGiven = false;
    const room = new EventRoom(this.#reading.takeRoom ?? unlimited);
    const subscription = await subscribe(client, clock, {
      consumerArn: this.#reading.consumerArn,
      shardId: this.#shardId,
      position: this.#position,
      until: this.#firstEventBy(clock.now()),
      room,
    });
    this.#room = room;
    this.#subscribedAt = subscription.startedAt;
    return subscription;
  }

  #patience(): number {
    return this.#hasGiven ? this.#reading.until : this.#firstEventBy(this.#subscribedAt!);
  }

  #firstEventBy(start: number): number {
    const { until, deadline } = this.#reading;
    return Math.max(until, Math.min(start + firstEventMs, deadline + graceMs));
  }

  async #pageOf(event: SubscribeToShardEvent, { serverTime }: Subscription): Promise<Page> {
    const lastGiven = this.#lastGiven;
    const { records: all, heldBytes, payloads } = recordsIn(event);
    const isNew = ({ sequenceNumber }: KinesisRecord) => lastGiven === undefined || isAfter(sequenceNumber, lastGiven);
    const records = all.length === 0 || isNew(all[0]!) ? all : all.filter(isNew);
    this.#room?.shrinkTo(heldBytes);
    const millisBehindLatest = given(event.MillisBehindLatest, 'MillisBehindLatest');
    const goesOn = Boolean(event.ContinuationSequenceNumber);
    const end = goesOn ? undefined : await this.#endOf(event);
    // Whoever reads the stream names this event until the next one is there.
    event.Records = [];
    this.#failures = 0;
    this.#hasGiven = true;
    this.#hasEverGiven = true;
    const last = records.at(-1)?.sequenceNumber;
    if (last !== undefined) {
      this.#lastGiven = last;
      this.#position = afterSequenceNumber(last);
    }
    return {
      records,
      payloads: records === all ? payloads : undefined,
      // Without a continuation and without an end this is not the tip either: say that something may follow.
      millisBehindLatest: goesOn || end !== undefined ? millisBehindLatest : Math.max(1, millisBehindLatest),
      serverTime,
      end,
      isEvent: true,
    };
  }

  /**
   * Whether an event without a continuation is the shard's end. If it names children, it is. If it has records, they are
   * taken, and what follows tells. Else the listing decides.
   */
  async #endOf({ ChildShards, Records = [] }: SubscribeToShardEvent): Promise<ShardEnd | undefined> {
    const children = childrenOf(ChildShards);
    if (children.length > 0) return { children };
    if (Records.length > 0) return undefined;
    const end = await this.#parts.polling.findEnd(this.#shardId, this.#position, this.#reading.deadline);
    if (end === undefined) throw new IncompleteAnswer('ContinuationSequenceNumber');
    return end;
  }

  /** Full jitter. */
  #backoff(): number {
    const { random = Math.random } = this.#parts;
    return fullJitter(random, this.#failures, pauses);
  }

  /** False if the next subscription would have to wait longer than is worth its price, or time runs out. */
  async #pause(backoffMs: number): Promise<boolean> {
    const { clock } = this.#parts;
    const now = clock.now();
    const forced = (this.#subscribedAt ?? Number.NEGATIVE_INFINITY) + minSubscribeGapMs - now;
    const wait = Math.max(forced, backoffMs);
    if (forced > longestWaitMs || this.#failures >= maxFailures || now + wait >= this.#reading.until) return false;
    if (wait > 0) await clock.sleep(wait);
    return true;
  }

  /**
   * After an event of the last subscription: end the read normally. Before its first: fail, so that the shard is
   * reported.
   */
  #giveUp(error: SluiceError): CursorStop {
    if (!this.#hasGiven) throw error;
    return 'deadline';
  }

  #meaningOf(error: unknown): SluiceError {
    const doing = `subscribe to ${this.#shardId} by ${this.#reading.consumerArn}`;
    return (
      refusedPosition(error, this.#shardId, this.#position) ??
      fromAws(error, doing, { ResourceNotFoundException: 'StreamNotFound' })
    );
  }
}

const unlimited = async () => ({ shrinkTo: () => {}, release: () => {} });
const lateError = () => new SluiceError('TemporaryFailure', 'a subscription brought no event in time');
const overError = () => new SluiceError('TemporaryFailure', 'a subscription ended before it brought anything');
