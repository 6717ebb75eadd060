/**
 * A live view beside the stream: each record of the first output is put into a table as well, by the product's own sink
 * of such tables and before it is sent. So crashes, lost answers and throttling lie between its puts. Of an event that is two items: one of
 * its own, and one of its key, where the latest event of the key stands.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createViewSink } from '../../../functions/adapters/dynamodb/view-sink.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import { type CheckedDynamodbSink, dynamodbKind } from '../../../functions/sinks/dynamodb.ts';
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

export const latestSortKey = 'latest';
const latestOfKey: CheckedDynamodbSink = {
  ...options,
  partitionKey: [{ field: 'key' }],
  sortKey: [`=${latestSortKey}`],
};

/** Too long for a key. Of key-1 and key-3 a hash of 32 bits (`legalPartitionKey`) makes one text. */
const latestOfLongKey: CheckedDynamodbSink = {
  ...latestOfKey,
  partitionKey: [`=${'long'.repeat(62)}`, { field: 'key' }, '=EejJraa', { field: 'key' }],
};

export function withView(
  stream: OutputSink,
  {
    client,
    clock,
    random,
    hasLongKeys,
  }: {
    readonly client: DynamoDBClient;
    readonly clock: Clock;
    readonly random: () => number;
    readonly hasLongKeys: boolean;
  },
): OutputSink {
  const view = createViewSink(client, options, clock, random);
  const latest = hasLongKeys ? latestOfLongKey : latestOfKey;
  return {
    async send(records, deadline) {
      const undelivered = await view.send(
        records.flatMap((record) => viewRecords(record, latest)),
        deadline,
      );
      if (undelivered === undefined) return stream.send(records, deadline);
      // Whatever the view has of them, the stream has nothing.
      return { ...undelivered, places: [...records.keys()] };
    },
    maxRecordBytes: () => stream.maxRecordBytes!(),
  };
}

function viewRecords({ data }: OutputRecord, latest: CheckedDynamodbSink): readonly OutputRecord[] {
  const { _sluice: identity, ...row } = JSON.parse(String(data)) as { readonly _sluice: ResultIdentity };
  if (!('window' in identity)) {
    const about = { identity, defaultKey: (row as { readonly key: string }).key };
    return [options, latest].map((of) => dynamodbKind.encode(of, row, about));
  }
  const keyValues = identity.key.startsWith('[') ? (JSON.parse(identity.key) as readonly unknown[]) : [];
  const key = viewKey(options, { identity, keyValues, defaultKey: String(keyValues[0]) });
  return [{ partitionKey: JSON.stringify(key), explicitHashKey: undefined, data }];
}
