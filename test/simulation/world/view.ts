/**
 * A live view beside the stream of results: each record of the first output is put into a table as well, by the product's own sink
 * of such tables and before it is sent. So crashes, lost answers and throttling lie between its puts.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createViewSink } from '../../../functions/adapters/dynamodb/view-sink.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { CheckedDynamodbSink } from '../../../functions/sinks/dynamodb.ts';
import type { ResultIdentity } from '../../../functions/sinks/identity.ts';
import type { OutputRecord, OutputSink } from '../../../functions/sinks/output-sink.ts';
import { viewKey } from '../../../functions/sinks/view-key.ts';

export const viewTable = 'board';

const options: CheckedDynamodbSink = {
  ...{
    table: viewTable,
    region: undefined,
    endpointUrl: undefined,
    role: undefined,
    partitionKey: undefined,
    sortKey: undefined,
  },
  ...{ partitionKeyName: 'pk', sortKeyName: 'sk', identityField: '_sluice', ttlField: 'expires' },
  tombstoneTtlMs: undefined,
};

export function withView(
  stream: OutputSink,
  { client, clock, random }: { readonly client: DynamoDBClient; readonly clock: Clock; readonly random: () => number },
): OutputSink {
  const view = createViewSink(client, options, clock, random);
  return {
    async send(records, deadline) {
      return (await view.send(records.map(viewRecord), deadline)) ?? (await stream.send(records, deadline));
    },
    maxRecordBytes: () => stream.maxRecordBytes!(),
  };
}

function viewRecord({ data }: OutputRecord): OutputRecord {
  const { _sluice: identity } = JSON.parse(String(data)) as { readonly _sluice: ResultIdentity };
  const keyValues = identity.key.startsWith('[') ? (JSON.parse(identity.key) as readonly unknown[]) : [];
  const key = viewKey(options, { identity, keyValues, defaultKey: String(keyValues[0]) });
  return { partitionKey: JSON.stringify(key), explicitHashKey: undefined, data };
}
