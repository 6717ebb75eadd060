/** Texts into a stream by the sink that executors and reducers send to: what `sdk-put` does. */
import { eventOf } from '../../../bench/side-by-side/answers.ts';
import type { AnswerShape, Variant } from '../../../bench/side-by-side/scenario.ts';
import { createKinesisSink } from '../../../functions/adapters/kinesis/kinesis-sink.ts';
import { createWritingClient } from '../../../functions/adapters/kinesis/writing-client.ts';
import { systemClock } from '../../../functions/steps/system-clock.ts';

const variant: Variant<{ readonly answers?: AnswerShape }> = async ({ endpoint }, { answers }) => {
  const client = createWritingClient({ region: 'us-east-1', endpointUrl: endpoint });
  const sink = createKinesisSink(client, { kind: 'name', streamName: 'out' }, systemClock);
  const texts = Array.from({ length: answers!.records }, (_, at) => eventOf(at, answers!));
  return {
    run: async (calls) => {
      let units = 0;
      for (let call = 0; call < calls; call++) {
        const records = texts.map((data, at) => ({ partitionKey: `key-${at % 50}`, explicitHashKey: undefined, data }));
        if ((await sink.send(records, Number.POSITIVE_INFINITY)) !== undefined) throw new Error('not all were taken');
        units += texts.length;
      }
      return { units, digest: `${units} sent` };
    },
  };
};

export default variant;
