/** A client whose calls are made with a role's credentials, and whose refusals name the role. */
import type { RoleCredentials } from './role-credentials.ts';
import { isExpired, refusedToRole } from './role-errors.ts';

type Handler = (args: { readonly input: object }) => Promise<{ readonly output: object; readonly response: unknown }>;
type Context = { readonly commandName?: string };
type Middleware = (next: Handler, context: Context) => Handler;

/** Of any service. */
type RoleClient = {
  readonly middlewareStack: {
    add(
      middleware: Middleware,
      options: { readonly step: 'initialize'; readonly priority: 'high'; readonly name: string },
    ): void;
  };
};

/** Of a request, for messages. */
export type Used = {
  /** As actions have it: 'kinesis'. */
  readonly service: string;
  /** That of every call, where it has another name than the call. */
  readonly action?: string;
  /** "stream flights". */
  readonly thingIn: (input: object) => string;
};

export function useRole(client: RoleClient, credentials: RoleCredentials, used: Used): void {
  if (globalThis.SLUICE_ROLES !== false)
    // Around everything, credentials included, which are asked for before the SDK's own retries begin.
    client.middlewareStack.add(withRole(credentials, used), {
      step: 'initialize',
      priority: 'high',
      name: 'sluiceRole',
    });
}

const withRole =
  (credentials: RoleCredentials, { service, action, thingIn }: Used): Middleware =>
  (next, context) =>
  async (args) => {
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
      const asked = `${service}:${action ?? (context.commandName ?? '').replace(/Command$/, '')}`;
      throw refusedToRole(error, credentials.role, asked, thingIn(args.input));
    }
  };

export const ofKinesis: Used = {
  service: 'kinesis',
  thingIn(input) {
    const { StreamARN, StreamName } = input as { readonly StreamARN?: string; readonly StreamName?: string };
    return `stream ${StreamARN ?? StreamName ?? ''}`;
  },
};

export const ofDynamodb: Used = {
  service: 'dynamodb',
  thingIn: (input) => `table ${(input as { readonly TableName?: string }).TableName ?? ''}`,
};
