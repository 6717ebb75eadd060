/**
 * PutRecordBatch until everything is acknowledged, or time is over (`functions/adapters/delivery.ts`).
 *
 * FIREHOSE-1 Acknowledged is what has a record id; the answer says of each record, in the order of the request, whether it was.
 * FIREHOSE-2 No record is larger than its kind says, no request larger than 500 records and 4 MB.
 */
import { FirehoseClient, PutRecordBatchCommand, type PutRecordBatchResponseEntry } from '@aws-sdk/client-firehose';
import { RequestShare } from '../../core/request-share.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { CheckedFirehoseSink } from '../../sinks/firehose.ts';
import type { OutputRecord, OutputSink } from '../../sinks/output-sink.ts';
import { byteLength } from '../../sinks/stream-record.ts';
import { type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';
import { fromAws, isNamed, isThrottling } from '../aws-errors.ts';
import { type Used, useRole } from '../credentials/use-role.ts';
import { deliverAll, type Refusal, type Service } from '../delivery.ts';
import { givenUpAfter, overtimeOfSinkMs } from '../given-up-after.ts';

const maxRecords = 500;
/** Of 4 MiB. */
const maxBytes = 4_000_000;
/** 4 MB take their time. */
const requestTimeoutMs = 4_000;

/** Said of throughput, of a request as of a record. */
const unavailable = 'ServiceUnavailableException';

export function createFirehoseClient(settings: ClientSettings): FirehoseClient {
  const client = new FirehoseClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? requestTimeoutMs),
    maxAttempts: 3,
    ...clientConfig(settings),
  });
  if (settings.role !== undefined) useRole(client, settings.role, ofFirehose);
  return client;
}

const ofFirehose: Used = {
  service: 'firehose',
  thingIn: (input) => `delivery stream ${(input as { readonly DeliveryStreamName?: string }).DeliveryStreamName ?? ''}`,
};

type Parts = { readonly clock: Clock; readonly random?: Random; readonly share?: RequestShare };

export function createFirehoseSink(
  client: FirehoseClient,
  { name, delimiter }: Pick<CheckedFirehoseSink, 'name' | 'delimiter'>,
  { clock, random = Math.random, share = new RequestShare() }: Parts,
): OutputSink {
  const doing = `delivery stream ${name}: put records`;
  const dataOf = delimiter === 'newline' ? asLine : bytesOf;
  const serviceUntil = (deadline: number): Service => ({
    ...{ doing, maxRecords, maxBytes },
    bytesOf: ({ data }) => byteLength(data) + 1,
    async put(records) {
      const command = new PutRecordBatchCommand({
        DeliveryStreamName: name,
        Records: records.map((record) => ({ Data: dataOf(record) })),
      });
      try {
        const answer = await client.send(command, givenUpAfter(deadline, clock, overtimeOfSinkMs));
        return records.map((_, at) => refusalIn(answer.RequestResponses?.[at]));
      } catch (error) {
        // Refused as a whole: nothing of it was taken.
        if (isLimit(error)) return records.map(() => ({ code: (error as Error).name, isLimit: true }));
        throw fromAws(error, doing, {
          ResourceNotFoundException: 'NotAllowed',
          InvalidKMSResourceException: 'NotAllowed',
        });
      }
    },
  });
  return {
    send: (records, deadline) =>
      deliverAll({ service: serviceUntil(deadline), clock, random, share }, records, deadline),
  };
}

const isLimit = (error: unknown): boolean => isThrottling(error) || isNamed(error, unavailable);

/** An absent answer acknowledges nothing. */
function refusalIn(entry: PutRecordBatchResponseEntry | undefined): Refusal | undefined {
  if (entry?.RecordId !== undefined && entry.ErrorCode === undefined) return undefined;
  const code = entry?.ErrorCode ?? '?';
  return { code, isLimit: code === unavailable };
}

const encoder = new TextEncoder();
const lineFeed = 10;

const bytesOf = ({ data }: OutputRecord): Uint8Array => (typeof data === 'string' ? encoder.encode(data) : data);

function asLine({ data }: OutputRecord): Uint8Array {
  if (typeof data === 'string') return encoder.encode(data.endsWith('\n') ? data : `${data}\n`);
  if (data.at(-1) === lineFeed) return data;
  const line = new Uint8Array(data.length + 1);
  line.set(data);
  line[data.length] = lineFeed;
  return line;
}
