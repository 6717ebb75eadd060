/** A pipeline that counts by country and minute, with what its users would write. Settings: `schema: false` takes what JSON.parse made as it is. */
import * as z from 'zod';
import { type Counted, digestOf } from '../../../bench/peers/count-by-hand.ts';
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import type { GroupPartials } from '../../../functions/core/group-partials.ts';
import { count, json, kinesis, pipeline, sum, tumbling } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { type ExecutorShape, openExecutor } from './sluice-executor.ts';

export type Event = { readonly country: string; readonly at: number; readonly amount: number };

const checkedFields = z.object({ country: z.string(), at: z.number(), amount: z.number() });
/** User functions see what JSON.parse made. */
export const asParsed = z.custom<Event>();

const countedBy = (schema: z.ZodType<Event>, most: number): Pipeline =>
  requirePipeline(
    pipeline('bench')
      .readStream(kinesis({ streamName: 'in', maxFetchRecordsPerShard: most }))
      .decode(json(schema))
      .withWatermark((event) => event.at, { delay: '1 hour' })
      .groupBy({ country: (event) => event.country })
      .window(tumbling('1 minute'))
      .aggregate({ events: count(), total: sum((event) => event.amount) })
      .writeStream(kinesis({ streamName: 'out' })),
  );

/** Of a shard, in a batch. */
const page = 10_000;
const wholeStream = 4 * page;

type Settings = ExecutorShape & { readonly schema?: boolean };

const variant: Variant<Settings> = async ({ endpoint }, { schema: hasSchema = true, ...shape }) => {
  const counted = countedBy(hasSchema ? checkedFields : asParsed, shape.subscribes ? wholeStream : page);
  const read = openExecutor(counted, endpoint, shape);
  return {
    run: async (calls) => {
      const groups = new Map<string, Counted>();
      for (let call = 0; call < calls; call++) add(groups, counted, (await read()).partials);
      const units = [...groups.values()].reduce((sum, { events }) => sum + events, 0);
      return { units, digest: digestOf(groups.values()) };
    },
  };
};

/** What a block has. */
function add(
  groups: Map<string, Counted>,
  { aggregation }: Pipeline,
  partials: ReadonlyMap<number, GroupPartials>,
): void {
  const [counting, summing] = aggregation!.aggregates.map(({ fn }) => fn);
  const resultOf = (fn: typeof counting, saved: unknown): number => Number(fn!.result(fn!.merge(fn!.empty(), saved)));
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
