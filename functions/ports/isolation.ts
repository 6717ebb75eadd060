/** Where user code runs apart, and can be ended. */
import type { Isolate } from '../core/isolate.ts';
import type { IsolatedCode, IsolatedKind } from '../core/isolated-code.ts';
import type { TakenReferences } from '../core/references.ts';

/**
 * Opens isolates, with limits of time (for each call) and memory. Fails (TemporaryFailure) where one can't be started,
 * which says nothing about any call. `references`: what callbacks are given; one that has a memory of its own loads them itself, says which
 * (`references` of the isolate), and fails (ReferenceUnavailable) where it can't.
 */
export type Isolation = {
  open<Kind extends IsolatedKind>(
    kind: Kind,
    setup: IsolatedCode[Kind]['setup'],
    references?: TakenReferences,
  ): Isolate<IsolatedCode[Kind]['input'], IsolatedCode[Kind]['output']>;
};
