/**
 * `sluice doctor --restore` on embedded DynamoDB and S3: the table is put back to what it was, while the bucket has gone on. What was deleted since is
 * brought back, and the pipeline goes on as if it had never gone further (DOCTOR-1).
 */

import { fileURLToPath } from 'node:url';
import { type AttributeValue, DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Result } from '../../cli/doctor/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { createRuntime } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { startEmbeddedS3 } from '../support/embedded-s3.ts';
import { plantNothing } from '../support/planted-troubles.ts';
import { runCommand } from '../support/run-command.ts';
import { useWorld } from '../support/use-world.ts';
import { dynamodbOf, makeStreams, publishEvents, readSink, region, runToEnd, table } from '../support/world.ts';
import manyAirports from './pipelines/many-airports.ts';

const world = useWorld();
const name = 'many-airports';
/** More than the table takes of a state. */
const airports = Array.from({ length: 1_000 }, (_, at) => `airport-${at}-${(at * 7_919_191_919) % 999_983}`);

type Items = readonly Record<string, AttributeValue>[];

async function itemsOfPipeline(): Promise<Items> {
  const found: Record<string, AttributeValue>[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodbOf(world).send(new ScanCommand({ TableName: table, ExclusiveStartKey: from }));
    found.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found.filter(({ pk }) => pk!.S === name || pk!.S!.startsWith(`${name}/`));
}

/** What a restore to an earlier moment does, but for the name of the table. */
async function putBack(items: Items): Promise<void> {
  const client = dynamodbOf(world);
  for (const { pk, sk } of await itemsOfPipeline())
    await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: pk!, sk: sk! } }));
  for (const Item of items) await client.send(new PutItemCommand({ TableName: table, Item }));
}

const fileOf = (definition: string): string => fileURLToPath(new URL(`./pipelines/${definition}.ts`, import.meta.url));

async function doctor(...more: readonly string[]) {
  const at = ['--pipeline', name, '--table', table, '--endpoint-url', world.dynamodb.endpoint, '--json'];
  const { code, stdout, stderr } = await runCommand('doctor', ...at, '--state-bucket', 'state', ...more);
  return { code, stderr, answer: JSON.parse(stdout) };
}

test('a pipeline that runs has nothing that failed; a file that it can not go on with is told', async () => {
  const planted = await plantNothing(world);
  const at = ['--pipeline', planted.pipeline, '--table', table, '--endpoint-url', world.dynamodb.endpoint];
  vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', world.kinesis.endpoint);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, stdout, stderr } = await runCommand('doctor', ...at, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Result[] };
  const of = (check: string) =>
    checks.filter((one) => one.check === check).map(({ status, says }) => `${status} ${says}`);
  expect(of('table')).toEqual(expect.arrayContaining(['ok active', 'ok keys pk and sk, both text']));
  expect(of('streams')).toEqual(
    expect.arrayContaining(['ok active', 'ok the stream that the pipeline has read from its beginning']),
  );
  expect(of('clock')).toEqual(['ok that of the service']);
  expect(of('findings')).toEqual(['ok nothing is known to be wrong']);
  expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);

  const ofAnother = await runCommand('doctor', fileOf('departures'), ...at);
  expect(ofAnother.code).toBe(2);
  expect(ofAnother.stderr).toContain(
    `--pipeline ${planted.pipeline}: the file defines departures; leave one of them out`,
  );

  vi.stubEnv('TEST_PIPELINE', planted.pipeline);
  const other = await runCommand('doctor', fileOf('named'), ...at);
  expect(other.code).toBe(1);
  expect(other.stdout).toMatch(/^FAILED +definition: .+: the saved state is of another pipeline: groupBy/m);
  expect(other.stdout).toMatch(/^FAILED +streams: departures: there is no such stream\n +Do: Create it/m);
  expect(other.stderr).toMatch(/^\d+ of \d+ checks failed\.\n$/);
  // Nobody is asked who was not named.
  vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', '');
  expect((await runCommand('doctor', ...at)).stdout).toContain('Set AWS_ENDPOINT_URL_KINESIS');
});

test('what was deleted since the table was what it is is brought back; what is missing for good is told', async () => {
  await using s3 = await startEmbeddedS3('state');
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpointUrl);
  onTestFinished(() => void vi.unstubAllEnvs());
  const streams = await makeStreams(world, 1);
  const pipeline = { ...requirePipeline(manyAirports, streams), minBatchesToRetain: 2 };
  const runtime = createRuntime(pipeline, {
    ...{ table, region, credentials: localCredentials, requestTimeoutMs: 60_000 },
    ...{ kinesisEndpoint: world.kinesis.endpoint, dynamodbEndpoint: world.dynamodb.endpoint },
    ...{ stateBucket: 'state', s3Endpoint: s3.endpointUrl },
  });
  const read = async (minute: number): Promise<void> => {
    const data = airports.map((origin) => ({ date: `2001-01-01T10:${10 + minute}:00Z`, origin }));
    await publishEvents(
      world,
      streams.source,
      data.map((event) => ({ key: event.origin, data: event })),
    );
    expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
  };
  for (const minute of [0, 1]) await read(minute);
  const then = await itemsOfPipeline();
  const objectsThen = [...s3.objects('state').keys()];
  // The windows close, so all that they lay in is let go; and batches are purged.
  expect(await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true })).toMatchObject({ kind: 'succeeded' });
  for (const minute of [2, 3]) await read(minute);
  const deleted = objectsThen.filter((key) => !s3.objects('state').has(key));
  expect(deleted.length).toBeGreaterThan(3);
  await putBack(then);

  const seen = await doctor();
  expect(seen).toMatchObject({ code: 1, answer: { broughtBack: [] } });
  expect(seen.answer.missing.length).toBeGreaterThan(0);
  expect(seen.stderr).toContain('With --restore those are brought back');
  const restored = await doctor('--restore');
  expect(restored).toMatchObject({ code: 0, stderr: '', answer: { missing: [], batches: 2 } });
  expect(deleted).toEqual(expect.arrayContaining(restored.answer.broughtBack));
  expect(restored.answer.broughtBack.some((key: string) => key.includes('/segments/'))).toBe(true);
  expect(await doctor('--restore')).toMatchObject({ code: 0, answer: { broughtBack: [], missing: [] } });

  // It goes on, and what it gives out has all that was counted before.
  expect(await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true })).toMatchObject({ kind: 'succeeded' });
  const rows = (await readSink(world, streams.sink)) as { departures: number }[];
  expect(rows.filter(({ departures }) => departures === 4)).toHaveLength(airports.length);

  await putBack(then);
  const [lost] = restored.answer.broughtBack.filter((key: string) => key.includes('/segments/'));
  s3.forget('state', lost);
  const told = await doctor('--restore');
  expect(told).toMatchObject({ code: 1, answer: { missing: [expect.stringContaining(lost)] } });
  expect(told.stderr).toBe(`1 values of ${name} are missing for good: no version of them is kept.\n`);
});
