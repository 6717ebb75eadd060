/** What clients of all services are made of. */
import type { AgentOptions, IncomingMessage } from 'node:http';
import type { OnReadOpts } from 'node:net';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { RoleCredentials } from './credentials/role-credentials.ts';

export type ClientSettings = {
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Instead of `credentials`. */
  readonly role?: RoleCredentials | undefined;
};

/** Of its connections, beside what the SDK sets: Node opens them with all that an agent was given. */
export type AgentSettings = AgentOptions & { readonly onread: OnReadOpts };

/** Well under the timeouts of the functions: a call that hangs must leave time for its repeats. */
export const createRequestHandler = (requestTimeoutMs: number, agent?: AgentSettings): NodeHttpHandler =>
  new ForgettingHandler({
    ...{ connectionTimeout: 1_000, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
    ...(agent && { httpAgent: agent, httpsAgent: agent }),
  });

type Answered = Awaited<ReturnType<NodeHttpHandler['handle']>>;

/**
 * The SDK waits for a connection with a listener that stays there for as long as it is open, and names the first request: the answer to it is
 * held with all of its body, twice.
 */
class ForgettingHandler extends NodeHttpHandler {
  override async handle(...asked: Parameters<NodeHttpHandler['handle']>): Promise<Answered> {
    const answered = await super.handle(...asked);
    const { socket } = answered.response.body as Partial<IncomingMessage>;
    socket?.removeAllListeners('connect');
    return answered;
  }
}

export function clientConfig({ region, endpointUrl, credentials, role }: ClientSettings) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(role === undefined ? {} : { credentials: role.provider }),
  };
}
