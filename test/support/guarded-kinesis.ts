/**
 * A door in front of an embedded service, which checks no credentials: it refuses sessions that the fake STS did not give
 * or that are over, and what a role may not do, in the words of Kinesis; all else passes.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FakeSts } from './fake-sts.ts';
import { forward } from './forward.ts';
import { credentialOf, sessionTokenOf } from './signed-request.ts';

export type SignedCall = {
  readonly action: string;
  readonly accessKeyId: string;
  readonly region: string;
  readonly sessionToken: string | undefined;
};

export type Guarded = {
  readonly endpoint: string;
  readonly calls: SignedCall[];
  /** Actions that no role may take. */
  readonly forbidden: Set<string>;
  stop(): Promise<void>;
};

type Refusal = { readonly status: number; readonly name: string; readonly message: string };

export async function guard(endpoint: string, sts: FakeSts): Promise<Guarded> {
  const calls: SignedCall[] = [];
  const forbidden = new Set<string>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const call = callOf(request);
    calls.push(call);
    const refusal = refusalOf(call, sts, forbidden);
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: refusal.name, message: refusal.message }));
      return;
    }
    await forward(request, body, { endpoint, response });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    forbidden,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callOf(request: IncomingMessage): SignedCall {
  const action =
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  return { action, ...credentialOf(request), sessionToken: sessionTokenOf(request) };
}

function refusalOf(call: SignedCall, sts: FakeSts, forbidden: ReadonlySet<string>): Refusal | undefined {
  if (call.sessionToken === undefined) return undefined;
  const session = sts.sessions.get(call.sessionToken);
  if (session === undefined) {
    return { status: 403, name: 'UnrecognizedClientException', message: 'The security token is invalid.' };
  }
  if (session.expiresAt <= sts.now()) {
    return { status: 400, name: 'ExpiredTokenException', message: 'The security token is expired.' };
  }
  if (!forbidden.has(call.action)) return undefined;
  const message = `User: ${session.roleArn} is not authorized to perform: kinesis:${call.action}`;
  return { status: 400, name: 'AccessDeniedException', message };
}
