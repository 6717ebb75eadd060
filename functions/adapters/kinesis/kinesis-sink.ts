/** PutRecords until everything is acknowledged. */
import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import { type OutputRecord, outputBytes } from '../../core/output.ts';
import type { StreamReference } from '../../pipeline/pipeline.ts';
import type { Clock, OutputSink } from '../../ports.ts';
import { fromAws } from '../aws-errors.ts';
import { streamParameters } from './polling-source.ts';

const maxRecords = 500;
/** Under the 10 MiB of a request, with room for its other parts. */
const maxBytes = 9_000_000;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

export function createKinesisSink(client: KinesisClient, stream: StreamReference, clock: Clock): OutputSink {
  return {
    async send(records, deadline) {
      // One request at a time: a later record never overtakes an earlier one that was accepted.
      for (const request of inRequests(records)) await sendAll(client, stream, clock, { request, deadline });
    },
  };
}

async function sendAll(
  client: KinesisClient,
  stream: StreamReference,
  clock: Clock,
  { request, deadline }: { readonly request: readonly PutRecordsRequestEntry[]; readonly deadline: number },
): Promise<void> {
  let open = request;
  const parameters = streamParameters(stream);
  const doing = `stream ${parameters.StreamARN ?? parameters.StreamName}: put records`;
  for (let attempt = 0; ; attempt++) {
    let results: readonly PutRecordsResultEntry[];
    try {
      const answer = await client.send(new PutRecordsCommand({ ...parameters, Records: [...open] }));
      results = answer.Records ?? [];
    } catch (error) {
      throw fromAws(error, doing, { ResourceNotFoundException: 'NotAllowed' });
    }
    // Acknowledged is what has a sequence number; an absent result acknowledges nothing.
    open = open.filter((_, at) => results[at]?.SequenceNumber === undefined);
    if (open.length === 0) return;
    if (clock.now() >= deadline) {
      throw new SluiceError(
        'TemporaryFailure',
        `${doing}: ${open.length} of ${request.length} were not acknowledged in time${reasonsIn(results)}`,
      );
    }
    await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** attempt));
  }
}

/** Which refusals there were, without their words: one of each kind is enough to know what to do. */
function reasonsIn(results: readonly PutRecordsResultEntry[]): string {
  const codes = new Set(results.map(({ ErrorCode }) => ErrorCode).filter((code) => code !== undefined));
  return codes.size === 0 ? '' : ` (${[...codes].toSorted().join(', ')})`;
}

const encoder = new TextEncoder();

function* inRequests(records: readonly OutputRecord[]): Generator<PutRecordsRequestEntry[]> {
  let request: PutRecordsRequestEntry[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = outputBytes(record);
    if (request.length === maxRecords || (request.length > 0 && bytes + size > maxBytes)) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(toEntry(record));
    bytes += size;
  }
  if (request.length > 0) yield request;
}

function toEntry({ partitionKey, explicitHashKey, data }: OutputRecord): PutRecordsRequestEntry {
  return {
    PartitionKey: partitionKey,
    ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }),
    Data: typeof data === 'string' ? encoder.encode(data) : data,
  };
}
