/**
 * One shard by GetRecords, within what Kinesis allows a shard: five calls of a kind and 2 MB a second, shared with every
 * other reader of it.
 *
 * POLL-1 A call that would have to wait for more than 250 ms is left to the next batch; the first one for more than a
 *    second where an earlier reader's answer has to be paid off, since the plan counts on such a wait. So is one that is
 *    still refused after a few pauses, or whose pause would reach past the deadline. Neither moves the position.
 * POLL-2 An iterator that expired, or that an answer with records lacks, is renewed behind the last record that was given
 *    out.
 * POLL-3 An answer without an iterator is the end of the shard if it names children, or if the listing proves it.
 */
import { GetRecordsCommand, type GetRecordsCommandOutput, type KinesisClient } from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import type { Position } from '../../core/position.ts';
import type { Page, ReadUsage } from '../../core/record.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { CursorStop, ShardCursor } from '../../ports/source.ts';
import { isNamed, isThrottling } from '../aws-errors.ts';
import { givenUpAfter } from '../given-up-after.ts';
import { given, IncompleteAnswer } from '../incomplete-answer.ts';
import { childrenOf } from './kinesis-record.ts';
import { recordsIn } from './scanned-answers.ts';
import { serverTimeOf } from './server-time.ts';
import type { ShardEnd } from './shard-end.ts';

/** A longer wait is left to the state machine, where it costs less than in a function. */
export const longestWaitMs = 250;
/**
 * The same for the first call of a shard, where the plan told when the shard is readable again: executors come to it a
 * little sooner.
 */
const longestFirstWaitMs = 1_000;
const callsASecond = 5;
const bytesASecond = 2_097_152;
/**
 * Most calls of one read. A long stretch without records takes many, and each gets some way: the next batch goes on from
 * there.
 */
const maxCalls = 60;
const maxRenewals = 3;

/** Full jitter: up to 200 ms, 400 ms, 800 ms, 1.6 s. */
const maxTries = 5;
const firstPauseMs = 200;

export type CursorParts = {
  readonly client: KinesisClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly options: { readonly fetchIntervalMs: number };
  readonly failure: (error: unknown) => SluiceError;
  readonly openIterator: (position: Position, deadline: number) => Promise<string>;
  /** Asked where an answer names neither an iterator nor children. Undefined: it is not over. */
  readonly findEnd: (position: Position, deadline: number) => Promise<ShardEnd | undefined>;
  /** An iterator alone is looked up in the caller's own account. */
  readonly streamArn: string | undefined;
  readonly shardId: string;
  readonly position: Position;
  readonly readableAt: number | undefined;
  /** When the whole read ends, in epoch milliseconds. */
  readonly deadline: number;
};

type Answer = GetRecordsCommandOutput;

export class PollingCursor implements ShardCursor {
  readonly #parts: CursorParts;
  readonly #reads = new CallPace();
  readonly #opens = new CallPace();
  #iterator: string | undefined;
  #position: Position;
  #nextCallAt = 0;
  /** When the last answer's bytes are paid off. */
  #paidAt: number;
  #calls = 0;
  #throttles = 0;
  #hasAnswered = false;

  constructor(parts: CursorParts) {
    this.#parts = parts;
    this.#position = parts.position;
    this.#paidAt = parts.readableAt ?? 0;
  }

