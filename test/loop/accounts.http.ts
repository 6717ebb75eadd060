/**
 * Streams of other accounts, through the whole loop. The embedded Kinesis keeps accounts apart by access key id; STS is a
 * fake of ours (test/support/fake-sts.ts), and so is the door that checks sessions.
 */

import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, perMicroBatch, pipeline, type RoleOptions } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { kinesisSinkOf } from '../../functions/sinks/kinesis.ts';
import { createHandlers } from '../../functions/steps/handlers.ts';
import { createLog } from '../../functions/steps/log.ts';
import { createRuntime, type Log, type Runtime } from '../../functions/steps/runtime.ts';
import { publish } from '../../local/publish/publisher.ts';
import { kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { readStream } from '../../local/services/stream-reader.ts';
import { createStream } from '../../local/services/streams.ts';
import { type FakeSts, startFakeSts } from '../support/fake-sts.ts';
import { type Guarded, guard } from '../support/guarded-kinesis.ts';
import { useWorld } from '../support/use-world.ts';
import { region, runToEnd, table, uniqueName } from '../support/world.ts';

const world = useWorld();
const theirs = '222222222222';
const partners = '333333333333';
const reader = `arn:aws:iam::${theirs}:role/reader`;
const writer = `arn:aws:iam::${partners}:role/writer`;

let aheadMs = 0;
const now = () => Date.now() + aheadMs;
const clock = { now, sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
let sts: FakeSts;
let kinesisDoor: Guarded;
let dynamodbDoor: Guarded;

beforeAll(async () => {
  sts = await startFakeSts(now);
  kinesisDoor = await guard(world.kinesis.endpoint, sts);
  dynamodbDoor = await guard(world.dynamodb.endpoint, sts);
});
afterAll(async () => {
  await Promise.all([sts.stop(), kinesisDoor.stop(), dynamodbDoor.stop()]);
});
beforeEach(() => {
  aheadMs = 0;
  for (const door of [kinesisDoor, dynamodbDoor]) {
    door.calls.length = 0;
    door.forbidden.clear();
  }
  sts.calls.length = 0;
  sts.roles.clear();
  sts.roles.set(reader, { externalId: 'partner-42' });
  sts.roles.set(writer, {});
});

const clientOf = (account: string, streamRegion = region) =>
  kinesisClient({
    endpoint: world.kinesis.endpoint,
    region: streamRegion,
    credentials: { accessKeyId: account, secretAccessKey: 'any' },
  });

/** A source in one account, a sink in another; neither exists in one's own. */
async function makeStreams() {
  const names = { source: uniqueName('source'), sink: uniqueName('sink') };
  await createStream(clientOf(theirs), names.source, 2);
  await createStream(clientOf(partners), names.sink, 1);
  return names;
}

async function publishIds(stream: string, ids: readonly number[], client = clientOf(theirs)): Promise<void> {
  const chunk = ids.map((id) => ({ partitionKey: `${id}`, data: Buffer.from(JSON.stringify({ id })) }));
  await publish({
    client,
    stream: { StreamName: stream },
    events: (async function* () {
      yield chunk;
    })(),
  });
}

async function sinkIds(stream: string): Promise<number[]> {
  const ids: number[] = [];
  for await (const records of readStream(clientOf(partners), { StreamName: stream }))
    for (const record of records) ids.push(JSON.parse(Buffer.from(record.data).toString('utf8')).id);
  return ids.toSorted((one, other) => one - other);
}

const role = (arn: string, more: Partial<RoleOptions> = {}): RoleOptions => ({
  arn,
  stsEndpointUrl: sts.endpoint,
  ...more,
});

function copyOf(
  names: { readonly source: string; readonly sink: string },
  roles: { readonly source?: RoleOptions | undefined; readonly sink?: RoleOptions | undefined } = {},
): Pipeline {
  return requirePipeline(
    pipeline(uniqueName('copy'))
      .readStream(
        kinesis({
          streamName: names.source,
          startingPosition: 'TRIM_HORIZON',
          role: 'source' in roles ? roles.source : role(reader, { externalId: 'partner-42' }),
        }),
      )
      .decode(json(z.object({ id: z.number() })))
      .map((event) => event)
      .writeStream(kinesis({ streamName: names.sink, role: 'sink' in roles ? roles.sink : role(writer) })),
  );
}

function runtimeOf(checked: Pipeline, kinesisEndpoint = kinesisDoor.endpoint, log?: Log): Runtime {
  return createRuntime(checked, {
    table,
    region,
    credentials: localCredentials,
    requestTimeoutMs: 60_000,
    kinesisEndpoint,
    dynamodbEndpoint: dynamodbDoor.endpoint,
    clock,
    ...(log === undefined ? {} : { log }),
  });
}

/** All that the process writes meanwhile, and what `run` adds. */
async function outputOf(run: () => Promise<string[]>): Promise<string> {
  const written: string[] = [];
  const take = (chunk: unknown) => written.push(String(chunk)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(take));
  const methods = (['debug', 'info', 'warn', 'error', 'log'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(take),
  );
  try {
    return [...(await run()), ...written].join('\n');
  } finally {
    for (const spy of [...spies, ...methods]) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}

const untilCaughtUp = { untilCaughtUp: true } as const;
const keysOf = (door: Guarded, actions: RegExp) =>
  new Set(door.calls.filter(({ action }) => actions.test(action)).map(({ accessKeyId }) => accessKeyId));

describe('a pipeline between streams of other accounts', () => {
  test('reads with one role, writes with another, and keeps its table with its own credentials', async () => {
    const names = await makeStreams();
    await publishIds(names.source, [1, 2, 3, 4, 5]);
    const runtime = runtimeOf(copyOf(names));
    expect(await runToEnd(runtime, untilCaughtUp)).toMatchObject({ kind: 'succeeded' });

    expect(await sinkIds(names.sink)).toEqual([1, 2, 3, 4, 5]);
    expect(keysOf(kinesisDoor, /Describe|List|Get/)).toEqual(new Set([theirs]));
    expect(keysOf(kinesisDoor, /Put/)).toEqual(new Set([partners]));
    expect(keysOf(dynamodbDoor, /./)).toEqual(new Set([localCredentials.accessKeyId]));
    expect(dynamodbDoor.calls.some(({ sessionToken }) => sessionToken !== undefined)).toBe(false);
  });

  test('asks STS once for each role, not once a batch', async () => {
    const names = await makeStreams();
    const runtime = runtimeOf(copyOf(names));
    const expected: number[] = [];
    for (const id of [1, 2, 3]) {
      await publishIds(names.source, [id]);
      expected.push(id);
      await runToEnd(runtime, untilCaughtUp);
      expect(await sinkIds(names.sink)).toEqual(expected);
    }
    expect((await runtime.ports.head.load())?.committed?.batchId).toBeGreaterThanOrEqual(2);
    expect(sts.calls.map(({ roleArn }) => roleArn).toSorted()).toEqual([reader, writer]);
  });

  test('goes on with new credentials when the old ones are about to expire', async () => {
    const names = await makeStreams();
    const runtime = runtimeOf(copyOf(names));
    await publishIds(names.source, [1]);
    await runToEnd(runtime, untilCaughtUp);
    const before = new Set(kinesisDoor.calls.map(({ sessionToken }) => sessionToken));

    aheadMs = 56 * 60_000;
    kinesisDoor.calls.length = 0;
    await publishIds(names.source, [2]);
    await runToEnd(runtime, untilCaughtUp);

    expect(await sinkIds(names.sink)).toEqual([1, 2]);
    expect(sts.calls).toHaveLength(4);
    expect(kinesisDoor.calls.filter(({ sessionToken }) => before.has(sessionToken))).toEqual([]);
  });

  test.each([
    ['asks for another external id', () => ({ source: role(reader, { externalId: 'partner-41' }) }), reader],
    ['asks for an external id and gets none', () => ({ source: role(reader) }), reader],
    ['does not exist', () => ({ source: role(`${reader}-2`) }), `${reader}-2`],
    ['may not write, and does not exist', () => ({ sink: role(`${writer}-2`) }), `${writer}-2`],
  ])('is refused by the name of the role when it %s', async (_, roles, arn) => {
    const names = await makeStreams();
    await publishIds(names.source, [1]);
    const result = await runToEnd(runtimeOf(copyOf(names, roles())), untilCaughtUp);
    expect(result).toMatchObject({ kind: 'failed', error: 'NotAllowed' });
    expect(JSON.stringify(result)).toContain(`sts:AssumeRole of ${arn}: AccessDenied`);
    expect(JSON.stringify(result)).toContain('trust policy');
    expect(await sinkIds(names.sink)).toEqual([]);
  });

  test.each(['DescribeStreamSummary', 'GetRecords', 'PutRecords'])(
    'is refused by the name of the role that may not %s',
    async (action) => {
      const names = await makeStreams();
      await publishIds(names.source, [1]);
      kinesisDoor.forbidden.add(action);
      const result = await runToEnd(runtimeOf(copyOf(names)), untilCaughtUp);
      expect(result).toMatchObject({ kind: 'failed', error: 'NotAllowed' });
      const arn = action === 'PutRecords' ? writer : reader;
      expect(JSON.stringify(result)).toContain(`kinesis:${action} is not allowed to the role ${arn}`);
    },
  );

  test('does not find them without the roles', async () => {
    const names = await makeStreams();
    const result = await runToEnd(runtimeOf(copyOf(names, { source: undefined, sink: undefined })), untilCaughtUp);
    expect(JSON.stringify(result)).toContain('StreamNotFound');
  });

  test('says no credentials: not in its log at any level, not in an error that a function throws', async () => {
    const names = await makeStreams();
    await publishIds(names.source, [1, 2]);
    const checked = copyOf(names);
    const said = await outputOf(async () => {
      const say: string[] = [];
      say.push(JSON.stringify(await runToEnd(runtimeOf(checked, kinesisDoor.endpoint, createLog()), untilCaughtUp)));
      kinesisDoor.forbidden.add('DescribeStreamSummary');
      const plan = JSON.parse(readFileSync('events/plan-batch.first-turn.json', 'utf8'));
      for (const refuse of [() => {}, () => sts.roles.clear()]) {
        refuse();
        const { planBatch } = createHandlers(runtimeOf(copyOf(names), kinesisDoor.endpoint, createLog()));
        const error = await planBatch(plan, {}).catch((caught) => caught);
        expect(error).toMatchObject({ name: 'NotAllowed' });
        say.push(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }));
      }
      return say;
    });
    expect(said).toContain('"message":"committed"');
    expect(said).toContain('is not allowed to the role');
    const given = [...sts.secrets, ...sts.sessions.keys()];
    expect(given.length).toBeGreaterThan(3);
    expect(given.filter((secret) => said.includes(secret))).toEqual([]);
    expect(said).not.toMatch(/SECRET-|TOKEN-/);
  });
});

test('a stream by ARN needs no role: whose it is says the ARN, what is allowed its resource policy', async () => {
  const stream = uniqueName('shared');
  await createStream(clientOf(theirs), stream, 1);
  await publishIds(stream, [1, 2, 3]);
  const sink = uniqueName('sink');
  await createStream(clientOf(partners), sink, 1);
  const checked = requirePipeline(
    pipeline(uniqueName('by-arn'))
      .readStream(
        kinesis({
          streamArn: `arn:aws:kinesis:${region}:${theirs}:stream/${stream}`,
          startingPosition: 'TRIM_HORIZON',
        }),
      )
      .decode(json(z.object({ id: z.number() })))
      .groupBy({ odd: (event) => event.id % 2 === 1 })
      .window(perMicroBatch())
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamArn: `arn:aws:kinesis:${region}:${partners}:stream/${sink}` })),
  );
  const door = await guard(world.kinesis.endpoint, sts);
  expect(await runToEnd(runtimeOf(checked, door.endpoint), untilCaughtUp)).toMatchObject({ kind: 'succeeded' });
  expect(sts.calls).toEqual([]);
  expect(keysOf(door, /./)).toEqual(new Set([localCredentials.accessKeyId]));
  await door.stop();
  const rows: unknown[] = [];
  for await (const records of readStream(clientOf(partners), { StreamName: sink }))
    for (const record of records) rows.push(JSON.parse(Buffer.from(record.data).toString('utf8')));
  expect(rows.map((row) => row as { odd: boolean; events: number })).toMatchObject([
    { odd: false, events: 1 },
    { odd: true, events: 2 },
  ]);
});

