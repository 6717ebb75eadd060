/**
 * What is read of Kinesis, without the SDK's decoder of records and results: signing, repeats, checksums and errors are the client's,
 * and so is what an answer or an event has beside its records. A scan stands between the bytes and that decoder.
 *
 * A record of 200 bytes takes a fifth of what it takes the SDK, with its connection two fifths (`npm run bench -- answers`).
 */
import type { KinesisClient, _Record as SdkRecord } from '@aws-sdk/client-kinesis';
import type { KinesisRecord } from '../../core/record.ts';
import { given } from '../incomplete-answer.ts';
import { type Body, collectBody, wholeOf } from './collect-body.ts';
import { toRecord } from './kinesis-record.ts';
import { scanAtOnce } from './scan-at-once.ts';
import { type Scanned, scanRecords } from './scan-records.ts';
import { type ScannedResults, scanResults } from './scan-results.ts';
import type { ScannedRecords } from './scanned-records.ts';

export type RecordsRead = {
  readonly records: readonly KinesisRecord[];
  /** Of payloads and partition keys: what Kinesis counts against its limits. */
  readonly countedBytes: number;
  /** What they take in memory. */
  readonly heldBytes: number;
};

/**
 * Of a response, and of the list of records of an answer: whoever looks only at that list sees records as the SDK makes
 * them. No WeakMap: what is in one lives until the whole heap is collected, and pages are large.
 */
const scanned = Symbol('scanned records');
/** Of an answer of PutRecords. */
const allTaken = Symbol('all were taken');

type Response = {
  statusCode: number;
  headers: Record<string, string>;
  body: unknown;
  [scanned]?: Found;
};
type Found = {
  /** The body without what was found. */
  readonly rest: Uint8Array;
  putInto(answer: object): void;
};
type Answered = { readonly response: unknown; readonly output: object };
type Next = (args: never) => Promise<Answered>;
type Stack = { add(middleware: unknown, how: object): void };

/** The answers of GetRecords and of PutRecords. */
export function scanAnswers(client: Pick<KinesisClient, 'middlewareStack'>): void {
  const scan =
    (next: Next, { commandName = '' }: { readonly commandName?: string }) =>
    async (args: never) => {
      const result = await next(args);
      const response = result.response as Response;
      if (commandName in finders && response.statusCode === 200) await scanBody(response, commandName);
      return result;
    };
  const attach = (next: Next) => async (args: never) => {
    const result = await next(args);
    (result.response as Partial<Response>)[scanned]?.putInto(result.output);
    return result;
  };
  const stack = client.middlewareStack as unknown as Stack;
  // The lowest priority of this step is next to the connection, the highest sees what was made of the answer.
  stack.add(scan, { step: 'deserialize', priority: 'low', name: 'sluiceScan' });
  stack.add(attach, { step: 'deserialize', priority: 'high', name: 'sluiceScanned' });
}

/** By command. Undefined: there is nothing that the SDK does not decode as well. */
const finders: Readonly<Record<string, (whole: Buffer) => Found | undefined>> = {
  GetRecordsCommand: (whole) => foundRecords(scanRecords(whole)),
  PutRecordsCommand(whole) {
    const found = scanResults(whole);
    return found && { rest: found.rest, putInto: (answer) => putTaken(answer, found) };
  },
};
/** The same, of pieces that need not become one buffer. */
const findersInPieces: Readonly<Record<string, (body: Body) => Found | undefined>> = {
  GetRecordsCommand: (body) => foundRecords(scanAtOnce(body)),
};

const foundRecords = (found: Scanned | undefined): Found | undefined =>
  found && { rest: found.rest, putInto: (answer) => putInto(answer, found.records) };

/** What follows decodes what is left of the body. */
async function scanBody(response: Response, command: string): Promise<void> {
  const body = await collectBody(response.body);
  if (body === undefined) return;
  let found = findersInPieces[command]?.(body);
  if (found === undefined) {
    const whole = wholeOf(body);
    response.body = whole;
    found = finders[command]!(whole);
  }
  if (found === undefined) return;
  response.body = found.rest;
  response[scanned] = found;
}

function putInto(answer: object, page: ScannedRecords): void {
  Object.defineProperty(page.records, scanned, { value: page });
  Object.assign(answer, { Records: page.records });
}

/** Its results are made for who asks. */
function putTaken(answer: object, { taken, results }: ScannedResults): void {
  Object.defineProperty(answer, allTaken, { value: taken });
  Object.defineProperty(answer, 'Records', { get: results, enumerable: true, configurable: true });
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

/** Of an answer of PutRecords: so many records were taken, and that is all of them. Undefined: its results say which ones were. */
export const takenIn = (answer: object): number | undefined => (answer as { readonly [allTaken]?: number })[allTaken];
