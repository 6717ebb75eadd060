/** Sinks that are reached with a role: the credentials of a fake STS of ours, at servers that have the documented shapes. */
import { describe, expect, it } from 'vitest';
import { createRoleKeeper } from '../../functions/adapters/credentials/assumed-role.ts';
import { dynamodb, firehose, lambda, type Sink } from '../../functions/index.ts';
import { ownKinds } from '../../functions/pipeline/kinds.ts';
import { broughtKindOf } from '../../functions/sinks/sink-kind.ts';
import { connect } from '../../functions/steps/connection.ts';
import { createSinks } from '../../functions/steps/user-code-ports.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { resultIdentity } from '../support/builders.ts';
import { startFakeSts } from '../support/fake-sts.ts';
import { type StubAnswer, startStub } from '../support/service-stub.ts';

const role = 'arn:aws:iam::222222222222:role/writer';

const kinds = [
  {
    name: 'dynamodb',
    sinkAt: (options: object) => dynamodb({ tableName: 'board', ...options }),
    taken: { body: {} },
    denied:
      /^table board: dynamodb:PutItem is not allowed to the role arn:.*:role\/writer: AccessDeniedException: no\. Check/,
  },
  {
    name: 'firehose',
    sinkAt: (options: object) => firehose({ deliveryStreamName: 'archive', ...options }),
    taken: { body: { FailedPutCount: 0, RequestResponses: [{ RecordId: 'r' }] } },
    denied:
      /^delivery stream archive: firehose:PutRecordBatch is not allowed to the role arn:.*:role\/writer: .*: no\. Check/,
  },
  {
    name: 'lambda',
    sinkAt: (options: object) => lambda({ functionName: 'alert', ...options }),
    taken: { body: 'null' },
    denied: /^function alert: lambda:InvokeFunction is not allowed to the role arn:.*:role\/writer: .*: no\. Check/,
  },
] as const;
const refused: StubAnswer = {
  status: 400,
  headers: { 'x-amzn-errortype': 'AccessDeniedException' },
  body: { __type: 'AccessDeniedException', message: 'no' },
};

async function send(sinkAt: (options: object) => Sink<never>, answer: StubAnswer) {
  const sts = await startFakeSts();
  sts.roles.set(role, {});
  await using stub = await startStub([() => answer]);
  const given = sinkAt({ endpointUrl: stub.endpointUrl, role: { arn: role, stsEndpointUrl: sts.endpoint } });
  const kind = broughtKindOf(given as never)!;
  const about = {
    ...{ path: 'sink', from: 'results' as const, keyNames: ['key'], source: undefined, passesThrough: false },
    ...{
      ...{ columns: ['events'], isGrouped: true, hasWindowTimes: true },
      override: { stream: undefined, region: undefined, endpointUrl: undefined, role: undefined },
    },
  };
  const options = kind.read(given as never, about, []);
  const record = kind.encode(options, { events: 1 }, { identity: resultIdentity(), defaultKey: 'a', keyValues: ['a'] });
  const connection = connect(
    'test',
    { table: 'any', region: 'eu-west-1', credentials: localCredentials },
    createRoleKeeper,
  );
  const output = { id: 'main', from: 'results' as const, sink: { kind, options } };
  const sinks = createSinks({ outputs: [output], kinds: ownKinds } as never, connection, {});
  const undelivered = await sinks(connection.clockOf(undefined), undefined)('main').send([record], Date.now() + 5_000);
  await sts.stop();
  return { undelivered, sts, requests: stub.requests };
}

describe.each(kinds)('$name', ({ sinkAt, taken, denied }) => {
  it('is written with the credentials of its role, which are asked for with the own ones', async () => {
    const { undelivered, sts, requests } = await send(sinkAt, taken);
    expect(undelivered).toBeUndefined();
    expect(sts.calls).toMatchObject([{ roleArn: role, sessionName: 'sluice-test', accessKeyId: 'local' }]);
    expect(requests.map(({ headers }) => headers['x-amz-security-token'])).toEqual([...sts.sessions.keys()]);
  });

  it('says which right its role lacks', async () => {
    const { undelivered } = await send(sinkAt, refused);
    expect(undelivered?.error.name).toBe('NotAllowed');
    expect(undelivered?.error.message).toMatch(denied);
  });
});