  get usage(): ReadUsage {
    const isLong = this.#paidAt - this.#parts.clock.now() > longestWaitMs;
    return {
      calls: this.#calls,
      throttles: this.#throttles,
      ...(isLong ? { readableAt: Math.ceil(this.#paidAt) } : {}),
    };
  }

  /** Refuses a shard that can't be read from there. One that is only busy opens with the first read. */
  async open(): Promise<void> {
    try {
      await this.#openIterator(this.#parts.deadline);
    } catch (error) {
      if (!isThrottling(error)) throw this.#parts.failure(error);
      this.#throttles += 1;
    }
  }

  async next(maxRecords: number, deadline = Number.POSITIVE_INFINITY): Promise<Page | CursorStop> {
    if (this.#calls >= maxCalls) return this.#limitStop;
    for (let attempt = 1; ; attempt++) {
      if (!(await this.#waitForQuota())) return attempt === 1 ? this.#limitStop : 'throttled';
      const page = await this.#ask(maxRecords, deadline);
      if (page !== 'refused') return page;
      if (!(await this.#backOff(attempt, deadline))) return 'throttled';
    }
  }

  /** False where a call would have to wait for longer than is worth its price. */
  async #waitForQuota(): Promise<boolean> {
    const { clock } = this.#parts;
    const wait = Math.max(this.#nextCallAt, this.#paidAt, this.#reads.freeAt) - clock.now();
    if (wait > this.#longestWait()) return false;
    if (wait > 0) await clock.sleep(wait);
    return true;
  }

  async #ask(maxRecords: number, deadline: number): Promise<Page | 'refused'> {
    try {
      return await this.#toPage(await this.#getRecords(maxRecords, deadline), deadline);
    } catch (error) {
      if (!isThrottling(error)) throw this.#parts.failure(error);
      this.#throttles += 1;
      return 'refused';
    }
  }

  /** False where another try is not worth it, or would come too late. */
  async #backOff(attempt: number, deadline: number): Promise<boolean> {
    const { clock, random } = this.#parts;
    const pause = random() * firstPauseMs * 2 ** (attempt - 1);
    if (attempt === maxTries || clock.now() + pause >= deadline) return false;
    await clock.sleep(pause);
    return true;
  }

  /**
   * How a read ends that may not call any more. Without a single answer it counts as throttled, so that the next turn
   * pauses instead of starting at once.
   */
  get #limitStop(): CursorStop {
    return this.#hasAnswered ? 'deadline' : 'throttled';
  }

  #longestWait(): number {
    return this.#calls === 0 && this.#parts.readableAt !== undefined ? longestFirstWaitMs : longestWaitMs;
  }

  async #toPage(answer: Answer, deadline: number): Promise<Page> {
    const { clock, options } = this.#parts;
    const { records, countedBytes, heldBytes, payloads } = recordsIn(answer);
    const millisBehindLatest = given(answer.MillisBehindLatest, 'MillisBehindLatest');
    const iterator = answer.NextShardIterator || undefined;
    const end = iterator === undefined ? await this.#endOf(answer, deadline) : undefined;
    const last = records.at(-1);
    if (last !== undefined) this.#position = { kind: 'after-sequence-number', sequenceNumber: last.sequenceNumber };
    this.#hasAnswered = true;
    this.#nextCallAt = clock.now() + options.fetchIntervalMs;
    this.#paidAt = clock.now() + pauseAfter(countedBytes);
    this.#iterator = iterator;
    return {
      records,
      // Without an iterator and without an end this is not the tip either: say that something may follow.
      millisBehindLatest:
        iterator === undefined && end === undefined ? Math.max(1, millisBehindLatest) : millisBehindLatest,
      serverTime: serverTimeOf(answer, clock),
      end,
      heldBytes,
      payloads,
    };
  }

  /**
   * Whether an answer without an iterator is the shard's end. If it names children, it is. If it has records, they are
   * taken, and the next call asks for what follows them. Else the listing decides.
   */
  async #endOf({ ChildShards, Records = [] }: Answer, deadline: number): Promise<ShardEnd | undefined> {
    const children = childrenOf(ChildShards);
    if (children.length > 0) return { children };
    if (Records.length > 0) return undefined;
    const end = await this.#parts.findEnd(this.#position, deadline);
    if (end === undefined) throw new IncompleteAnswer('NextShardIterator');
    return end;
  }

  async #getRecords(Limit: number, deadline: number): Promise<Answer> {
    const { client, clock, shardId, streamArn } = this.#parts;
    const stream = streamArn === undefined ? {} : { StreamARN: streamArn };
    for (let renewal = 0; renewal <= maxRenewals; renewal++) {
      const ShardIterator = this.#iterator ?? (await this.#openIterator(deadline));
      this.#calls += 1;
      this.#reads.note(clock.now());
      try {
        return await client.send(
          new GetRecordsCommand({ ...stream, ShardIterator, Limit }),
          givenUpAfter(deadline, clock),
        );
      } catch (error) {
        if (!isNamed(error, 'ExpiredIteratorException')) throw error;
        this.#iterator = undefined;
      }
    }
    throw new SluiceError('TemporaryFailure', `read ${shardId}: ${maxRenewals + 1} iterators in a row had expired`);
  }

  async #openIterator(deadline: number): Promise<string> {
    const { clock, openIterator } = this.#parts;
    const wait = this.#opens.freeAt - clock.now();
    if (wait > 0) await clock.sleep(wait);
    this.#opens.note(clock.now());
    this.#iterator = await openIterator(this.#position, deadline);
    return this.#iterator;
  }
}

/** When the next call is within five a second. */
class CallPace {
  readonly #last: number[] = [];

  get freeAt(): number {
    return this.#last.length < callsASecond ? 0 : this.#last[0]! + 1_000;
  }

  note(now: number): void {
    this.#last.push(now);
    if (this.#last.length > callsASecond) this.#last.shift();
  }
}

/** After a large answer Kinesis refuses calls until it is paid off. */
const pauseAfter = (bytes: number): number => (bytes / bytesASecond) * 1000;
