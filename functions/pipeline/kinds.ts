/** What a pipeline may be written with. The kinds of sources and sinks are few, and closed. */
import { aggregateKinds } from '../aggregates/index.ts';
import { decoderKinds } from '../decoders/index.ts';
import { windowKinds } from '../windows/index.ts';

export const ownKinds = { windows: windowKinds, aggregates: aggregateKinds, decoders: decoderKinds };
export type Kinds = typeof ownKinds;
