/** What a pipeline may be written with. There is one kind of sources. */
import { aggregateKinds } from '../aggregates/index.ts';
import { decoderKinds } from '../decoders/index.ts';
import { sinkKinds } from '../sinks/index.ts';
import { windowKinds } from '../windows/index.ts';

export const ownKinds = { windows: windowKinds, aggregates: aggregateKinds, decoders: decoderKinds, sinks: sinkKinds };
export type Kinds = typeof ownKinds;
