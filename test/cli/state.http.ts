/** `sluice state` and `readState` on embedded DynamoDB and S3: their answers are those of docs/operations.md. */
import { spawn } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { readState } from '../../functions/state.ts';
import { createRuntime } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { fenceNoted, readDocument } from '../docs/documents.ts';
import { type EmbeddedS3, startEmbeddedS3 } from '../support/embedded-s3.ts';
import { sluice } from '../support/sluice-command.ts';
import { useWorld } from '../support/use-world.ts';
import { dynamodbOf, makeStreams, publishEvents, region, runToEnd, runtimeOf, table } from '../support/world.ts';
import departures from './pipelines/departures.ts';
import manyAirports from './pipelines/many-airports.ts';

const file = fileURLToPath(new URL('./pipelines/departures.ts', import.meta.url));
const operations = readDocument('docs/operations.md');
const flights = [
  [
    { date: '2001-01-01T10:05:00Z', delay: 2, origin: 'ORD' },
    { date: '2001-01-01T10:10:00Z', delay: 4, origin: 'ORD' },
  ],
  [
    { date: '2001-01-01T10:15:00Z', delay: 9, origin: 'ORD' },
    { date: '2001-01-01T10:20:00Z', delay: -1, origin: 'SEA' },
  ],
];
const world = useWorld();
/** The last batch with the first two flights, and the last of all. */
let [first, last] = [0, 0];

beforeAll(async () => {
  const streams = await makeStreams(world, 1);
  const runtime = runtimeOf(world, requirePipeline(departures, streams));
  const afterRun = async (some: (typeof flights)[number]): Promise<number> => {
    await publishEvents(
      world,
      streams.source,
      some.map((data) => ({ key: data.origin, data })),
    );
    await runToEnd(runtime, { untilCaughtUp: true });
    return (await runtime.ports.head.load())!.committed!.batchId;
  };
  first = await afterRun(flights[0]!);
  last = await afterRun(flights[1]!);
}, 60_000);

const at = () => ['--table', table, '--endpoint-url', world.dynamodb.endpoint];
const shown = (...more: string[]) => sluice(['state', file, ...at(), ...more]);
const byName = (...more: string[]) => sluice(['state', '--pipeline', 'departures', ...at(), ...more]);
/** Without the first line, which says how large it is. */
const linesOf = (stdout: string): string => stdout.slice(stdout.indexOf('\n') + 1);

test('shows what is open, as the documents say', async () => {
  const { code, stdout, stderr } = await shown('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({
    ...{ kind: 'state', view: 'rows', pipeline: 'departures', batchId: last, parallelism: 2 },
    ...{ shown: 2, hasMore: false },
  });
  expect(linesOf(stdout)).toBe(fenceNoted(operations, 'says: state'));
});

test('shows what two batches differ in, as the documents say', async () => {
  const { code, stdout } = await shown('--changes', `${first}..${last}`, '--json');
  expect(code).toBe(0);
  expect(linesOf(stdout)).toBe(fenceNoted(operations, 'says: changes of state'));
});

test('shows a table for people, says that there is more, and tells the state of a batch before', async () => {
  const { stdout } = await shown('--limit', '1', '--batch', `${last}`);
  expect(stdout).toContain(`batch      ${last}\n`);
  expect(stdout).toContain('│ averageDelay │');
  expect(stdout).toContain('There are more: --limit, --group, --key');
  const earlier = await byName('--batch', `${first}`, '--by-window');
  expect(earlier.stdout).toMatch(/window │ 2001-01-01T10:00:00.000Z │ 2001-01-01T11:00:00.000Z │ 1 +│ 0 /);
});

test('refuses a batch that there is not, by name', async () => {
  expect(await shown('--batch', `${last + 1}`)).toMatchObject({
    ...{ code: 2, stdout: '', stderr: `batch ${last + 1} is not committed: use one from 0 to ${last}, the last one\n` },
  });
});

