/** `sluice start`, through the Step Functions API, here a server that records what it is asked; and `sluice status`. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Definition } from '../../state-machine/asl.ts';
import { ofPipeline } from '../../state-machine/driven-pipeline.ts';
import { departuresPipeline } from '../support/departures-case.ts';
import {
  makeStreams,
  publishEvents,
  runToEnd,
  runtimeOf,
  startWorld,
  table,
  uniqueName,
  type World,
} from '../support/world.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const stateMachine = 'arn:aws:states:us-east-1:000000000000:stateMachine:departures';
const machine: Definition = { StartAt: 'Done', States: { Done: { Type: 'Succeed' } }, TimeoutSeconds: 1 };
const requests: { readonly target: string | undefined; readonly body: unknown }[] = [];

/** What is answered to DescribeStateMachine: of a machine that does not say which pipeline it drives, if not said. */
let described: { readonly status: number; readonly body: object } = { status: 200, body: { definition: '{}' } };

let world: World;
let stepFunctions: Server;

beforeAll(async () => {
  world = await startWorld();
  stepFunctions = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { stateMachineArn: string };
      requests.push({ target: request.headers['x-amz-target'] as string | undefined, body });
      const isKnown = body.stateMachineArn === stateMachine;
      const answered =
        request.headers['x-amz-target'] === 'AWSStepFunctions.DescribeStateMachine' ? described : undefined;
      response.writeHead(isKnown && answered?.status !== 400 ? 200 : 400, {
        'content-type': 'application/x-amz-json-1.0',
      });
      const execution = `${stateMachine.replace(':stateMachine:', ':express:')}:e:1`;
      const refusal = { __type: 'StateMachineDoesNotExist', message: 'State Machine Does Not Exist' };
      const started = { executionArn: execution, startDate: 1 };
      response.end(JSON.stringify(isKnown ? (answered?.body ?? started) : refusal));
    });
  });
  await new Promise<void>((resolve) => stepFunctions.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  stepFunctions.close();
  await world.stop();
});

async function sluice(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL_SFN: `http://127.0.0.1:${(stepFunctions.address() as AddressInfo).port}`,
    AWS_ENDPOINT_URL_DYNAMODB: world.dynamodb.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
  };
  const run = promisify(execFile)(process.execPath, ['--conditions=sluice-source', main, ...args], {
    env: environment,
  });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

test('starts an execution with an empty request, and lets a stopped pipeline run again', async () => {
  const name = uniqueName('started');
  const runtime = runtimeOf(world, departuresPipeline(name, await makeStreams(world, 1)));
  await runToEnd(runtime, { untilCaughtUp: true });
  await runtime.ports.head.setControl('stop');

  const started = await sluice(
    'start',
    '--pipeline',
    name,
    '--table',
    table,
    '--state-machine',
    stateMachine,
    '--json',
  );
  expect(started).toMatchObject({ code: 0 });
  expect(JSON.parse(started.stdout)).toEqual({
    pipeline: name,
    execution: 'arn:aws:states:us-east-1:000000000000:express:departures:e:1',
  });
  expect(requests).toEqual([
    { target: 'AWSStepFunctions.DescribeStateMachine', body: { stateMachineArn: stateMachine } },
    { target: 'AWSStepFunctions.StartExecution', body: { stateMachineArn: stateMachine, input: '{}' } },
  ]);
  expect((await runtime.ports.head.load())?.control).toBe('run');
});

test('status shows the executors of the last batch, and with --verbose its shards', async () => {
  const name = uniqueName('status');
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, [
    { key: 'a', data: { at: '2001-01-01T00:10:00Z', origin: 'x', delay: 1 } },
  ]);
  await runToEnd(runtimeOf(world, departuresPipeline(name, streams)), { untilCaughtUp: true });
  const flags = ['status', '--pipeline', name, '--table', table];
  const plain = await sluice(...flags);
  expect(plain.stdout).toMatch(/^executors {2}1 executor, \d+\.\d s$/m);
  expect(plain.stdout).not.toContain('shardId-');
  const { stdout } = await sluice(...flags, '--verbose');
  expect(stdout).toMatch(/shard +│ state +│ records/);
  expect(stdout.match(/shardId-0000000000\d\d │ caught-up │ [01] +│/g)).toHaveLength(2);
  const { lastBatch } = JSON.parse((await sluice(...flags, '--json')).stdout);
  expect(lastBatch.perShard).toMatchObject([{ state: 'caught-up' }, { state: 'caught-up' }]);
  expect(lastBatch.perShard.map(({ calls }: { readonly calls: number }) => calls)).toEqual([1, 1]);
  expect(lastBatch.perTask).toMatchObject([{ task: 0, shards: 2, records: 1 }]);
});

test('a pipeline whose driver runs is left alone, with exit code 4', async () => {
  const name = uniqueName('held');
  const runtime = runtimeOf(world, departuresPipeline(name, await makeStreams(world, 1)));
  await runToEnd(runtime, { untilCaughtUp: true });
  const head = (await runtime.ports.head.load())!;
  const claim = {
    owner: 'someone',
    claim: 'theirs',
    execution: 'their-execution',
    source: { listedAt: undefined, retentionMs: 1 },
  };
  await runtime.ports.head.claim(head, { ...claim, leaseUntil: Date.now() + 60_000 });
  const before = requests.length;
  const refused = await sluice('start', '--pipeline', name, '--table', table, '--state-machine', stateMachine);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('held by their-execution until');
  expect(requests).toHaveLength(before);
});

test('the machine of another pipeline is refused by name, and nothing is changed; where it may not be looked at, it is started', async () => {
  const name = uniqueName('mistaken');
  const runtime = runtimeOf(world, departuresPipeline(name, await makeStreams(world, 1)));
  await runToEnd(runtime, { untilCaughtUp: true });
  await runtime.ports.head.setControl('stop');
  const start = () => sluice('start', '--pipeline', name, '--table', table, '--state-machine', stateMachine);
  onTestFinished(() => {
    described = { status: 200, body: { definition: '{}' } };
  });

  const definition = JSON.stringify(ofPipeline({ ...machine, Comment: 'A loop.' }, 'arrivals.v2'));
  described = { status: 200, body: { definition } };
  const before = requests.length;
  const refused = await start();
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('it drives the pipeline arrivals.v2; use that of'),
  });
  expect(requests.slice(before).map(({ target }) => target)).toEqual(['AWSStepFunctions.DescribeStateMachine']);
  expect((await runtime.ports.head.load())?.control).toBe('stop');

  for (const __type of ['AccessDeniedException', 'KmsAccessDeniedException']) {
    described = { status: 400, body: { __type, message: 'not authorized' } };
    expect(await start(), __type).toMatchObject({ code: 0 });
    expect((await runtime.ports.head.load())?.control).toBe('run');
    await runtime.ports.head.setControl('stop');
  }

  described = { status: 200, body: { definition: JSON.stringify(ofPipeline(machine, name)) } };
  expect(await start()).toMatchObject({ code: 0 });
});

test('a machine that is not there is told, with exit code 3', async () => {
  const refused = await sluice(
    'start',
    '--pipeline',
    'any',
    '--table',
    table,
    '--state-machine',
    `${stateMachine}-other`,
  );
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('State Machine Does Not Exist');
});

test('without a machine or a name both are asked for, and nothing is called', async () => {
  const before = requests.length;
  const refused = await sluice('start');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/--state-machine.*\n.*--pipeline/);
  expect(requests).toHaveLength(before);
});
