/** A pipeline that writes to a kind of sinks that Sluice does not have. */
import * as z from 'zod';
import { count, json, kinesis, tumbling } from '../../functions/index.ts';
import { pipelineWith } from '../../functions/pipeline/chain.ts';
import { ownKinds } from '../../functions/pipeline/kinds.ts';
import { shelf, shelfKind } from './shelf.ts';

/** The registration. */
const pipeline = pipelineWith({ ...ownKinds, sinks: ownKinds.sinks.with(shelfKind) });

const Visit = z.object({ at: z.number(), user: z.string() });

export const shelfPipeline = (source: string, name = 'visits') =>
  pipeline('shelved', { parallelism: 2 })
    .readStream(kinesis({ streamName: source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Visit))
    .withWatermark((visit) => visit.at, { delay: '5 milliseconds', maxFutureTime: '10000 days' })
    .groupBy({ user: (visit) => visit.user })
    .window(tumbling('20 milliseconds'))
    .aggregate({ visits: count() })
    .writeStream(shelf(name));

export default shelfPipeline('visits');
