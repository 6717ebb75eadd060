/**
 * What is read of Kinesis, without the SDK's decoder of records: signing, repeats, checksums and errors are the client's,
 * and so is what an answer or an event has beside its records. A scan stands between the bytes and that decoder.
 *
 * With what receiving it takes, a record of 200 bytes takes 1.3 µs, where the SDK's client takes 8.1, and 6.3 where it keeps its connections
 * (`npm run bench -- answers`).
 */
import type { KinesisClient, _Record as SdkRecord } from '@aws-sdk/client-kinesis';
import type { KinesisRecord, Payloads } from '../../core/record.ts';
import { given } from '../incomplete-answer.ts';
import { type Found, scanAnswers } from './answer-scan.ts';
import { toRecord } from './kinesis-record.ts';
import { scanAtOnce } from './scan-at-once.ts';
import { type Scanned, scanRecords } from './scan-records.ts';
import type { ScannedRecords } from './scanned-records.ts';

export type RecordsRead = {
  readonly records: readonly KinesisRecord[];
  /** Of payloads and partition keys: what Kinesis counts against its limits. */
  readonly countedBytes: number;
  /** What they take in memory. */
  readonly heldBytes: number;
  /** As in a `Page`. */
  readonly payloads?: Payloads | undefined;
};

/** Of the list of records of an answer: whoever looks only at that list sees records as the SDK makes them. */
const scanned = Symbol('scanned records');

/** The answers of GetRecords. */
export const scanGetRecords = (client: Pick<KinesisClient, 'middlewareStack'>): void =>
  scanAnswers(client, {
    command: 'GetRecordsCommand',
    inPieces: (body) => foundIn(scanAtOnce(body)),
    inWhole: (body) => foundIn(scanRecords(body)),
  });

const foundIn = (answer: Scanned | undefined): Found | undefined =>
  answer && { rest: answer.rest, putInto: (into) => putInto(into, answer.records) };

function putInto(answer: object, page: ScannedRecords): void {
  Object.defineProperty(page.records, scanned, { value: page });
  Object.assign(answer, { Records: page.records });
}

type Message = { readonly headers: object; readonly body: Uint8Array };
type Messages = Readonly<Record<string, Message>>;
type Marshaller = {
  deserialize(body: unknown, read: (messages: Messages) => Promise<object>): AsyncIterable<object>;
};
const eventName = 'SubscribeToShardEvent';

/** The events of SubscribeToShard, each when its checksum was found to be right. */
export function scanEvents(client: Pick<KinesisClient, 'config'>): void {
  const config = client.config as unknown as { eventStreamMarshaller: Marshaller };
  const ofSdk = config.eventStreamMarshaller;
  const reading = (read: (messages: Messages) => Promise<object>) => async (messages: Messages) => {
    const told = messages[eventName];
    if (told === undefined) return read(messages);
    const body = ownedBy(told.body);
    const message = { ...told, body };
    const event = scanAtOnce({ pieces: [body], length: body.length }) ?? scanRecords(body);
    if (event === undefined) return read({ [eventName]: message });
    const value = (await read({ [eventName]: { ...message, body: event.rest } })) as Record<string, object>;
    putInto(value[eventName]!, event.records);
    return value;
  };
  config.eventStreamMarshaller = Object.assign(Object.create(ofSdk) as Marshaller, {
    deserialize: (body: unknown, read: (messages: Messages) => Promise<object>) =>
      ofSdk.deserialize(body, reading(read)),
  });
}

/** Behind the payload of a message. */
const checksumBytes = 4;

/**
 * The same bytes, which from here on are ours alone: the SDK's iterators name a message until they have the next one, and of 25 subscriptions that wait
 * for room each would keep an event of 14 MB.
 */
function ownedBy({ buffer, byteOffset, length }: Uint8Array): Buffer {
  const memory =
    buffer instanceof ArrayBuffer && isOneMessage(buffer, byteOffset + length) ? buffer.transfer() : buffer;
  return Buffer.from(memory, byteOffset, length);
}

/** It begins with its length, and ends behind its payload: nothing else lies in the same memory. */
const isOneMessage = (memory: ArrayBuffer, endOfPayload: number): boolean =>
  endOfPayload + checksumBytes === memory.byteLength && new DataView(memory).getUint32(0) === memory.byteLength;

/** Of an answer or an event, whoever has decoded its records. */
export function recordsIn(answer: { readonly Records?: readonly SdkRecord[] | undefined }): RecordsRead {
  const page = (answer.Records as { readonly [scanned]?: ScannedRecords } | undefined)?.[scanned];
  if (page !== undefined) return page;
  const records = given(answer.Records, 'Records').map(toRecord);
  return {
    records,
    countedBytes: records.reduce(
      (sum, { data, partitionKey }) => sum + data.length + Buffer.byteLength(partitionKey),
      0,
    ),
    heldBytes: records.reduce((sum, { data }) => sum + data.length, 0),
  };
}
