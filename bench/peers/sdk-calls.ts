/** GetRecords by the SDK's client, each payload looked at. Settings: `keepAlive` gives it the SDK's handler of HTTP/1.1. */
import { GetRecordsCommand } from '@aws-sdk/client-kinesis';
import { perRecord } from '../side-by-side/allocated.ts';
import type { Variant } from '../side-by-side/scenario.ts';
import { sdkClient } from './read-shard.ts';

type Settings = { readonly keepAlive?: boolean; readonly allocated?: boolean };

const variant: Variant<Settings> = async (stub, { keepAlive = false, allocated = false }) => {
  const client = sdkClient(stub, keepAlive);
  let iterator = 'first';
  const call = async () => {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
    iterator = answer.NextShardIterator!;
    let bytes = 0;
    for (const { Data } of answer.Records ?? []) bytes += Data!.length;
    return { records: answer.Records!.length, bytes };
  };
  return { run: (calls) => perRecord({ calls, call, allocated }) };
};

export default variant;
