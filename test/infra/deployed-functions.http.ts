/** The bundled functions against real APIs: every event of `events/`, and the rights in the template against the calls. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createThreadIsolation } from '../../functions/adapters/isolation/thread-isolation.ts';
import { type Event, type FunctionName, functionNames, rehearse } from '../../local/invoke/rehearsal.ts';
import {
  contextOf,
  type Handler,
  readTemplate,
  type SynthesisedFunction,
  synthesisedFunctions,
} from '../../local/invoke/synthesised-function.ts';
import { readInputFile } from '../../local/publish/input-file.ts';
import { publish } from '../../local/publish/publisher.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { startEmbeddedDynamodb } from '../../local/services/embedded-dynamodb.ts';
import { startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { createStream } from '../../local/services/streams.ts';
import { type RecordedCall, recordCalls } from './calls.ts';
import { actionsOf, statements } from './stack.ts';

type Synthesis = { readonly template: Template; readonly functions: Map<string, SynthesisedFunction> };

const region = 'us-east-1';
const folder = mkdtempSync(join(tmpdir(), 'sluice-deployed-'));
const events = readdirSync('events').filter((name) => /\..+\.json$/.test(name));
const stepOf = (file: string) =>
  functionNames.find((name) => name.toLowerCase() === file.split('.')[0]?.replaceAll('-', ''))!;

const calls = new Map<string, RecordedCall[]>();
const stops: (() => Promise<unknown>)[] = [];
const syntheses = new Map<string, Synthesis>();
let endpoints: { readonly kinesis: string; readonly dynamodb: string };
let proxies: typeof endpoints;
let running = '';

beforeAll(async () => {
  const [kinesis, dynamodb] = [await startEmbeddedKinesis(), await startEmbeddedDynamodb()];
  endpoints = { kinesis: kinesis.endpoint, dynamodb: dynamodb.endpoint };
  const onCall = (call: RecordedCall) => calls.get(running)?.push(call);
  const kinesisCalls = await recordCalls(kinesis.endpoint, onCall);
  const dynamodbCalls = await recordCalls(dynamodb.endpoint, onCall);
  proxies = { kinesis: kinesisCalls.endpoint, dynamodb: dynamodbCalls.endpoint };
  stops.push(kinesisCalls.stop, dynamodbCalls.stop, kinesis.stop, dynamodb.stop);
  for (const pipeline of ['departures', 'republish']) syntheses.set(pipeline, synthesise(pipeline));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

function synthesise(pipeline: string): Synthesis {
  const output = join(folder, pipeline);
  const args = ['--conditions=sluice-source', 'infra/app.ts', '-c', `pipeline=examples/${pipeline}.ts`];
  const app = spawnSync(process.execPath, args, { env: { ...process.env, CDK_OUTDIR: output }, encoding: 'utf8' });
  if (app.status !== 0) throw new Error(app.stderr);
  return { template: Template.fromJSON(readTemplate(output) as never), functions: synthesisedFunctions(output) };
}

/** Streams with flights and a table of its own for each world; the handlers are loaded anew, since they read the environment. */
async function newWorld(world: string, pipeline: string, flights = 300) {
  const { functions } = syntheses.get(pipeline)!;
  const kinesis = kinesisClient({ region, endpoint: endpoints.kinesis, credentials: localCredentials });
  await createStream(kinesis, `${world}-source`, 2);
  await createStream(kinesis, `${world}-sink`, 1);
  await ensureTable(dynamodbClient({ region, endpoint: endpoints.dynamodb, credentials: localCredentials }), world);
  const [chunk = []] = await firstOf(
    readInputFile({ path: 'examples/data/flights.ndjson.gz', partitionKey: 'origin' }),
  );
  async function* some() {
    yield [...chunk.slice(0, flights), { data: Buffer.from('not a flight'), partitionKey: 'nowhere' }];
  }
  await publish({ client: kinesis, stream: { StreamName: `${world}-source` }, events: some() });
  const environment = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    SLUICE_TABLE: world,
    SLUICE_SOURCE: `${world}-source`,
    SLUICE_SINK: `${world}-sink`,
    SLUICE_KINESIS_ENDPOINT: proxies.kinesis,
    SLUICE_DYNAMODB_ENDPOINT: proxies.dynamodb,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const handlers = new Map<string, Handler>();
  for (const [name, { bundle }] of functions) {
    const { handler } = await import(/* @vite-ignore */ `${pathToFileURL(bundle).href}?world=${world}`);
    handlers.set(name, handler);
  }
  return async (name: FunctionName, event: Event) => {
    running = `${pipeline} ${name}`;
    calls.set(running, calls.get(running) ?? []);
    return handlers.get(name)!(event, contextOf(functions.get(name)!));
  };
}

async function firstOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  for await (const item of items) return [item];
  return [];
}