test('refuses what programs ask for, by name', async () => {
  const dynamodb = dynamodbOf(world);
  const failed = (options: object) =>
    readState({ pipeline: departures, tableName: table, dynamodb, ...options }).catch(String);
  expect(await failed({ tableName: '', batchId: -1, bucketName: '' })).toBe(
    'InvalidInput: tableName:  is not allowed; use the name of the table; ' +
      'bucketName:  is not allowed; use the name of the bucket; batchId: -1 is not allowed; use a whole number from 0 on',
  );
  expect(await failed({ pipeline: '' })).toContain('pipeline: it is missing; use the definition, or its name');
  expect(await failed({ pipeline: 'others' })).toBe('InvalidInput: pipeline others has never run on this table');
  expect(await failed({ batchId: last + 1 })).toContain(`batch ${last + 1} is not committed`);
  expect(await failed({ tableName: 'nowhere' })).toContain('NotAllowed: table nowhere');
});

test('a program reads what the documents say', async () => {
  const code = fenceNoted(operations, 'runs: read state')
    .replace("'./examples/departures.ts'", "'./test/cli/pipelines/departures.ts'")
    .replace("'<TableName>'", `'${table}'`);
  const args = ['--conditions=sluice-source', '--input-type=module', '-e', stripTypeScriptTypes(code)];
  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: region };
  const env = { ...process.env, ...credentials, AWS_ENDPOINT_URL_DYNAMODB: world.dynamodb.endpoint };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect({ stdout, stderr }).toEqual({ stdout: fenceNoted(operations, 'says: read state'), stderr: '' });
});

/** More than the table takes of a state. */
const airports = Array.from({ length: 700 }, (_, at) => `airport-${at}-${(at * 7_919_191_919) % 999_983}`);

test('state in the bucket of another server than S3 is found by command and program: buckets are paths there', async () => {
  await using s3: EmbeddedS3 = await startEmbeddedS3('state');
  // A name and no address: of an address the SDK makes paths by itself.
  const endpoint = s3.endpointUrl.replace('127.0.0.1', 'localhost');
  const streams = await makeStreams(world, 1);
  const runtime = createRuntime(requirePipeline(manyAirports, streams), {
    ...{ table, region, credentials: localCredentials, requestTimeoutMs: 60_000 },
    ...{ kinesisEndpoint: world.kinesis.endpoint, dynamodbEndpoint: world.dynamodb.endpoint },
    ...{ stateBucket: 'state', s3Endpoint: endpoint },
  });
  const events = airports.map((origin) => ({ key: origin, data: { date: '2001-01-01T10:05:00Z', origin } }));
  await publishEvents(world, streams.source, events);
  await runToEnd(runtime, { untilCaughtUp: true });
  expect(s3.objects('state').size).toBeGreaterThan(0);
  const asked = s3.requests.length;

  const many = fileURLToPath(new URL('./pipelines/many-airports.ts', import.meta.url));
  const flags = ['--state-bucket', 'state', '--key', airports[9]!, '--json'];
  const environment = { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region };
  const { code, stdout, stderr } = await sluice(['state', many, ...at(), ...flags], { environment });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(linesOf(stdout))).toMatchObject({ key: { origin: airports[9] }, values: { departures: 1 } });
  const requests = s3.requests.slice(asked);
  expect(requests.length).toBeGreaterThan(0);
  expect(requests.filter((request) => !request.startsWith('GET /state/many-airports/'))).toEqual([]);

  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  onTestFinished(() => void vi.unstubAllEnvs());
  const where = { tableName: table, bucketName: 'state', region, dynamodb: dynamodbOf(world) };
  const state = await readState({ pipeline: manyAirports, ...where });
  const rows = await Array.fromAsync(state.rows());
  expect(rows.map(({ key }) => key.origin).sort()).toEqual(airports.toSorted());
  expect(await state.windows()).toMatchObject({ windows: [{ keys: airports.length, given: 0 }], left: 0 });
});
