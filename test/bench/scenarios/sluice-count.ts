/** A pipeline that counts by country and minute, with what its users would write. */
import * as z from 'zod';
import { type Counted, digestOf } from '../../../bench/peers/count-by-hand.ts';
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import type { GroupPartials } from '../../../functions/core/group-partials.ts';
import { count, json, kinesis, pipeline, sum, tumbling } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { openExecutor } from './sluice-executor.ts';

const counted = requirePipeline(
  pipeline('bench')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ country: z.string(), at: z.number(), amount: z.number() })))
    .withWatermark((event) => event.at, { delay: '1 hour' })
    .groupBy({ country: (event) => event.country })
    .window(tumbling('1 minute'))
    .aggregate({ events: count(), total: sum((event) => event.amount) })
    .writeStream(kinesis({ streamName: 'out' })),
);

const variant: Variant = async ({ endpoint }) => {
  const read = openExecutor(counted, endpoint);
  return {
    run: async (calls) => {
      const groups = new Map<string, Counted>();
      for (let call = 0; call < calls; call++) add(groups, await read());
      return {
        units: [...groups.values()].reduce((sum, { events }) => sum + events, 0),
        digest: digestOf(groups.values()),
      };
    },
  };
};

const [counting, summing] = counted.aggregation!.aggregates.map(({ fn }) => fn);
const resultOf = (fn: typeof counting, saved: unknown): number => Number(fn!.result(fn!.merge(fn!.empty(), saved)));

/** What a block has. */
function add(groups: Map<string, Counted>, partials: ReadonlyMap<number, GroupPartials>): void {
  for (const { windows } of partials.values())
    for (const [keyValues, ofKey] of windows)
      for (const [start, , [events, total]] of ofKey) {
        const name = `${String(keyValues[0])}|${start}`;
        const found = groups.get(name) ?? { events: 0, total: 0 };
        groups.set(name, {
          events: found.events + resultOf(counting, events),
          total: found.total + resultOf(summing, total),
        });
      }
}

export default variant;
