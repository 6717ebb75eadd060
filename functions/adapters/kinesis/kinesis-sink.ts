/**
 * PutRecords until everything is acknowledged, or time is over.
 *
 * SINK-1 Acknowledged is what has a sequence number; the answer says of each record whether it was.
 * SINK-2 One request at a time, and what was refused goes first: of a key, nothing is in a request before what stands ahead
 *    of it was in one and was taken, or is in the same. Where order is asked for, it is not in the same either: of those of one
 *    request that a stream refuses in part, it may have taken a later one.
 * SINK-3 A limit of throughput is no failure: requests become smaller, and pauses longer, with full jitter. Requests become
 *    smaller for a slow server too.
 */
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import { RequestShare } from '../../core/request-share.ts';
import type { StreamReference } from '../../pipeline/stream.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { OutputRecord, OutputSink, Undelivered } from '../../sinks/output-sink.ts';
import { everyStreamTakes } from '../../sinks/stream-record.ts';
import { fromAws, isThrottling } from '../aws-errors.ts';
import { fullJitter } from '../full-jitter.ts';
import { givenUpAfter, overtimeOfSinkMs } from '../given-up-after.ts';
import { RecordEntry } from './record-entry.ts';
import { streamParameters } from './stream-listing.ts';
import { takenIn } from './taken-results.ts';

const maxRecords = 500;
/** Under the 10 MiB of a request, with room for its other parts. */
const maxBytes = 9_000_000;
/** The setting of a stream changes rarely. */
const limitTrustedMs = 60_000;
const pauses = { firstPauseMs: 50, longestPauseMs: 1_000 };
/** A server that takes so long for a request gets a smaller one: several should fit into a function's time. */
const slowAnswerMs = 3_000;

type SinkParts = {
  readonly client: KinesisClient;
  readonly stream: StreamReference;
  readonly clock: Clock;
  readonly random: Random;
  readonly share: RequestShare;
  /** Undefined: of a lane there may be several records in a request. */
  readonly laneOf: ((record: OutputRecord) => string) | undefined;
};

/** Of a key, one record in a request. */
export const laneOfKey = ({ partitionKey }: OutputRecord): string => partitionKey;

export function createKinesisSink(
  client: KinesisClient,
  stream: StreamReference,
  clock: Clock,
  random: Random = Math.random,
  {
    share = new RequestShare(),
    laneOf,
  }: {
    /** What is known of the sink outlasts a step. */
    readonly share?: RequestShare;
    /** Of what it says of records, one in a request. */
    readonly laneOf?: ((record: OutputRecord) => string) | undefined;
  } = {},
): OutputSink {
  const parts = { client, stream, clock, random, share, laneOf };
  let limit: { readonly bytes: number; readonly askedAt: number } | undefined;
  return {
    async maxRecordBytes() {
      if (limit === undefined || clock.now() - limit.askedAt > limitTrustedMs)
        limit = { bytes: await askForLimit(client, stream), askedAt: clock.now() };
      return limit.bytes;
    },
    send: (records, deadline) => new Delivery(parts, records, deadline).run(),
  };
}

async function askForLimit(client: KinesisClient, stream: StreamReference): Promise<number> {
  const parameters = streamParameters(stream);
  try {
    const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand(parameters));
    // Servers that know no larger records do not say so.
    return Math.max(everyStreamTakes, (summary?.MaxRecordSizeInKiB ?? 0) * 1024);
  } catch (error) {
    const doing = `stream ${parameters.StreamARN ?? parameters.StreamName}: describe`;
    throw fromAws(error, doing, { ResourceNotFoundException: 'NotAllowed' });
  }
}

/** What it has of each place. Records are encoded once, to be measured and to be sent. */
type Request = { readonly places: readonly number[]; readonly entries: RecordEntry[] };

const allTaken = 'all taken';
/** Of each record of a request, or of all of them at once. */
type Results = readonly PutRecordsResultEntry[] | typeof allTaken;

const throttled = 'ProvisionedThroughputExceededException';

class Delivery {
  readonly #parts: SinkParts;
  readonly #records: readonly OutputRecord[];
  readonly #deadline: number;
  /** Places not acknowledged yet. */
  #open: number[];
  /** Of the last request in which something was. */
  #codes = new Set<string>();
  /** Every refusal was a limit of throughput. */
  #isOnlyThrottled = true;
  /** In a row, of requests of which nothing was taken. */
  #failures = 0;

  constructor(parts: SinkParts, records: readonly OutputRecord[], deadline: number) {
    this.#parts = parts;
    this.#records = records;
    this.#deadline = deadline;
    this.#open = Array.from(records.keys());
  }

