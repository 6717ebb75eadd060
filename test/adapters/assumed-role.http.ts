/** Credentials of a role over HTTP. STS is a fake of ours (test/support/fake-sts.ts): small, and not AWS's. */
import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRoleKeeper } from '../../functions/adapters/credentials/assumed-role.ts';
import type { RoleCredentials } from '../../functions/adapters/credentials/role-credentials.ts';
import { withSessionName } from '../../functions/adapters/credentials/session-name.ts';
import { createStreamClient } from '../../functions/adapters/kinesis/stream-client.ts';
import type { AssumedRole } from '../../functions/pipeline/stream.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { type EmbeddedKinesis, startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { createStream } from '../../local/services/streams.ts';
import { type FakeSts, startFakeSts } from '../support/fake-sts.ts';
import { type Guarded, guard } from '../support/guarded-kinesis.ts';

const arn = 'arn:aws:iam::222222222222:role/team/reader';
const region = 'eu-west-1';
const minuteMs = 60_000;

let now = 0;
const clock = { now: () => now, sleep: async () => {} };
let stsNow: () => number;
let kinesis: EmbeddedKinesis;
let sts: FakeSts;
let door: Guarded;
let credentials: RoleCredentials;
let client: KinesisClient;

beforeAll(async () => {
  kinesis = await startEmbeddedKinesis();
  sts = await startFakeSts(() => stsNow());
  door = await guard(kinesis.endpoint, sts);
  const owner = { accessKeyId: '222222222222', secretAccessKey: 'any' };
  await createStream(createStreamClient({ region, endpointUrl: kinesis.endpoint, credentials: owner }), 'theirs', 1);
});
afterAll(async () => {
  await Promise.all([door.stop(), sts.stop(), kinesis.stop()]);
});
beforeEach(() => {
  now = Date.parse('2026-03-01T12:00:00Z');
  stsNow = () => now;
  sts.calls.length = 0;
  sts.failures.length = 0;
  sts.roles.clear();
  sts.roles.set(arn, {});
  door.calls.length = 0;
  door.forbidden.clear();
  use({});
});

function use(given: Partial<AssumedRole>): void {
  const role: AssumedRole = {
    arn,
    sessionName: undefined,
    externalId: undefined,
    durationMs: 60 * minuteMs,
    stsRegion: undefined,
    stsEndpointUrl: sts.endpoint,
    ...given,
  };
  const roleOf = createRoleKeeper({ ownCredentials: localCredentials, clock });
  credentials = roleOf(withSessionName(role, 'flights'), region);
  client = createStreamClient({ region, endpointUrl: door.endpoint, role: credentials });
}

const read = () => client.send(new DescribeStreamSummaryCommand({ StreamName: 'theirs' }));
const tokens = () => door.calls.map(({ sessionToken }) => sessionToken);

