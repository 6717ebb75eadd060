/** The executor's way from the records of a page to their events: digests side by side, then one record after the other. */
import { payloadsOf } from '../../../bench/side-by-side/answers.ts';
import type { AnswerShape, Variant } from '../../../bench/side-by-side/scenario.ts';
import { md5 } from '../../../functions/adapters/md5-lanes.ts';
import { openAggregate } from '../../../functions/core/aggregated-record.ts';
import { DigestsAhead } from '../../../functions/core/digests-ahead.ts';

const variant: Variant<{ readonly answers: AnswerShape }> = async (_stub, { answers }) => {
  const page = payloadsOf(answers).map((data) => ({ data }));
  return {
    run: async (calls) => {
      let [units, bytes] = [0, 0];
      for (let call = 0; call < calls; call++) {
        const digests = new DigestsAhead(page, md5);
        for (const [at, record] of page.entries()) {
          const opened = openAggregate(record, () => digests.of(at));
          if (opened.kind !== 'aggregated') throw new Error(`a record is ${opened.kind}`);
          const { events } = opened;
          for (let index = 0; index < events.length; index++) {
            const { data, partitionKey } = events.at(index);
            bytes += data.length + partitionKey.length;
          }
          units += events.length;
        }
      }
      return { units, digest: `${bytes} bytes` };
    },
  };
};

export default variant;
