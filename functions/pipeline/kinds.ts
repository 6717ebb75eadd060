/** What a pipeline may be written with. There is one kind of sources, and decoders bring their own kind with them. */
import { aggregateKinds } from '../aggregates/index.ts';
import { sinkKinds } from '../sinks/index.ts';
import { windowKinds } from '../windows/index.ts';

export const ownKinds = { windows: windowKinds, aggregates: aggregateKinds, sinks: sinkKinds };
export type Kinds = typeof ownKinds;