describe('endpoints and regions', () => {
  test('of source and sink are their own, and the table keeps the region of the program', async () => {
    const names = await makeStreams();
    const elsewhere = clientOf(theirs, 'eu-west-1');
    await createStream(elsewhere, names.source, 1);
    await publishIds(names.source, [7], elsewhere);
    const sinkDoor = await guard(world.kinesis.endpoint, sts);
    const base = copyOf(names);
    const checked: Pipeline = {
      ...base,
      source: { ...base.source, region: 'eu-west-1' },
      outputs: base.outputs.map((output) => ({
        ...output,
        sink: { ...output.sink, options: { ...kinesisSinkOf(output.sink)!, endpointUrl: sinkDoor.endpoint } },
      })),
    };
    expect(await runToEnd(runtimeOf(checked), untilCaughtUp)).toMatchObject({ kind: 'succeeded' });
    expect(await sinkIds(names.sink)).toEqual([7]);
    const regions = (door: Guarded) => new Set(door.calls.map((call) => call.region));
    expect(regions(kinesisDoor)).toEqual(new Set(['eu-west-1']));
    expect(keysOf(kinesisDoor, /Put/).size).toBe(0);
    expect(regions(sinkDoor)).toEqual(new Set([region]));
    expect(new Set(sinkDoor.calls.map(({ action }) => action))).toEqual(new Set(['PutRecords']));
    expect(regions(dynamodbDoor)).toEqual(new Set([region]));
    expect(sts.calls.map((call) => [call.roleArn, call.region]).toSorted()).toEqual([
      [reader, 'eu-west-1'],
      [writer, region],
    ]);
    await sinkDoor.stop();
  });
});
