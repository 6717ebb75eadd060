/**
 * A live view in a DynamoDB table: conditional puts, side by side.
 *
 * VIEWSINK-1 Of an item one put is under way, and of those that are given at once the newest alone is put: the others are done with it.
 * VIEWSINK-2 A condition that is not met is an acknowledgement: what is there is the same, or newer.
 * VIEWSINK-3 A limit of throughput is no failure: the item waits with full jitter, and fewer are put side by side.
 * VIEWSINK-4 No row stops a pipeline for what it holds: one that the service refuses is put as a text that says why. Only where that is
 *    refused too, as by a table with other keys, it is a failure.
 *
 * Not TransactWriteItems: it costs twice as much, and items have nothing to do with each other.
 */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SluiceError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { CheckedDynamodbSink } from '../../sinks/dynamodb.ts';
import type { OutputRecord, OutputSink, Undelivered } from '../../sinks/output-sink.ts';
import { ifNewer, isNewer, refusedItem, type ViewItem, viewItem } from '../../sinks/view-item.ts';
import { fromAws, isNamed, isThrottling } from '../aws-errors.ts';
import { fullJitter } from '../full-jitter.ts';
import { givenUpAfter, overtimeOfSinkMs } from '../given-up-after.ts';

const mostAtOnce = 32;
const pauses = { firstPauseMs: 50, longestPauseMs: 2_000 };

type Parts = {
  readonly client: DynamoDBClient;
  readonly sink: CheckedDynamodbSink;
  readonly clock: Clock;
  readonly random: Random;
};

export function createViewSink(
  client: DynamoDBClient,
  sink: CheckedDynamodbSink,
  clock: Clock,
  random: Random = Math.random,
): OutputSink {
  return { send: (records, deadline) => new Delivery({ client, sink, clock, random }, records, deadline).run() };
}

/** The newest version of an item, and the places of all that were given. */
type Open = { readonly places: number[]; record: OutputRecord; newest: ViewItem };

class Delivery {
  readonly #parts: Parts;
  readonly #records: readonly OutputRecord[];
  readonly #deadline: number;
  readonly #left = new Set<Open>();
  #atOnce = mostAtOnce;
  #underWay = 0;
  #error: SluiceError | undefined;
  #isOver = false;

  constructor(parts: Parts, records: readonly OutputRecord[], deadline: number) {
    this.#parts = parts;
    this.#records = records;
    this.#deadline = deadline;
    for (const open of newestOf(parts, records)) this.#left.add(open);
  }

  async run(): Promise<Undelivered | undefined> {
    const waiting = [...this.#left].values();
    await Promise.all(Array.from({ length: mostAtOnce }, () => this.#work(waiting)));
    if (this.#left.size === 0) return undefined;
    const places = [...this.#left].flatMap((open) => open.places).toSorted((one, other) => one - other);
    if (this.#error !== undefined) return { places, error: this.#error, isOnlySlow: false };
    const text = `${this.#doing}: ${places.length} of ${this.#records.length} were not acknowledged in time`;
    return { places, error: new SluiceError('TemporaryFailure', text), isOnlySlow: true };
  }

  /** One after the other, until nothing is left or something is in the way. */
  async #work(waiting: Iterator<Open>): Promise<void> {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      if (!(await this.#putInTime(next.value))) return;
    }
  }

  async #putInTime(open: Open): Promise<boolean> {
    for (let attempt = 0; !this.#isOver; attempt++) {
      if (this.#underWay >= this.#atOnce) {
        // Others have the room that the table gives.
        if (!(await this.#pause(attempt))) return false;
        continue;
      }
      this.#underWay++;
      try {
        await this.#put(open);
        this.#left.delete(open);
        this.#atOnce = Math.min(mostAtOnce, this.#atOnce + 1);
        return true;
      } catch (error) {
        if (!isThrottling(error)) return this.#fail(error);
        this.#atOnce = Math.max(1, Math.floor(this.#atOnce / 2));
      } finally {
        this.#underWay--;
      }
      if (!(await this.#pause(attempt))) return false;
    }
    return false;
  }

  async #put({ record, newest }: Open): Promise<void> {
    try {
      await this.#putIfNewer(newest);
    } catch (error) {
      if (!isNamed(error, 'ValidationException')) throw error;
      const { sink, clock } = this.#parts;
      await this.#putIfNewer(refusedItem(sink, record, (error as Error).message, clock.now()));
    }
  }

  async #putIfNewer(version: ViewItem): Promise<void> {
    const { client, sink, clock } = this.#parts;
    const put = { TableName: sink.table, Item: version.item, ...ifNewer(sink, version) };
    try {
      await client.send(new PutItemCommand(put), givenUpAfter(this.#deadline, clock, overtimeOfSinkMs));
    } catch (error) {
      if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    }
  }

  #fail(error: unknown): false {
    this.#isOver = true;
    this.#error ??= fromAws(error, this.#doing, {
      ResourceNotFoundException: 'NotAllowed',
      ItemCollectionSizeLimitExceededException: 'NotAllowed',
    });
    return false;
  }

  /** Full jitter; false, and over for all, if it would reach past the deadline. */
  async #pause(attempt: number): Promise<boolean> {
    const { clock, random } = this.#parts;
    const ms = fullJitter(random, attempt, pauses);
    if (clock.now() + ms >= this.#deadline) this.#isOver = true;
    else await clock.sleep(ms);
    return !this.#isOver;
  }

  get #doing(): string {
    return `table ${this.#parts.sink.table}: put items`;
  }
}

function newestOf({ sink, clock }: Parts, records: readonly OutputRecord[]): Iterable<Open> {
  const byItem = new Map<string, Open>();
  for (const [place, record] of records.entries()) {
    const version = viewItem(sink, record, clock.now());
    const open = byItem.get(record.partitionKey);
    if (open === undefined) {
      byItem.set(record.partitionKey, { places: [place], record, newest: version });
      continue;
    }
    open.places.push(place);
    if (!isNewer(version.identity, open.newest.identity)) continue;
    open.record = record;
    open.newest = version;
  }
  return byItem.values();
}
