/** What all calls share: what they work with, the stream they name, and guards against what would be passed over. */
import type { Random } from '../../random.ts';
import { notFound, notSimulated, refuse } from './errors.ts';
import type { CallLimit } from './limits.ts';
import type { StoredStream } from './stored-stream.ts';

/** How Kinesis may behave within its documents. */
export type Quirks = {
  /** What the stamp of a record is off by, in milliseconds. */
  arrivalSkewMs: () => number;
  /** ListShards answers as of so long ago. */
  listingAgeMs: number;
  /** ListShards gives at most so many shards a page. */
  pageShards: number;
  /** GetRecords goes over at most so much time: an answer may be empty, far behind the tip. */
  stretchMs: number;
  /** GetRecords gives at most so many records. */
  pageRecords: number;
  /** Reads of the shard with this number fail. */
  failsReads: (shard: number) => boolean;
  /** GetShardIterator takes no number of a record that retention took; AWS documents neither this nor the contrary. */
  refusesTrimmed: boolean;
  /** GetShardIterator takes numbers of records only, and no ContinuationSequenceNumber; AWS documents neither. */
  refusesContinuations: boolean;
  /** A subscription is told of a record so long after it came. */
  pushMs: number;
  /** A subscription to an idle shard has an event without records so often. AWS documents no interval. */
  idleEventMs: number;
  /** For how long, from and to, consumers are CREATING and DELETING. */
  consumerMs: readonly [least: number, most: number];
  /** The error that PutRecords has for the record at this place of a request. */
  failsPut: (index: number) => string | undefined;
};

/** What a call works with. */
export type World = {
  readonly streams: Map<string, StoredStream>;
  readonly quirks: Quirks;
  readonly random: Random;
  /** RegisterStreamConsumer: of the whole account. */
  readonly registrations: CallLimit;
  now(): number;
  /** A number that no stream had before. */
  nextStream(): number;
};

export type Input = Readonly<Record<string, unknown>>;

export function takeInput(given: unknown, known: readonly string[]): Input {
  const input = (given ?? {}) as Input;
  for (const name in input) {
    if (input[name] !== undefined && !known.includes(name)) throw notSimulated(`the parameter ${name}`);
  }
  return input;
}

/** By name or by ARN. */
export const streamParameters = ['StreamName', 'StreamARN'] as const;

export function streamOf(world: World, input: Input): StoredStream {
  const name = input.StreamName ?? textIn(input, 'StreamARN').split('/').at(-1);
  const stream = world.streams.get(String(name));
  if (stream === undefined) throw notFound(`Stream ${name} under account 000000000000 not found.`);
  stream.trim(world.now());
  return stream;
}

export function textIn(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw refuse(`${name} must be text, not ${JSON.stringify(value)}`);
}

export function wholeIn(input: Input, name: string, bounds: { readonly least: number; readonly most: number }): number {
  const value = input[name];
  if (Number.isInteger(value) && Number(value) >= bounds.least && Number(value) <= bounds.most) return Number(value);
  throw refuse(`${name} must be ${bounds.least} to ${bounds.most}, not ${JSON.stringify(value)}`);
}

export function timeIn(input: Input, name: string): number {
  const value = input[name];
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
  throw refuse(`${name} must be a time`);
}

/** Tokens and iterators: opaque to who gets them, and each of its own kind. */
export const seal = (name: string, value: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([name, ...value])).toString('base64url');

export function unseal(text: string, name: string): readonly (string | number)[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(value) && value[0] === name) return value.slice(1);
  } catch {
    // Not one of ours: refused below.
  }
  throw refuse(`Invalid ${name}.`);
}
