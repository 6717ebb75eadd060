/** GetRecords by Sluice's client, each payload looked at: what `sdk-calls` does. */
import { GetRecordsCommand } from '@aws-sdk/client-kinesis';
import { perRecord } from '../../../bench/side-by-side/allocated.ts';
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import { createReadingClient } from '../../../functions/adapters/kinesis/reading-client.ts';
import { recordsIn } from '../../../functions/adapters/kinesis/scanned-answers.ts';

const variant: Variant<{ readonly allocated?: boolean }> = async ({ endpoint }, { allocated = false }) => {
  const client = createReadingClient({ region: 'us-east-1', endpointUrl: endpoint });
  let iterator = 'first';
  const call = async () => {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
    iterator = answer.NextShardIterator!;
    const { records } = recordsIn(answer);
    let bytes = 0;
    for (const { data } of records) bytes += data.length;
    return { records: records.length, bytes };
  };
  return { run: (calls) => perRecord({ calls, call, allocated }) };
};

export default variant;
