/** Where user code runs apart, and can be ended. */
import type { Isolate } from '../core/isolate.ts';
import type { IsolatedCode, IsolatedKind } from '../core/isolated-code.ts';

/**
 * Opens isolates, with limits of time (for each call) and memory. Fails (TemporaryFailure) where one can't be started,
 * which says nothing about any call.
 */
export type Isolation = {
  open<Kind extends IsolatedKind>(
    kind: Kind,
    setup: IsolatedCode[Kind]['setup'],
  ): Isolate<IsolatedCode[Kind]['input'], IsolatedCode[Kind]['output']>;
};
