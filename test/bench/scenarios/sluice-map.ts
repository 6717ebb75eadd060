/** A pipeline that gives out a record for each event, while it reads. */
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import { json, kinesis, pipeline } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { asParsed } from './sluice-count.ts';
import { openExecutor } from './sluice-executor.ts';

const mapped = requirePipeline(
  pipeline('bench')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(asParsed))
    .map(({ country, at, amount }) => ({ country, at, cents: amount * 100 }))
    .writeStream(kinesis({ streamName: 'out' })),
);

const variant: Variant = async ({ endpoint }) => {
  const read = openExecutor(mapped, endpoint);
  return {
    run: async (calls) => {
      let units = 0;
      for (let call = 0; call < calls; call++) {
        const { summary } = await read();
        units += summary.counters.counted;
      }
      return { units, digest: `${units} sent` };
    },
  };
};

export default variant;
