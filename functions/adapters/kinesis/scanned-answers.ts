/**
 * What is read of Kinesis, without the SDK's decoder of records: signing, repeats, checksums and errors are the client's,
 * and so is what an answer or an event has beside its records. A scan stands between the bytes and that decoder.
 *
 * A record of 200 bytes takes 0.6 µs, where the SDK takes 2.3 (`npm run bench -- answers`); a body is in memory once.
 */
import type { KinesisClient, _Record as SdkRecord } from '@aws-sdk/client-kinesis';
import type { KinesisRecord } from '../../core/record.ts';
import { given } from '../incomplete-answer.ts';
import { collectBody } from './collect-body.ts';
import { toRecord } from './kinesis-record.ts';
import { scanRecords } from './scan-records.ts';
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

type Response = {
  statusCode: number;
  headers: Record<string, string>;
  body: unknown;
  [scanned]?: ScannedRecords;
};
type Answered = { readonly response: unknown; readonly output: object };
type Next = (args: never) => Promise<Answered>;
type Stack = { add(middleware: unknown, how: object): void };

/** The answers of GetRecords. */
export function scanAnswers(client: Pick<KinesisClient, 'middlewareStack'>): void {
  const scan =
    (next: Next, { commandName }: { readonly commandName?: string }) =>
    async (args: never) => {
      const result = await next(args);
      const response = result.response as Response;
      if (commandName !== 'GetRecordsCommand' || response.statusCode !== 200) return result;
      const records = await scanBody(response);
      if (records !== undefined) response[scanned] = records;
      return result;
    };
  const attach = (next: Next) => async (args: never) => {
    const result = await next(args);
    const records = (result.response as Partial<Response>)[scanned];
    if (records !== undefined) putInto(result.output, records);
    return result;
  };
  const stack = client.middlewareStack as unknown as Stack;
  // The lowest priority of this step is next to the connection, the highest sees what was made of the answer.
  stack.add(scan, { step: 'deserialize', priority: 'low', name: 'sluiceScan' });
  stack.add(attach, { step: 'deserialize', priority: 'high', name: 'sluiceScanned' });
}

/** What follows decodes what is left of the body. */
async function scanBody(response: Response): Promise<ScannedRecords | undefined> {
  const body = await collectBody(response);
  if (body === undefined) return undefined;
  const answer = scanRecords(body);
  response.body = answer?.rest ?? body;
  return answer?.records;
}

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
    const message = messages[eventName];
    const event = message === undefined ? undefined : scanRecords(bufferOf(message.body));
    if (message === undefined || event === undefined) return read(messages);
    const value = (await read({ [eventName]: { ...message, body: event.rest } })) as Record<string, object>;
    putInto(value[eventName]!, event.records);
    return value;
  };
  config.eventStreamMarshaller = Object.assign(Object.create(ofSdk) as Marshaller, {
    deserialize: (body: unknown, read: (messages: Messages) => Promise<object>) =>
      ofSdk.deserialize(body, reading(read)),
  });
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Of an answer or an event, whoever has decoded its records. */
export function recordsIn(answer: { readonly Records?: readonly SdkRecord[] | undefined }): RecordsRead {
  const page = (answer.Records as { readonly [scanned]?: ScannedRecords } | undefined)?.[scanned];
  if (page !== undefined) return page;
  const records = given(answer.Records, 'Records').map(toRecord);
  return {
    records,
    countedBytes: records.reduce((sum, { data, partitionKey }) => sum + data.length + partitionKey.length, 0),
    heldBytes: records.reduce((sum, { data }) => sum + data.length, 0),
  };
}
