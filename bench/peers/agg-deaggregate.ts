/**
 * Records taken apart by AWS's own library, `aws-kinesis-agg` (4.2.8), digests checked, and key and payload of each event looked at. Settings:
 * `payloads: 'base64'` leaves payloads as the library gives them out, 'bytes' decodes them, which is what Sluice gives.
 */
import { createRequire } from 'node:module';
import { payloadsOf } from '../side-by-side/answers.ts';
import type { AnswerShape, Variant } from '../side-by-side/scenario.ts';

/** Its best form: a Buffer, which it copies, instead of base64, which it would have to decode; a callback for each event. */
const { deaggregate } = createRequire(import.meta.url)('aws-kinesis-agg') as {
  deaggregate(
    record: { readonly data: Buffer; readonly sequenceNumber: string; readonly partitionKey: string },
    checksDigest: boolean,
    perEvent: (error: Error | null, event: { readonly data: string; readonly partitionKey: string }) => void,
    afterRecord: (error?: Error) => void,
  ): void;
};

type Settings = { readonly answers: AnswerShape; readonly payloads: 'base64' | 'bytes' };

const variant: Variant<Settings> = async (_stub, { answers, payloads }) => {
  const page = payloadsOf(answers);
  const bytesIn =
    payloads === 'bytes'
      ? (data: string) => Buffer.from(data, 'base64').length
      : (data: string) => (data.length / 4) * 3 - (data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0);
  return {
    run: async (calls) => {
      let [units, bytes] = [0, 0];
      const take = (error: Error | null, { data, partitionKey }: { data: string; partitionKey: string }): void => {
        if (error !== null) throw error;
        units += 1;
        bytes += bytesIn(data) + partitionKey.length;
      };
      const done = (error?: Error): void => {
        if (error !== undefined) throw error;
      };
      for (let call = 0; call < calls; call++)
        for (const data of page) deaggregate({ data, sequenceNumber: '1', partitionKey: 'a' }, true, take, done);
      return { units, digest: `${bytes} bytes` };
    },
  };
};

export default variant;
