/** Sinks that are reached with a role: the credentials of a fake STS of ours, at servers that have the documented shapes. */
import { describe, expect, it } from 'vitest';
import { createRoleKeeper } from '../../functions/adapters/credentials/assumed-role.ts';
import { openObjects } from '../../functions/adapters/s3/open-objects.ts';
import { dynamodb, firehose, lambda, type Sink } from '../../functions/index.ts';
import { ownKinds } from '../../functions/pipeline/kinds.ts';
import { broughtKindOf } from '../../functions/sinks/sink-kind.ts';
import { connect } from '../../functions/steps/connection.ts';
import { createSinks } from '../../functions/steps/user-code-ports.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { resultIdentity } from '../support/builders.ts';
import { startFakeSts } from '../support/fake-sts.ts';
import { filesOutput } from '../support/outputs.ts';
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
      ...{ columns: ['events'], isGrouped: true, hasWindowTimes: true, events: undefined },
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

describe('s3', () => {
  /** A file, by who writes rows, and a list, by who commits. */
  async function put(answers: readonly StubAnswer[]) {
    const sts = await startFakeSts();
    sts.roles.set(role, {});
    await using stub = await startStub(answers.map((answer) => () => answer));
    const place = {
      ...{ bucket: 'flights', prefix: '', region: undefined, endpointUrl: stub.endpointUrl },
      role: { arn: role, durationMs: 3_600_000, stsEndpointUrl: sts.endpoint, stsRegion: undefined },
    };
    const { sink } = filesOutput(place as never);
    const settings = { table: 'any', region: 'eu-west-1', credentials: localCredentials };
    const connection = connect('test', settings, createRoleKeeper);
    const clock = connection.clockOf(undefined);
    const output = { id: 'main', from: 'results' as const, sink };
    const { files } = createSinks({ outputs: [output], kinds: ownKinds } as never, connection, {})(clock, undefined)(
      'main',
    );
    const record = { partitionKey: '1 1 ', explicitHashKey: undefined, data: '{}' };
    const error = await files!.put([{ key: 'a', rows: [record] }], Date.now() + 5_000).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    const list = { key: '_sluice/a', body: Buffer.from('{}'), contentType: 'application/json' };
    if (error === undefined)
      await openObjects(connection)(clock, undefined)(place as never).putIfAbsent(list, Date.now() + 5_000);
    await sts.stop();
    return { error, sts, requests: stub.requests };
  }

  it('has files and lists put with the credentials of its role', async () => {
    const { error, sts, requests } = await put([{ body: '' }, { body: '' }]);
    expect(error).toBeUndefined();
    expect(sts.calls).toMatchObject([{ roleArn: role, sessionName: 'sluice-test' }]);
    const [token] = sts.sessions.keys();
    expect(requests.map(({ headers }) => headers['x-amz-security-token'])).toEqual([token, token]);
  });

  it('says which right its role lacks', async () => {
    const xml = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    const { error } = await put([{ status: 403, headers: { 'content-type': 'application/xml' }, body: xml }]);
    expect(error?.name).toBe('NotAllowed');
    expect(error?.message).toMatch(/^bucket flights: s3:PutObject is not allowed to the role arn:.*:role\/writer: /);
  });
});

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
