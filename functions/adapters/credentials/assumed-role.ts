/**
 * Credentials of a role, from STS: asked for when they are first needed, kept for all calls and clients that share the
 * role, and renewed before they expire.
 *
 *     assumed ──────────── used ─────────────►│ renewed by the next call │ expired
 *                                             └ 5 minutes before, or half of their time if that is shorter
 *
 * A function is frozen between two calls and may wake up much later, so nothing is renewed by a timer.
 */
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AssumedRole } from '../../pipeline/stream.ts';
import type { Clock } from '../../ports/clock.ts';
import { type ClientSettings, createRequestHandler } from '../aws-client.ts';
import type { Provider, RoleCredentials } from './role-credentials.ts';
import { refusedBySts } from './role-errors.ts';

type Identity = Awaited<ReturnType<Provider>>;

export type RoleSettings = {
  readonly role: AssumedRole & { readonly sessionName: string };
  /** Of the stream; undefined: the one the client finds. */
  readonly region: string | undefined;
  /** Whose credentials ask for the role's. Undefined: the SDK's own search. */
  readonly ownCredentials: ClientSettings['credentials'];
  readonly clock: Clock;
  readonly requestTimeoutMs?: number | undefined;
};

type Held = { readonly identity: Identity; readonly expiresAt: number; renewAt: number };

const renewBeforeMs = 5 * 60_000;
/** Credentials that can't be renewed now are used on for as long as they surely hold. */
const lastUseBeforeMs = 30_000;
const retryAfterMs = 10_000;
/** With three tries well inside the shortest function's time. */
const stsTimeoutMs = 1_000;

export function assumeRole(settings: RoleSettings): RoleCredentials {
  const { role, clock } = settings;
  const ask = askSts(settings);
  let held: Held | undefined;
  let pending: Promise<Held> | undefined;
  let generation = 0;
  type Properties = Parameters<Provider>[0];
  const renew = async (properties: Properties): Promise<Held> => {
    try {
      const identity = await ask(properties);
      held = holdUntil(identity, clock.now());
      generation++;
      return held;
    } catch (error) {
      const refusal = refusedBySts(error, role);
      if (!refusal.canRetry || held === undefined || clock.now() >= held.expiresAt - lastUseBeforeMs) throw refusal;
      held.renewAt = clock.now() + retryAfterMs;
      return held;
    }
  };
  const provider = async (properties: Properties): Promise<Identity> => {
    if (held !== undefined && clock.now() < held.renewAt) return held.identity;
    // Many shards are read at once; one asks for all.
    pending ??= renew(properties).finally(() => {
      pending = undefined;
    });
    return (await pending).identity;
  };
  return {
    role,
    provider: Object.assign(provider, { memoized: true as const }),
    version: () => generation,
    giveUp(given) {
      if (given === generation) held = undefined;
    },
  };
}

function holdUntil(identity: Identity, now: number): Held {
  const expiresAt = identity.expiration?.getTime() ?? now;
  return { identity, expiresAt, renewAt: expiresAt - Math.min(renewBeforeMs, (expiresAt - now) / 2) };
}

function askSts({ role, region, ownCredentials, requestTimeoutMs }: RoleSettings): Provider {
  const stsRegion = role.stsRegion ?? region;
  return fromTemporaryCredentials({
    ...(ownCredentials === undefined ? {} : { masterCredentials: ownCredentials }),
    params: {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName,
      DurationSeconds: Math.floor(role.durationMs / 1000),
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    clientConfig: {
      requestHandler: createRequestHandler(requestTimeoutMs ?? stsTimeoutMs),
      maxAttempts: 3,
      ...(stsRegion === undefined ? {} : { region: stsRegion }),
      ...(role.stsEndpointUrl === undefined ? {} : { endpoint: role.stsEndpointUrl }),
    },
  });
}

/** One for each role and place, however many streams it serves: a source and a sink of one account ask once. */
export function createRoleKeeper(shared: Omit<RoleSettings, 'role' | 'region'>) {
  const kept = new Map<string, RoleCredentials>();
  return (role: RoleSettings['role'], region: string | undefined): RoleCredentials => {
    const key = JSON.stringify([role, region]);
    const known = kept.get(key) ?? assumeRole({ ...shared, role, region });
    kept.set(key, known);
    return known;
  };
}
