/** A live view in a table of DynamoDB: that of the run's own server, which is made there, or one that exists. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { CheckedDynamodbSink } from '../../../functions/sinks/dynamodb.ts';
import type { ResultIdentity, StandingEvent } from '../../../functions/sinks/identity.ts';
import { ensureViewTable, viewItems } from '../../services/view-table.ts';
import type { LocalSink } from './local-sink.ts';

export const localDynamodb: LocalSink<CheckedDynamodbSink> = {
  optionsAt: (sink, { kind, region, dynamodbEndpoint }) => ({
    ...sink,
    table: kind === 'embedded' ? sink.table.split('/').at(-1)! : sink.table,
    region,
    endpointUrl: dynamodbEndpoint,
    ...(kind === 'embedded' ? { role: undefined } : {}),
  }),
  rolesOf: ({ role }) => (role === undefined ? [] : [role.arn]),
  identityField: ({ identityField }) => identityField,
  async prepare(sink, { servicesFor }) {
    const { dynamodb, kind } = servicesFor(sink);
    await ensureViewTable(dynamodb, sink, kind === 'embedded');
  },
  followRows(sink, { servicesFor }) {
    const { dynamodb } = servicesFor(sink);
    const seen = new Map<string, string>();
    return async () => {
      const changed: Uint8Array[] = [];
      for await (const item of viewItems(dynamodb, sink.table)) {
        const { ref, revision, place } = item[sink.identityField] as Partial<ResultIdentity & StandingEvent>;
        const [name, version] = [keyOf(sink, item), `${ref} ${revision ?? place}`];
        if (seen.get(name) === version) continue;
        seen.set(name, version);
        changed.push(Buffer.from(JSON.stringify(rowOf(sink, item))));
      }
      return changed;
    };
  },
  /** In the order of their keys, those that were taken back among them. */
  async writeResults(sink, { servicesFor }, file) {
    const items: Record<string, unknown>[] = [];
    for await (const item of viewItems(servicesFor(sink).dynamodb, sink.table)) items.push(item);
    const sorted = items.map((item) => ({ item, key: keyOf(sink, item) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    await pipeline(
      sorted.map(({ item }) => `${JSON.stringify(item)}\n`),
      createWriteStream(file),
    );
    return items.length;
  },
};

const keyOf = (sink: CheckedDynamodbSink, item: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([item[sink.partitionKeyName], item[sink.sortKeyName]]);

/** Without the item's key, which is made of what the row has. */
function rowOf(sink: CheckedDynamodbSink, item: Readonly<Record<string, unknown>>): object {
  const { [sink.partitionKeyName]: _, [sink.sortKeyName]: _sk, ...row } = item;
  return row;
}
