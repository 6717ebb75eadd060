/** The loop of `sdk-loop.ts` with connections kept, and records taken apart by AWS's own library, `aws-kinesis-agg` (4.2.8), digests checked. */
import { createRequire } from 'node:module';
import type { _Record } from '@aws-sdk/client-kinesis';
import type { Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';
import { readShard, sdkClient } from './read-shard.ts';

/** Its best form: a Buffer, which it copies, instead of base64, which it would have to decode; a callback for each event. */
const { deaggregate } = createRequire(import.meta.url)('aws-kinesis-agg') as {
  deaggregate(
    record: { readonly data: Buffer; readonly sequenceNumber: string; readonly partitionKey: string },
    checksDigest: boolean,
    perEvent: (error: Error | null, event: { readonly data: string }) => void,
    afterRecord: (error?: Error) => void,
  ): void;
};

const variant: Variant = async (stub) => {
  const client = sdkClient(stub, true);
  const takeApart = ({ Data, SequenceNumber, PartitionKey }: _Record, counts: CountByHand): void => {
    const data = Buffer.from(Data!.buffer, Data!.byteOffset, Data!.length);
    deaggregate(
      { data, sequenceNumber: SequenceNumber!, partitionKey: PartitionKey! },
      true,
      (error, event) => {
        if (error !== null) throw error;
        const { country, at, amount } = JSON.parse(Buffer.from(event.data, 'base64').toString('utf8'));
        counts.add(country, at, amount);
      },
      (error) => {
        if (error !== undefined) throw error;
      },
    );
  };
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      await readShard(client, { calls }, (records) => {
        for (const record of records) takeApart(record, counts);
      });
      return counts.answer();
    },
  };
};

export default variant;