const answers: Readonly<Record<FunctionName, object>> = {
  PlanBatch: { next: 'process', tasks: [0] },
  ProcessShards: { outcome: 'moved' },
  SealBatch: { next: 'reduce' },
  ReduceKeyGroup: { keyGroup: 0, emitted: expect.any(Number), done: true, progressed: true },
  CommitBatch: { turn: 1 },
};

describe('a function answers', () => {
  test.each(events)('%s', async (file) => {
    const call = await newWorld(file.replaceAll('.', '-').replace(/-json$/, ''), 'departures');
    const step = stepOf(file);
    const event = await rehearse(step, JSON.parse(readFileSync(`events/${file}`, 'utf8')), call);
    expect(await call(step, event)).toMatchObject(answers[step]);
  });

  test('without aggregation, from the plan to the commit', async () => {
    const call = await newWorld('republish', 'republish');
    const event = JSON.parse(readFileSync('events/plan-batch.next-turn.json', 'utf8'));
    expect(await call('PlanBatch', await rehearse('PlanBatch', event, call))).toMatchObject({ next: 'process' });
  });

  test('in a thread of its own, where the bundle of the executor runs user code apart', async () => {
    await newWorld('apart', 'departures', 1);
    const { bundle } = syntheses.get('departures')!.functions.get('ProcessShards')!;
    const isolation = createThreadIsolation({ entry: pathToFileURL(bundle), memoryMb: 512 });
    const isolate = isolation.open('event', { batchId: 0, watermark: null, generation: 1, ref: 1 });
    const flight = { date: '2001-01-01T10:05:00Z', delay: 3, distance: 100, origin: 'ORD', destination: 'LAX' };
    const meta = {
      ...{ streamName: 'source', shardId: 'shardId-0', partitionKey: 'ORD', explicitHashKey: undefined },
      ...{ sequenceNumber: '1', subSequenceNumber: 0, arrivalTime: new Date('2001-01-02') },
    };
    const answer = isolate.run({ data: Buffer.from(JSON.stringify(flight)), meta, base: 'TRIM_HORIZON' });
    isolate.close();
    expect(answer).toMatchObject({ kind: 'answered', output: { verdict: 'counted', grouped: { keyValues: ['ORD'] } } });
  });

  test('an event that is none of its own with a refusal by name', async () => {
    const call = await newWorld('refusal', 'departures');
    await expect(call('SealBatch', { batchId: 'first' })).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});

/** Granted, but these runs do not get there. */
const notReached: Partial<Record<FunctionName, readonly string[]>> = {
  // What is left of a request to redrive dead letters is in its parts. A plan of one small task is passed on, and not put.
  PlanBatch: ['dynamodb:Query', 'dynamodb:PutItem'],
  // The sink is asked what it takes when there is a record of more than every stream takes; the source whether a shard is
  // closed when an answer leaves that open. A task that is passed on is not read.
  ProcessShards: ['kinesis:DescribeStreamSummary', 'kinesis:ListShards', 'dynamodb:GetItem'],
  // Dead letters of the reduce are results too large for a record.
  ReduceKeyGroup: ['dynamodb:BatchWriteItem', 'kinesis:DescribeStreamSummary'],
  // The purge begins when more batches are committed than are kept.
  CommitBatch: ['dynamodb:Query', 'dynamodb:BatchWriteItem'],
};

describe.each(['departures', 'republish'])('the roles of %s', (pipeline) => {
  const granted = (step: string) =>
    new Set(
      statements(syntheses.get(pipeline)!.template)
        .filter(({ role }) => role.includes(`${step}Role`))
        .flatMap(({ statement }) => actionsOf(statement)),
    );
  const used = (step: string) => new Set((calls.get(`${pipeline} ${step}`) ?? []).map(({ action }) => action));

  test.each(functionNames)('allow %s what it calls', (step) => {
    const missing = [...used(step)].filter((action) => !granted(step).has(action));
    expect(missing).toEqual([]);
  });

  test.each(functionNames)('allow %s no more than that', (step) => {
    const called = used(step);
    // Without aggregation nothing is reduced.
    if (called.size === 0) return;
    // What these runs store is too small for the bucket.
    const isOther = (action: string) => action.startsWith('logs:') || action.startsWith('s3:');
    const unused = [...granted(step)].filter((action) => !called.has(action) && !isOther(action));
    expect(unused.filter((action) => !notReached[step]?.includes(action))).toEqual([]);
  });

  test('are confined to keys that all begin with the name of the pipeline', () => {
    const keys = functionNames.flatMap((step) =>
      (calls.get(`${pipeline} ${step}`) ?? []).flatMap((call) => call.partitionKeys),
    );
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => key !== pipeline && !key.startsWith(`${pipeline}/`))).toEqual([]);
  });
});
