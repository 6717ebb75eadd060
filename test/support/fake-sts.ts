/**
 * A small STS of our own, over HTTP on 127.0.0.1: AssumeRole with trust policies that know external ids, answered in STS's
 * XML. It is no more than what these tests need; what the real STS does besides is not tested by it.
 *
 * The access key it gives is the account of the role, by which the embedded Kinesis keeps accounts apart.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { credentialOf } from './signed-request.ts';

export type AssumeRoleCall = {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string | undefined;
  readonly seconds: number;
  /** Who asked, and the region the request was signed for. */
  readonly accessKeyId: string;
  readonly region: string;
};

export type FakeSts = {
  readonly endpoint: string;
  readonly calls: AssumeRoleCall[];
  /** Every secret that was given. */
  readonly secrets: Set<string>;
  /** Every session token that was given, with its role and its end. */
  readonly sessions: Map<string, { readonly roleArn: string; readonly expiresAt: number }>;
  /** Roles that exist, with what their trust policies ask for. */
  readonly roles: Map<string, { readonly externalId?: string }>;
  now(): number;
  /** Answers the next calls, in order, instead of credentials. */
  readonly failures: { readonly status: number; readonly code: string; readonly message: string }[];
  stop(): Promise<void>;
};

export async function startFakeSts(now: () => number = Date.now): Promise<FakeSts> {
  const sts: Omit<FakeSts, 'endpoint' | 'stop'> = {
    calls: [],
    secrets: new Set(),
    sessions: new Map(),
    roles: new Map(),
    failures: [],
    now,
  };
  const server = createServer(async (request, response) => {
    const fields = new URLSearchParams(await text(request));
    const call: AssumeRoleCall = {
      roleArn: fields.get('RoleArn') ?? '',
      sessionName: fields.get('RoleSessionName') ?? '',
      externalId: fields.get('ExternalId') ?? undefined,
      seconds: Number(fields.get('DurationSeconds')),
      ...credentialOf(request),
    };
    sts.calls.push(call);
    const failure = sts.failures.shift();
    const role = sts.roles.get(call.roleArn);
    if (failure !== undefined) refuse(response, failure);
    else if (role === undefined || role.externalId !== call.externalId) refuse(response, denied(call));
    else grant(response, sts, call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...sts,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** STS tells nobody whether the role exists, trusts someone else, or asks for another external id. */
function denied({ roleArn, accessKeyId }: AssumeRoleCall) {
  const message = `User: ${accessKeyId} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
  return { status: 403, code: 'AccessDenied', message };
}

function refuse(response: ServerResponse, failure: FakeSts['failures'][number]): void {
  const error = `<Error><Type>Sender</Type><Code>${failure.code}</Code><Message>${failure.message}</Message></Error>`;
  response.writeHead(failure.status, { 'content-type': 'text/xml' });
  response.end(`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${error}</ErrorResponse>`);
}

function grant(
  response: ServerResponse,
  sts: Pick<FakeSts, 'secrets' | 'sessions' | 'now'>,
  call: AssumeRoleCall,
): void {
  const account = call.roleArn.split(':')[4] ?? '';
  const [secret, token] = [`SECRET-${randomUUID()}`, `TOKEN-${randomUUID()}`];
  const expiresAt = sts.now() + call.seconds * 1000;
  sts.secrets.add(secret);
  sts.sessions.set(token, { roleArn: call.roleArn, expiresAt });
  const credentials =
    `<AccessKeyId>${account}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>` +
    `<SessionToken>${token}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration>`;
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>' +
      `<Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}
