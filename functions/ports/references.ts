/** Reference data, by the loads of the user's own. */
import type { TakenReferences } from '../core/references.ts';

/**
 * What a process has of it, loaded again where that is due. Undefined: the pipeline has none. Ends in bounded time, whatever a load does.
 * Refused (ReferenceUnavailable) where one can't be loaded and what is kept is too old, or nothing is.
 */
export type ReferencePort = { take(): Promise<TakenReferences | undefined> };
