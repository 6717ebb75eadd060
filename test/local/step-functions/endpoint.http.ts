/** The endpoint of Step Functions as the SDK's client sees it: what it answers, and what it refuses by which type. */
import { Agent, request } from 'node:http';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionCommandInput,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WatchedExecution } from '../../../local/driver/executions.ts';
import { LocalProblem } from '../../../local/local-problem.ts';
import { localCredentials } from '../../../local/services/clients.ts';
import { ExecutionLog } from '../../../local/step-functions/execution-log.ts';
import { createLocalMachine } from '../../../local/step-functions/local-machine.ts';
import { type Endpoint, serveStepFunctions } from '../../../local/step-functions/server.ts';

const stateMachineArn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:departures';
const executionArn = (name: string) => `arn:aws:states:eu-west-1:000000000000:execution:departures:${name}`;

let now: number;
let log: ExecutionLog;
let endpoint: Endpoint;
let client: SFNClient;
/** What was begun, by name. */
let runs: Map<string, { readonly input: unknown; readonly execution: WatchedExecution }>;

beforeEach(async () => {
  now = 1_000_000_000_000;
  runs = new Map();
  log = new ExecutionLog({ ...{ region: 'eu-west-1', pipeline: 'departures' }, now: () => now, mostExecutions: 6 });
  const machine = createLocalMachine(log);
  machine.open((input, execution) => runs.set(execution.arn.split(':').at(-1)!, { input, execution }));
  const nowhere = 'http://127.0.0.1:1';
  endpoint = await serveStepFunctions({ machine, kinesis: nowhere, dynamodb: nowhere, port: 0 });
  client = new SFNClient({
    ...{ endpoint: endpoint.address, region: 'eu-west-1', credentials: localCredentials },
    ...{ disableHostPrefix: true, maxAttempts: 1 },
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

const start = (more: Partial<StartExecutionCommandInput> = {}) =>
  client.send(new StartExecutionCommand({ stateMachineArn, ...more }));
const describeOf = (name: string) => client.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
const succeed = (name: string, output: unknown) => runs.get(name)!.execution.end({ kind: 'succeeded', output });

describe('StartExecution', () => {
  test('runs its input and tells when it began', async () => {
    const answer = await start({ name: 'one', input: '{"untilCaughtUp":true}' });
    expect(answer).toMatchObject({ executionArn: executionArn('one'), startDate: new Date(now) });
    expect(runs.get('one')!.input).toEqual({ untilCaughtUp: true });
  });

  test('without a name makes one, without an input gives an empty request', async () => {
    const { executionArn: arn } = await start();
    expect(arn).toMatch(new RegExp(`^${executionArn('')}[0-9a-f-]{36}$`));
    expect([...runs.values()].map(({ input }) => input)).toEqual([{}]);
  });

  test('of the same name and input as one that runs is that one', async () => {
    const first = await start({ name: 'one', input: '{"a":1}' });
    now += 60_000;
    const again = await start({ name: 'one', input: '{"a":1}' });
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    expect(log.all()).toHaveLength(1);
  });

  test('of a name that runs with another input, or that is over, is refused', async () => {
    await start({ name: 'one', input: '{"a":1}' });
    const taken = { name: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${executionArn('one')}'` };
    await expect(start({ name: 'one', input: '{"a":2}' })).rejects.toMatchObject(taken);
    succeed('one', {});
    await expect(start({ name: 'one', input: '{"a":1}' })).rejects.toMatchObject(taken);
  });

  test.each(['a b', 'a<b', 'a/b', 'a:b', 'a*', 'a"', 'a\u0007', 'a\u0085', 'a$', 'a,b', 'a;b'])(
    'refuses the name %j',
    async (name) => {
      await expect(start({ name })).rejects.toMatchObject({ name: 'InvalidName', message: `Invalid Name: '${name}'` });
      expect(runs.size).toBe(0);
    },
  );

  test.each(['a', 'A-b_c.9', 'é', "it's", 'a+b=c@d!(e)', 'x'.repeat(80)])('takes the name %j', async (name) => {
    expect(await start({ name })).toMatchObject({ executionArn: executionArn(name) });
  });

  test('refuses an input that is no JSON, or has too many bytes', async () => {
    await expect(start({ input: '{' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    const wide = JSON.stringify('é'.repeat(200_000));
    await expect(start({ input: wide })).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
      message: expect.stringContaining('400002 bytes; 262144 are allowed'),
    });
    expect(await start({ name: 'full', input: JSON.stringify('x'.repeat(262_142)) })).toBeDefined();
  });

  test('tells all that is wrong with its members at once', async () => {
    const wrong = { name: 'x'.repeat(81), input: ' '.repeat(262_145), traceHeader: 'é' };
    await expect(start(wrong)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(
        /^3 validation errors detected: .*'name'.*equal to 80; .*'input'.*equal to 262144; .*'traceHeader'.*pattern/,
      ),
    });
  });

  test('of a machine that is not there, or of what is no ARN of one, is refused', async () => {
    const of = (arn: string) => start({ stateMachineArn: arn }).catch(({ name }: Error) => name);
    expect(await of(`${stateMachineArn}-other`)).toBe('StateMachineDoesNotExist');
    expect(await of(`${stateMachineArn}:1`)).toBe('StateMachineDoesNotExist');
    const none = [
      'departures',
      'arn:aws:sqs:eu-west-1:000000000000:stateMachine:a',
      executionArn('one'),
      `${stateMachineArn}:`,
    ];
    for (const arn of none) expect(await of(arn), arn).toBe('InvalidArn');
    expect(await of('x'.repeat(257))).toBe('ValidationException');
  });
});

describe('DescribeExecution', () => {
  test('of one that runs, and of one that has succeeded', async () => {
    await start({ name: 'one', input: '{"a":1}', traceHeader: 'Root=1-2-3' });
    const running = await describeOf('one');
    expect(running).toMatchObject({
      ...{ executionArn: executionArn('one'), stateMachineArn, name: 'one', status: 'RUNNING', input: '{"a":1}' },
      ...{ startDate: new Date(now), traceHeader: 'Root=1-2-3', inputDetails: { included: true }, redriveCount: 0 },
    });
    expect([running.stopDate, running.output]).toEqual([undefined, undefined]);
    now += 5_000;
    succeed('one', { turn: 7 });
    expect(await describeOf('one')).toMatchObject({
      ...{ status: 'SUCCEEDED', output: '{"turn":7}', stopDate: new Date(now), outputDetails: { included: true } },
    });
  });

  test('of one that has failed, and of one whose time was over, with error and cause', async () => {
    await start({ name: 'one' });
    await start({ name: 'two' });
    runs.get('one')!.execution.end({ kind: 'failed', error: 'FingerprintChanged', cause: 'because' });
    const { execution } = runs.get('two')!;
    execution.onEvent({ type: 'ExecutionTimeout', timestamp: now });
    execution.end({ kind: 'failed', error: 'States.Timeout', cause: 'too long' });
    expect(await describeOf('one')).toMatchObject({ status: 'FAILED', error: 'FingerprintChanged', cause: 'because' });
    expect(await describeOf('two')).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', cause: 'too long' });
  });

  test('without its data, if asked so', async () => {
    await start({ name: 'one', input: '{"a":1}' });
    const asked = { executionArn: executionArn('one'), includedData: 'METADATA_ONLY' as const };
    const answer = await client.send(new DescribeExecutionCommand(asked));
    expect(answer).toMatchObject({ status: 'RUNNING', inputDetails: { included: false } });
    expect(answer.input).toBeUndefined();
  });

  test('of one that is not there, or of what is no ARN of one, is refused', async () => {
    await expect(describeOf('none')).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    const of = (arn: string) => client.send(new DescribeExecutionCommand({ executionArn: arn }));
    await expect(of(stateMachineArn)).rejects.toMatchObject({ name: 'InvalidArn' });
  });
});

describe('StopExecution', () => {
  test('ends one at once, with its reason, and tells when', async () => {
    await start({ name: 'one' });
    now += 1_000;
    const stop = new StopExecutionCommand({ executionArn: executionArn('one'), error: 'Mine', cause: 'enough' });
    expect(await client.send(stop)).toMatchObject({ stopDate: new Date(now) });
    expect(runs.get('one')!.execution.signal.aborted).toBe(true);
    expect(await describeOf('one')).toMatchObject({ status: 'ABORTED', error: 'Mine', cause: 'enough' });
  });

  test('changes nothing of one that is over', async () => {
    await start({ name: 'one' });
    succeed('one', {});
    const before = now;
    now += 1_000;
    const answer = await client.send(new StopExecutionCommand({ executionArn: executionArn('one') }));
    expect(answer.stopDate).toEqual(new Date(before));
    expect(await describeOf('one')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('of one that is not there, or with too long a reason, is refused', async () => {
    const stop = (name: string, error?: string) =>
      client.send(new StopExecutionCommand({ executionArn: executionArn(name), error }));
    await expect(stop('none')).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    await expect(stop('none', 'e'.repeat(257))).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('ListExecutions', () => {
  const list = (more: object = {}) => client.send(new ListExecutionsCommand({ stateMachineArn, ...more }));
  const names = ({ executions = [] }: { executions?: { name?: string | undefined }[] | undefined }) =>
    executions.map(({ name }) => name);

  beforeEach(async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await start({ name });
    succeed('b', {});
    succeed('d', {});
  });

  test('has the latest first, and by its filter those of one status', async () => {
    expect(names(await list())).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(names(await list({ statusFilter: 'RUNNING' }))).toEqual(['e', 'c', 'a']);
    expect(names(await list({ statusFilter: 'SUCCEEDED' }))).toEqual(['d', 'b']);
    expect(names(await list({ statusFilter: 'FAILED' }))).toEqual([]);
  });

  test('goes on from a token where it was, though others have begun', async () => {
    const first = await list({ maxResults: 2 });
    expect(names(first)).toEqual(['e', 'd']);
    await start({ name: 'f' });
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect(names(second)).toEqual(['c', 'b']);
    const last = await list({ maxResults: 2, nextToken: second.nextToken });
    expect([names(last), last.nextToken]).toEqual([['a'], undefined]);
  });

  test('forgets those that ended first when there are too many, and none that runs', async () => {
    for (const name of ['f', 'g', 'h', 'i']) await start({ name });
    expect(names(await list())).toEqual(['i', 'h', 'g', 'f', 'e', 'c', 'a']);
    await expect(describeOf('b')).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });

  test.each([
    ['a token that nobody gave', { nextToken: 'mine' }, 'InvalidToken'],
    ['a status that there is not', { statusFilter: 'PAUSED' }, 'ValidationException'],
    ['too large a page', { maxResults: 1_001 }, 'ValidationException'],
    ['a machine that is not there', { stateMachineArn: `${stateMachineArn}2` }, 'StateMachineDoesNotExist'],
    ['no machine', { stateMachineArn: undefined }, 'ValidationException'],
  ])('refuses %s', async (_, more, name) => {
    await expect(list(more)).rejects.toMatchObject({ name });
  });

  test('refuses a token of another question', async () => {
    const { nextToken } = await list({ maxResults: 2 });
    await expect(list({ maxResults: 2, nextToken, statusFilter: 'RUNNING' })).rejects.toMatchObject({
      name: 'InvalidToken',
    });
  });
});

describe('GetExecutionHistory', () => {
  const history = (more: object = {}) =>
    client.send(new GetExecutionHistoryCommand({ executionArn: executionArn('one'), ...more }));

  beforeEach(async () => {
    await start({ name: 'one', input: '{"a":1}' });
    const { execution } = runs.get('one')!;
    const state = { name: 'NewRun', type: 'Pass' as const, input: { a: 1 } };
    execution.onEvent({ type: 'StateEntered', state, timestamp: now + 1 });
    execution.onEvent({ type: 'StateExited', state: { ...state, output: { b: 2 } }, timestamp: now + 2 });
    now += 3;
    execution.end({ kind: 'succeeded', output: { b: 2 } });
  });

  test('has all events with their details, in order', async () => {
    const { events } = await history();
    expect(events).toMatchObject([
      { id: 1, type: 'ExecutionStarted', executionStartedEventDetails: { input: '{"a":1}' } },
      { id: 2, type: 'PassStateEntered', stateEnteredEventDetails: { name: 'NewRun', input: '{"a":1}' } },
      { id: 3, previousEventId: 2, type: 'PassStateExited', stateExitedEventDetails: { output: '{"b":2}' } },
      { id: 4, previousEventId: 3, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: '{"b":2}' } },
    ]);
    expect(events!.map(({ timestamp }) => Number(timestamp))).toEqual([now - 3, now - 2, now - 1, now]);
  });

  test('comes in pages, forwards and backwards', async () => {
    const ids = async (reverseOrder: boolean) => {
      const [pages, tokens]: [number[][], (string | undefined)[]] = [[], [undefined]];
      for (const token of tokens) {
        const { events, nextToken } = await history({ maxResults: 3, reverseOrder, nextToken: token });
        pages.push(events!.map(({ id }) => id!));
        if (nextToken !== undefined) tokens.push(nextToken);
      }
      return pages;
    };
    expect(await ids(false)).toEqual([[1, 2, 3], [4]]);
    expect(await ids(true)).toEqual([[4, 3, 2], [1]]);
    const { nextToken } = await history({ maxResults: 3 });
    await expect(history({ reverseOrder: true, nextToken })).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  test('without its data, if asked so', async () => {
    const { events } = await history({ includeExecutionData: false });
    expect(events![1]).toMatchObject({ type: 'PassStateEntered', stateEnteredEventDetails: { name: 'NewRun' } });
    expect(JSON.stringify(events)).not.toMatch(/"(input|output)"/);
  });
});

describe('of the machine', () => {
  test('there is one, a Standard one, with the definition that runs', async () => {
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([{ stateMachineArn, name: 'departures', type: 'STANDARD' }]);
    const machine = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(machine).toMatchObject({
      name: 'departures',
      status: 'ACTIVE',
      type: 'STANDARD',
      creationDate: new Date(now),
    });
    expect(JSON.parse(machine.definition!)).toMatchObject({
      StartAt: 'NewRun',
      States: { PlanBatch: { Type: 'Task' } },
    });
  });

  test('StartSyncExecution is refused, as of every Standard one', async () => {
    const sync = client.send(new StartSyncExecutionCommand({ stateMachineArn }));
    await expect(sync).rejects.toMatchObject({ name: 'StateMachineTypeNotSupported' });
  });
});

describe('over HTTP', () => {
  const post = (target: string, body: string, headers: Record<string, string> = {}, agent?: Agent) =>
    new Promise<{ status: number | undefined; type: string | undefined; body: Record<string, unknown> }>(
      (resolve, reject) => {
        const sent = request(endpoint.address, {
          ...{ method: 'POST', headers: { 'x-amz-target': target, ...headers } },
          ...(agent === undefined ? {} : { agent }),
        });
        sent.on('error', reject).on('response', async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
          resolve({ status: response.statusCode, type: response.headers['content-type'], body: answer });
        });
        sent.end(body);
      },
    );
  const start = 'AWSStepFunctions.StartExecution';

  test('a refusal is an awsJson1_0 one', async () => {
    expect(await post(start, '{}')).toEqual({
      ...{ status: 400, type: 'application/x-amz-json-1.0' },
      body: {
        __type: 'ValidationException',
        message:
          "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
      },
    });
  });

  test.each([
    ['a member that the service does not have', start, { stateMachineArn, nmae: 'a' }, 'ValidationException'],
    ['a member of another type', start, { stateMachineArn, input: {} }, 'SerializationException'],
    ['an operation that is not here', 'AWSStepFunctions.CreateStateMachine', {}, 'UnknownOperationException'],
    ['a name of every object', 'AWSStepFunctions.constructor', {}, 'UnknownOperationException'],
    ['another service', 'AmazonSQS.SendMessage', {}, 'UnknownOperationException'],
  ])('%s is refused', async (_, target, body, type) => {
    expect(await post(target, JSON.stringify(body))).toMatchObject({ status: 400, body: { __type: type } });
    expect(runs.size).toBe(0);
  });

  test('a member that every object has is none of the service', async () => {
    const { body } = await post(start, `{"stateMachineArn":"${stateMachineArn}","toString":1,"__proto__":{}}`);
    expect(body.message).toMatch(/^2 validation errors detected: Member 'toString' is not known: .*'__proto__' is not/);
  });

  test('a request that is too large is refused, and the next one on its connection is answered', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await post(start, ' '.repeat(5_000_000), {}, agent)).toMatchObject({
      body: { __type: 'ValidationException', message: 'The request has more than 2097152 bytes' },
    });
    expect(await post('AWSStepFunctions.ListStateMachines', '{}', {}, agent)).toMatchObject({ status: 200 });
    agent.destroy();
  });

  test('what is no JSON is refused', async () => {
    expect(await post(start, '[')).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
  });

  test('who calls it by another name is not answered', async () => {
    const rebound = await post(start, JSON.stringify({ stateMachineArn }), { host: 'evil.example:80' });
    expect(rebound.status).toBe(421);
    expect(runs.size).toBe(0);
  });

  test('a server that is not there is told, when a request is for it', async () => {
    const answer = await post('DynamoDB_20120810.ListTables', '{}');
    expect(answer).toMatchObject({ status: 500, body: { __type: 'InternalFailure' } });
  });

  test('a port that is taken is named', async () => {
    const { port } = new URL(endpoint.address);
    const machine = createLocalMachine(log);
    const again = serveStepFunctions({ machine, kinesis: '', dynamodb: '', port: Number(port) });
    await expect(again).rejects.toThrow(LocalProblem);
    await expect(again).rejects.toThrow(`--step-functions-port ${port}`);
  });
});
