/**
 * The handler of `event-source-mapping.ts`, with a record out for each event: PutRecords of 500, one after the other. Receiving the text of the
 * invocation is left out, which favours this one. Settings: `keepAlive` gives the client the SDK's handler of HTTP/1.1.
 */
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import type { AnswerShape, Variant } from '../side-by-side/scenario.ts';
import { invocationsOf, type KinesisEvent } from './invocations.ts';
import { sdkClient } from './read-shard.ts';

const mostRecords = 500;

const variant: Variant<{ readonly keepAlive?: boolean; readonly answers?: AnswerShape }> = async (
  stub,
  { keepAlive = false, answers },
) => {
  const client = sdkClient(stub, keepAlive);
  const invocations = invocationsOf(answers!);
  const handler = async (event: KinesisEvent): Promise<number> => {
    const entries = event.Records.map(({ kinesis }) => {
      const { country, at, amount } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'));
      return { Data: Buffer.from(JSON.stringify({ country, at, cents: amount * 100 })), PartitionKey: country };
    });
    for (let from = 0; from < entries.length; from += mostRecords)
      await client.send(new PutRecordsCommand({ StreamName: 'out', Records: entries.slice(from, from + mostRecords) }));
    return entries.length;
  };
  return {
    run: async (calls) => {
      let units = 0;
      for (let call = 0; call < calls; call++)
        for (const body of invocations) units += await handler(JSON.parse(body.toString('utf8')));
      return { units, digest: `${units} sent` };
    },
  };
};

export default variant;
