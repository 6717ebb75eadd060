/** Credentials of a role, as clients take them. `assumed-role.ts` asks for them. */
import type { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AssumedRole } from '../../pipeline/stream.ts';

export type Provider = ReturnType<typeof fromTemporaryCredentials>;

export type RoleCredentials = {
  readonly role: AssumedRole;
  /** Says that it keeps what it gives, or the SDK would put a memory of its own before it. */
  readonly provider: Provider & { readonly memoized: true };
  /** Counts the credentials that were given. */
  version(): number;
  /** Gives up those that the service does not take any more, unless others have come since. */
  giveUp(generation: number): void;
};
