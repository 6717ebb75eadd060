/** `sluice dev --step-functions`: the commands for a deployed pipeline, and any client of Step Functions, on a local one. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionCommandInput,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { sluice } from '../support/sluice-command.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const pipelineFile = fileURLToPath(new URL('./pipelines/each-second.ts', import.meta.url));
const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:departures';
const flight = (minute: number) => JSON.stringify({ date: `2001-01-01T10:${minute}:00Z`, origin: 'ORD' });

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-states-'));
let run: ReturnType<typeof startDev>;
let address: string;
let client: SFNClient;

/** A run whose lines can be waited for. */
function startDev(...args: string[]) {
  const { AWS_ENDPOINT_URL_KINESIS: _, AWS_ENDPOINT_URL_DYNAMODB: __, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, 'dev', ...args], {
    env: { ...env, AWS_REGION: 'us-east-1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    line: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
          if (found !== undefined) resolve(found!);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`ended with ${code}:\n${lines.join('\n')}`)));
      }),
    interrupt: () => child.kill('SIGINT'),
    kill: () => child.kill('SIGKILL'),
    ended,
    lines,
  };
}

beforeAll(async () => {
  const input = path.join(folder, 'flights.ndjson');
  writeFileSync(input, [10, 11, 12].map(flight).join('\n'));
  run = startDev(
    pipelineFile,
    '--input',
    input,
    '--no-page',
    '--step-functions',
    '--step-functions-port',
    '0',
    '--json',
  );
  [, address = ''] = await run.line(/^Step Functions, Kinesis and DynamoDB: (http:\S+), /);
  client = new SFNClient({ endpoint: address, region: 'us-east-1', credentials: localCredentials });
  await run.line(/^The run has ended\. Executions can still be started/);
});
afterAll(() => {
  run.kill();
  client.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const command = (name: string, ...more: string[]) =>
  sluice([name, '--pipeline', 'departures', '--endpoint-url', address, ...more]);
const start = async (asked: StartExecutionCommandInput): Promise<string> =>
  (await client.send(new StartExecutionCommand(asked))).executionArn!;
/** Which lets a pipeline run again that was told to stop. */
const startByCommand = async (): Promise<string> => {
  const { code, stdout, stderr } = await command('start', '--state-machine', stateMachineArn, '--json');
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { execution: string }).execution;
};
const untilPlanned = (arn: string) =>
  vi.waitFor(
    async () => {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }));
      expect(events.map(({ stateExitedEventDetails }) => stateExitedEventDetails?.name)).toContain('PlanBatch');
    },
    { timeout: 20_000 },
  );
const describeOf = (arn: string) => client.send(new DescribeExecutionCommand({ executionArn: arn }));
const untilOver = (arn: string) =>
  vi.waitFor(
    async () => {
      const answer = await describeOf(arn);
      expect(answer.status).not.toBe('RUNNING');
      return answer;
    },
    { timeout: 20_000 },
  );

test('the machine of a run is not started as that of another pipeline', async () => {
  const args = ['start', '--pipeline', 'arrivals', '--endpoint-url', address, '--state-machine', stateMachineArn];
  const { code, stderr } = await sluice(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('it drives the pipeline departures') });
});

test('the executions of the run itself are there, with what they did', async () => {
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
  expect(executions).toMatchObject([{ status: 'SUCCEEDED' }]);
  const { executionArn } = executions[0]!;
  const { input } = await describeOf(executionArn!);
  expect(JSON.parse(input!)).toEqual({ untilCaughtUp: true, closeWindows: true });
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
  const entered = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  expect(entered).toEqual(expect.arrayContaining(['NewRun', 'PlanBatch', 'ReadTask', 'ReduceKeyGroup', 'CommitBatch']));
  expect(events.filter(({ type }) => type === 'TaskFailed')).toEqual([]);
  expect(events.at(-1)!.type).toBe('ExecutionSucceeded');
});

test('a client starts one that reads what has come since', async () => {
  const kinesis = kinesisClient({ region: 'us-east-1', endpoint: address, credentials: localCredentials });
  const Records = [{ Data: Buffer.from(flight(13)), PartitionKey: 'ORD' }];
  await kinesis.send(new PutRecordsCommand({ StreamName: 'flights', Records }));
  kinesis.destroy();
  const asked = { stateMachineArn, name: 'mine', input: '{"untilCaughtUp":true}' };
  const { status, output } = await untilOver(await start(asked));
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output!)).toMatchObject({ turn: { batch: { reason: 'caught-up' } } });
  const last = await command('progress', '--last', '1', '--json');
  // The windows of finite input are closed: what comes later is late.
  expect(JSON.parse(last.stdout)).toMatchObject({ read: 1, late: 1 });
});

test('one that asks for what the pipeline does not have fails, and its error is told', async () => {
  const asked = { stateMachineArn, input: '{"untilCaughtUp":"yes"}' };
  expect(await untilOver(await start(asked))).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
});

test('StopExecution leaves the lease, as a crash does: `stop --now` frees it', async () => {
  const first = await start({ stateMachineArn });
  await untilPlanned(first);
  await client.send(new StopExecutionCommand({ executionArn: first, cause: 'to see what happens' }));
  expect(await describeOf(first)).toMatchObject({ status: 'ABORTED', cause: 'to see what happens' });
  const { output } = await untilOver(await start({ stateMachineArn }));
  expect(JSON.parse(output!)).toMatchObject({ turn: { batch: { reason: 'another-driver' } } });
  expect(await command('stop', '--now', '--yes')).toMatchObject({ code: 0 });
});

test('`start`, `status` and `stop` do what they do with a deployed pipeline', async () => {
  const arn = await startByCommand();
  await untilPlanned(arn);
  const status = JSON.parse((await command('status', '--json')).stdout);
  expect(status).toMatchObject({ state: 'running', execution: expect.stringContaining(`/${arn}`) });
  expect(await command('stop')).toMatchObject({ code: 0 });
  expect(await untilOver(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('Ctrl-C ends the run, and what runs in it', async () => {
  const last = await startByCommand();
  expect((await describeOf(last)).status).toBe('RUNNING');
  run.interrupt();
  expect(await run.ended, run.lines.join('\n')).toBe(0);
  await expect(client.send(new ListExecutionsCommand({ stateMachineArn }))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});