  async run(): Promise<Undelivered | undefined> {
    const { clock, share } = this.#parts;
    while (this.#open.length > 0) {
      const asked = share.share;
      const request = this.#nextRequest(asked);
      const askedAt = clock.now();
      let results: Results;
      try {
        results = await this.#put(request.entries);
      } catch (error) {
        share.tell(asked, false);
        return this.#undelivered(error as SluiceError, false);
      }
      const refused = this.#take(request.places, results);
      share.tell(asked, refused === 0 && clock.now() - askedAt < slowAnswerMs);
      if (this.#open.length === 0) break;
      const pause = refused === 0 ? 0 : this.#pause();
      if (clock.now() + pause >= this.#deadline) return this.#late();
      if (pause > 0) await clock.sleep(pause);
    }
    return undefined;
  }

  /** The first ones, at least one. With lanes: the first of each. */
  #nextRequest(share: number): Request {
    const most = Math.ceil(maxRecords * share);
    const room = maxBytes * share;
    const places: number[] = [];
    const entries: RecordEntry[] = [];
    const { laneOf } = this.#parts;
    const lanes = new Set<string>();
    let bytes = 0;
    for (const place of this.#open) {
      if (places.length === most) break;
      if (laneOf !== undefined && !isAdded(lanes, laneOf(this.#records[place]!))) continue;
      const entry = new RecordEntry(this.#records[place]!);
      bytes += entry.dataBytes + Buffer.byteLength(entry.PartitionKey);
      if (bytes > room && places.length > 0) break;
      places.push(place);
      entries.push(entry);
    }
    return { places, entries };
  }

  async #put(entries: RecordEntry[]): Promise<Results> {
    const { client, stream, clock } = this.#parts;
    try {
      const command = new PutRecordsCommand({ ...streamParameters(stream), Records: entries });
      const answer = await client.send(command, givenUpAfter(this.#deadline, clock, overtimeOfSinkMs));
      return takenIn(answer) === entries.length ? allTaken : (answer.Records ?? []);
    } catch (error) {
      // Refused as a whole: nothing of it was taken.
      if (isThrottling(error)) return entries.map(() => ({ ErrorCode: throttled }));
      throw fromAws(error, this.#doing, { ResourceNotFoundException: 'NotAllowed' });
    }
  }

  /** How many were refused. An absent result acknowledges nothing. */
  #take(request: readonly number[], results: Results): number {
    if (results === allTaken) {
      this.#failures = 0;
      this.#open = without(this.#open, request);
      return 0;
    }
    const refused = request.filter((_, at) => results[at]?.SequenceNumber === undefined);
    const codes = request.flatMap((_, at) =>
      results[at]?.SequenceNumber === undefined ? [results[at]?.ErrorCode ?? '?'] : [],
    );
    if (codes.length > 0) this.#codes = new Set(codes);
    this.#isOnlyThrottled &&= codes.every((code) => code === throttled);
    this.#failures = refused.length === request.length ? this.#failures + 1 : 0;
    const taken = new Set(request).difference(new Set(refused));
    this.#open = this.#open.filter((place) => !taken.has(place));
    return refused.length;
  }

  #pause(): number {
    return fullJitter(this.#parts.random, this.#failures, pauses);
  }

  #late(): Undelivered {
    const error = new SluiceError(
      'TemporaryFailure',
      `${this.#doing}: ${this.#open.length} of ${this.#records.length} were not acknowledged in time${reasonsIn(this.#codes)}`,
    );
    // Something is taken, or nothing but a limit is in the way: the next try goes on from here.
    return this.#undelivered(error, this.#isOnlyThrottled || this.#open.length < this.#records.length);
  }

  #undelivered(error: SluiceError, isOnlySlow: boolean): Undelivered {
    return { places: this.#open, error, isOnlySlow };
  }

  get #doing(): string {
    const { StreamARN, StreamName } = streamParameters(this.#parts.stream);
    return `stream ${StreamARN ?? StreamName}: put records`;
  }
}

/** Which refusals there were, without their words: one of each kind is enough to know what to do. */
function reasonsIn(codes: ReadonlySet<string>): string {
  return codes.size === 0 ? '' : ` (${[...codes].toSorted().join(', ')})`;
}

/** `places`: some of them, in the same order. */
function without(open: readonly number[], places: readonly number[]): number[] {
  let next = 0;
  return open.filter((place) => {
    const isOne = place === places[next];
    if (isOne) next += 1;
    return !isOne;
  });
}

/** False: it was there. */
function isAdded(keys: Set<string>, key: string): boolean {
  const { size } = keys;
  return keys.add(key).size > size;
}
