/** A sink of the user's own. `functions/adapters/callback/custom-sink.ts` sends to it. */
import { readOptions, text, wholeNumber } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import type { OutputRecord } from './output-sink.ts';
import { fieldOf, identityRules, type RecordIdentity, withPossibleIdentity } from './record-identity.ts';
import type { AboutOutput, SinkDefinition, SinkKind } from './sink-kind.ts';
import { byteLength, streamRecord } from './stream-record.ts';

/** A record as a sink of your own is given it. */
export type SinkRecord = {
  /** The group key, or the source record's partition key. */
  readonly key: string;
  /** JSON; of events that no `map` has changed, the bytes they came in. */
  readonly data: string | Uint8Array;
};

/**
 * Sends records, all of them in one request. It answers nothing when all were taken, or the places of those that were not, which come
 * again; if it throws, all of them do. `signal` is aborted when its time is over.
 */
export type PutRecords = (
  records: readonly SinkRecord[],
  about: { readonly signal: AbortSignal },
) => PromiseLike<readonly number[] | undefined> | PromiseLike<void> | readonly number[] | undefined;

/** What `customSink` takes. */
export type CustomSinkOptions = {
  /** Its name, in messages: 1 to 32 letters, digits or -. */
  readonly name: string;
  /** Where it writes, as a text: two outputs to one place need a `map` each. */
  readonly place: string;
  /** What sends. */
  readonly put: PutRecords;
  /**
   * Records in one request at most: 1 to 10000.
   * @default 100
   */
  readonly maxRecords?: number | undefined;
  /**
   * Bytes of data in one request at most; one record alone may have more.
   * @default 1048576
   */
  readonly maxBytes?: number | undefined;
  /**
   * The largest record, in bytes of data: what is larger is a dead letter.
   * @default 1048576
   */
  readonly maxRecordBytes?: number | undefined;
  /**
   * `field` adds the output's identity to each JSON object, as its last field, so that a reader can drop repeats; `none` adds
   * nothing.
   * @default 'field'
   */
  readonly identity?: 'field' | 'none' | undefined;
  /**
   * The name of that field.
   * @default '_sluice'
   */
  readonly identityField?: string | undefined;
};

/** What `customSink` returns. */
export type CustomSink = SinkDefinition<unknown> & {
  /** Always 'custom'. */
  readonly kind: 'custom';
  /** What `customSink` was given, not yet checked. */
  readonly options: RawOptions;
};

/**
 * A sink of your own, of results and of events: you send records, and it is known what was taken, what comes again, how much goes into
 * a request, and when to give up. At least once, with identities.
 *
 * @example
 * ```ts
 * const webhook = (url: string) =>
 *   customSink({
 *     name: 'webhook',
 *     place: url,
 *     async put(records, { signal }) {
 *       const body = `[${records.map(({ data }) => data).join()}]`;
 *       const { ok, status } = await fetch(url, { method: 'POST', body, signal });
 *       if (!ok) throw Object.assign(new Error('refused'), { code: status });
 *     },
 *   });
 *
 * pipeline('delayed')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .filter((flight) => flight.delay >= 60)
 *   .writeStream(webhook('https://example.com/delayed'));
 * ```
 */
export function customSink(options: CustomSinkOptions): CustomSink {
  const { put, ...rest } = options;
  return Object.freeze({
    kind: 'custom',
    options: frozenCopy(rest),
    put,
    '~sink': Object.freeze(customKind),
  }) as unknown as CustomSink;
}

export type CheckedCustomSink = RecordIdentity & {
  readonly name: string;
  readonly place: string;
  readonly put: PutRecords;
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxRecordBytes: number;
};

const mebibyte = 1_048_576;
const nameRule = text(
  'a name of 1 to 32 letters, digits or -',
  (value) => /^[A-Za-z0-9-]{1,32}$/.test(value),
  undefined,
);
const placeRule = text('a text without line breaks, such as a URL', (value) => /^.+$/.test(value), undefined);
const bytes = wholeNumber({ atLeast: 1, atMost: 10 * mebibyte }, mebibyte);
const putAllowed = 'a function, such as async (records, { signal }) => …';

const rules = {
  name: nameRule,
  place: placeRule,
  maxRecords: wholeNumber({ atLeast: 1, atMost: 10_000 }, 100),
  maxBytes: bytes,
  maxRecordBytes: bytes,
  ...identityRules,
};

export const customKind: SinkKind<CheckedCustomSink> = {
  kind: 'custom',
  usage: 'customSink({ name: …, place: …, put: … })',
  isForDevelopment: false,
  isStream: false,
  read: readCustom,
  destination: ({ name, place }) => `custom ${name} ${place}`,
  runsUserCode: () => false,
  encode: (sink, value, about) => streamRecord({ partitionKey: undefined, identityField: fieldOf(sink) }, value, about),
  bytesOf: ({ data }: OutputRecord) => byteLength(data),
  limits: ({ maxRecordBytes: most }) => ({
    always: most,
    atMost: most,
    said: most,
    remedy: 'raise its maxRecordBytes',
  }),
  takesRetractions: ({ identity }) => identity === 'field',
  grants: () => [],
};

function readCustom(given: RawOptions, about: AboutOutput, problems: Problem[]): CheckedCustomSink {
  const { path } = about;
  const options = isPlainObject(given.options) ? given.options : {};
  const { name, place, ...rest } = readOptions(path, options, rules, problems);
  if (options.name === undefined) problems.push(missing(`${path}.name`, nameRule.allowed));
  if (options.place === undefined) problems.push(missing(`${path}.place`, placeRule.allowed));
  const { put } = given;
  if (put === undefined) problems.push(missing(`${path}.put`, putAllowed));
  else if (typeof put !== 'function') problems.push(notAllowed(`${path}.put`, put, putAllowed));
  const sink = { ...rest, name: name ?? '', place: place ?? '', put: put as PutRecords };
  return withPossibleIdentity(sink, options, about, problems);
}
