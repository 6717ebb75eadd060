/** PutRecords of 500 texts by the SDK's client. Settings: `keepAlive` gives it the SDK's handler of HTTP/1.1. */
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { eventOf } from '../side-by-side/answers.ts';
import type { AnswerShape, Variant } from '../side-by-side/scenario.ts';
import { sdkClient } from './read-shard.ts';

const variant: Variant<{ readonly keepAlive?: boolean; readonly answers?: AnswerShape }> = async (
  stub,
  { keepAlive = false, answers },
) => {
  const client = sdkClient(stub, keepAlive);
  const encoder = new TextEncoder();
  const texts = Array.from({ length: answers!.records }, (_, at) => eventOf(at, answers!));
  return {
    run: async (calls) => {
      let units = 0;
      for (let call = 0; call < calls; call++) {
        const Records = texts.map((text, at) => ({ Data: encoder.encode(text), PartitionKey: `key-${at % 50}` }));
        await client.send(new PutRecordsCommand({ StreamName: 'out', Records }));
        units += texts.length;
      }
      return { units, digest: `${units} sent` };
    },
  };
};

export default variant;
