/** A client whose calls are made with a role's credentials, and whose refusals name the role. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { RoleCredentials } from '../credentials/assumed-role.ts';
import { isExpired, refusedToRole } from '../credentials/role-errors.ts';

export function useRole(client: KinesisClient, credentials: RoleCredentials): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const generation = credentials.version();
      try {
        try {
          return await next(args);
        } catch (error) {
          // The service's clock decides when credentials expire, and this one may be wrong. Once: then it is not the clock.
          if (!isExpired(error)) throw error;
          credentials.giveUp(generation);
          return await next(args);
        }
      } catch (error) {
        const { StreamARN, StreamName } = args.input as { readonly StreamARN?: string; readonly StreamName?: string };
        const action = `kinesis:${(context.commandName ?? '').replace(/Command$/, '')}`;
        throw refusedToRole(error, credentials.role, action, StreamARN ?? StreamName ?? '');
      }
    },
    // Around everything, credentials included, which are asked for before the SDK's own retries begin.
    { step: 'initialize', priority: 'high', name: 'sluiceRole' },
  );
}