describe('a role', () => {
  test('opens the streams of its account, which the own credentials do not', async () => {
    const own = createStreamClient({ region, endpointUrl: door.endpoint, credentials: localCredentials });
    await expect(own.send(new DescribeStreamSummaryCommand({ StreamName: 'theirs' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const { StreamDescriptionSummary: summary } = await read();
    expect(summary?.StreamARN).toBe(`arn:aws:kinesis:${region}:222222222222:stream/theirs`);
  });

  test('is asked for with the own credentials, in the region of the stream, for an hour', async () => {
    await read();
    expect(sts.calls).toEqual([
      {
        roleArn: arn,
        sessionName: 'sluice-flights',
        externalId: undefined,
        seconds: 3600,
        accessKeyId: 'local',
        region,
      },
    ]);
  });

  test('is asked for as it was said', async () => {
    sts.roles.set(arn, { externalId: 'partner:42' });
    use({ sessionName: 'nightly', externalId: 'partner:42', durationMs: 15 * minuteMs, stsRegion: 'eu-central-1' });
    await read();
    expect(sts.calls).toMatchObject([
      { sessionName: 'nightly', externalId: 'partner:42', seconds: 900, region: 'eu-central-1' },
    ]);
  });

  test('has a session name that STS takes, however long the name of the pipeline', () => {
    const role = { arn, externalId: undefined, sessionName: undefined } as unknown as AssumedRole;
    expect(withSessionName(role, 'x'.repeat(128)).sessionName).toBe(`sluice-${'x'.repeat(57)}`);
  });

  test('is asked for once by calls that come together, and by all clients that share it', async () => {
    const roleOf = createRoleKeeper({ ownCredentials: localCredentials, clock });
    const shared = () => roleOf(withSessionName(credentials.role, 'flights'), region);
    const clients = [1, 2].map(() => createStreamClient({ region, endpointUrl: door.endpoint, role: shared() }));
    const commands = Array.from({ length: 10 }, () => new DescribeStreamSummaryCommand({ StreamName: 'theirs' }));
    await Promise.all(clients.flatMap((each) => commands.map((command) => each.send(command))));
    expect(sts.calls).toHaveLength(1);
    expect(new Set(tokens()).size).toBe(1);
  });
});

describe('credentials', () => {
  test('are renewed five minutes before they expire, not earlier', async () => {
    await read();
    now += 55 * minuteMs - 1;
    await read();
    expect(sts.calls).toHaveLength(1);
    now += 1;
    await Promise.all([read(), read(), read()]);
    expect(sts.calls).toHaveLength(2);
    expect(new Set(tokens()).size).toBe(2);
  });

  test('that the service calls expired are given up, and the call is made again with new ones', async () => {
    await read();
    // The service's clock is ahead: this one does not know of the end yet.
    stsNow = () => now + 61 * minuteMs;
    await Promise.all([read(), read(), read()]);
    expect(sts.calls).toHaveLength(2);
    expect(new Set(tokens()).size).toBe(2);
  });

  test('that are called expired although they are new are an error, not a loop', async () => {
    let asked = 0;
    // Whenever it is asked, the last answer has just run out.
    stsNow = () => now + asked++ * 120 * minuteMs;
    await expect(read()).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expect(sts.calls.length).toBeLessThanOrEqual(2);
  });

  test('are used on while STS fails, as long as they hold', async () => {
    await read();
    now += 56 * minuteMs;
    sts.failures.push(...Array.from({ length: 3 }, () => throttling));
    await read();
    // It does not ask again for each call.
    await read();
    expect(sts.calls).toHaveLength(4);
    now += 11_000;
    await read();
    expect(sts.calls).toHaveLength(5);
    expect(new Set(tokens()).size).toBe(2);
  });

  test('are not used on when STS refuses to renew them', async () => {
    await read();
    now += 56 * minuteMs;
    sts.roles.clear();
    await expect(read()).rejects.toMatchObject({ name: 'NotAllowed' });
  });
});

const throttling = { status: 400, code: 'Throttling', message: 'Rate exceeded' };

describe('a refusal', () => {
  test.each([
    ['does not exist', {}, () => sts.roles.clear(), 'none is given'],
    ['asks for an external id', {}, () => sts.roles.set(arn, { externalId: 'partner:42' }), 'none is given'],
    [
      'asks for another external id',
      { externalId: 'partner:41' },
      () => sts.roles.set(arn, { externalId: 'partner:42' }),
      'one is given',
    ],
  ])(
    'of a role that %s names it and the action, says what to check, and is final',
    async (_, given, change, external) => {
      change();
      use(given);
      const error = await read().catch((caught) => caught);
      expect(error).toMatchObject({ name: 'NotAllowed', canRetry: false });
      expect(error.cause).toBeUndefined();
      expect(error.message).toContain(`sts:AssumeRole of ${arn}: AccessDenied: User: local is not authorized`);
      expect(error.message).toContain('trust policy');
      expect(error.message).toContain(`sts:ExternalId it asks for is the one given (${external} as role.externalId)`);
      expect(error.message).not.toContain('partner');
      expect(sts.calls).toHaveLength(1);
      expect(door.calls).toEqual([]);
    },
  );

  test('of a role that may not read names it, the action and the stream, and is final', async () => {
    door.forbidden.add('DescribeStreamSummary');
    const error = await read().catch((caught) => caught);
    expect(error).toMatchObject({ name: 'NotAllowed', canRetry: false });
    expect(error.cause).toBeUndefined();
    expect(error.message).toBe(
      `stream theirs: kinesis:DescribeStreamSummary is not allowed to the role ${arn}: AccessDeniedException: User: ${arn} ` +
        "is not authorized to perform: kinesis:DescribeStreamSummary. Check that the role's policy allows it to " +
        'kinesis:DescribeStreamSummary on it',
    );
    expect(door.calls).toHaveLength(1);
  });

  test.each([
    [400, 'Throttling', 'TemporaryFailure'],
    [503, 'ServiceUnavailable', 'TemporaryFailure'],
    [500, 'InternalFailure', 'TemporaryFailure'],
  ])('of STS itself (%i %s) is tried again, and is a %s in the end', async (status, code, name) => {
    sts.failures.push(...Array.from({ length: 3 }, () => ({ status, code, message: 'not now' })));
    await expect(read()).rejects.toMatchObject({ name, message: expect.stringContaining(arn) });
    expect(sts.calls).toHaveLength(3);
    await read();
  });

  test.each([
    ['ValidationError', 'InvalidPipeline', 'The requested DurationSeconds exceeds the MaxSessionDuration'],
    ['RegionDisabledException', 'NotAllowed', 'role.stsRegion'],
    ['ExpiredToken', 'NotAllowed', 'Check the credentials that ask for it'],
    ['InvalidClientTokenId', 'NotAllowed', 'Check the credentials that ask for it'],
  ])('with %s is %s', async (code, name, words) => {
    sts.failures.push({ status: 400, code, message: 'The requested DurationSeconds exceeds the MaxSessionDuration' });
    const error = await read().catch((caught) => caught);
    expect(error).toMatchObject({ name, canRetry: false });
    expect(error.message).toContain(arn);
    expect(error.message).toContain(words);
    expect(sts.calls).toHaveLength(1);
  });

  test('of an STS that is not there is temporary', async () => {
    use({ stsEndpointUrl: 'http://127.0.0.1:9' });
    const error = await read().catch((caught) => caught);
    expect(error).toMatchObject({ name: 'TemporaryFailure', canRetry: true });
    expect(error.message).toContain(arn);
    expect(error.message).toContain('ECONNREFUSED');
  });
});
