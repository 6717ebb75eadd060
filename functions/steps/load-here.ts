/** Reference data of a thread in which user code runs apart: it is used for one task, or try, and never loaded again. */
import { keepReferences } from '../adapters/reference-keeper.ts';
import type { TakenReferences } from '../core/references.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { systemClock } from './system-clock.ts';

export const loadHere = ({ references }: Pick<Pipeline, 'references'>): Promise<TakenReferences | undefined> =>
  keepReferences(references)(systemClock).take();
