/** A pipeline in which a window, an aggregate and a decoder are kinds that Sluice does not have. */
import * as z from 'zod';
import { aggregate, count, json, kinesis } from '../../functions/index.ts';
import { pipelineWith } from '../../functions/pipeline/chain.ts';
import { ownKinds } from '../../functions/pipeline/kinds.ts';
import { hopping, hoppingKind } from './hopping.ts';
import { longest, longestKind } from './longest.ts';

/** The registration. */
const pipeline = pipelineWith({
  ...ownKinds,
  windows: ownKinds.windows.with(hoppingKind),
  aggregates: ownKinds.aggregates.with(longestKind),
});

export const Visit = z.object({ at: z.number(), user: z.string(), page: z.string() });
export type Visit = z.infer<typeof Visit>;

/** Windows of 20 ms, one each 10 ms: times in tests are small numbers. */
export const toyPipeline = (streams: { readonly source: string; readonly sink: string }) =>
  pipeline('toys', { parallelism: 2 })
    .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Visit))
    .withWatermark((visit) => visit.at, { delay: '5 milliseconds', maxFutureTime: '10000 days' })
    .groupBy({ user: (visit) => visit.user })
    .window(hopping('20 milliseconds', '10 milliseconds'))
    .aggregate({
      visits: count(),
      longest: longest((visit) => visit.page),
      pages: aggregate({
        name: 'distinct-pages',
        version: 1,
        empty: () => new Set<string>(),
        add: (pages, visit: Visit) => pages.add(visit.page),
        merge: (one, other) => new Set([...one, ...other]),
        save: (pages) => [...pages],
        restore: (pages) => new Set(pages),
        result: (pages) => [...pages].sort(),
      }),
    })
    .writeStream(kinesis({ streamName: streams.sink }));

export default toyPipeline({ source: 'visits', sink: 'visits-per-user' });
