/** An aggregate of the user's own that has failed (CUSTOM-3), as it is saved. */
import type { FailedAggregate } from '../user-code/callback-failure.ts';

export type Failure = { readonly reason: FailedAggregate['reason']; readonly message: string };
export type SavedFailure = { readonly failed: Failure };

/** What is saved where user code could not even fail. */
export const failedAggregate = (reason: Failure['reason'], message: string): SavedFailure => ({
  failed: { reason, message },
});
