/**
 * The steps of a run as they are done, on a local run of the pipeline in the place of AWS: its Step Functions, Kinesis and DynamoDB are those of
 * `sluice dev --step-functions`, and what the AWS CLI and the CDK would do is answered here. Each call that is made is one that the plan has.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { computeFrom } from '../../local/demo/flight-results.ts';
import { readInputFile } from '../../local/publish/input-file.ts';
import type { EventToPublish } from '../../local/publish/publisher.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { sluice } from '../support/sluice-command.ts';
import { acts } from './act/index.ts';
import type { Learnt, World } from './act/world.ts';
import { type Command, commands } from './commands.ts';
import type { Names } from './names.ts';
import { inParts } from './parts.ts';
import { isRight, reportText } from './report.ts';
import { runSteps, type StepOutcome } from './run-steps.ts';
import type { Settings } from './settings.ts';
import { type Call, partsOf, type StepKind, stepsOf } from './steps.ts';

const region = 'us-east-1';
const settings: Settings = {
  ...{ account: '000000000000', region, profile: undefined, stack: 'Local', events: 1_200, isDry: false },
  fisRole: 'arn:aws:iam::000000000000:role/fis',
};
const names: Names = {
  ...{ pipeline: 'departures', table: 'sluice', source: 'flights', sink: 'departures' },
  stateMachineArn: `arn:aws:states:${region}:000000000000:stateMachine:departures`,
};
const outputs = {
  ...{ StateMachineArn: names.stateMachineArn, TableName: names.table },
  ...{ SourceStreamName: names.source, SinkStreamName: names.sink },
};

let dev: ChildProcess;
let address: string;
const made = new Map<StepKind, Set<string>>();
let kind: StepKind = 'who';
const called = (what: string): void => void (made.get(kind) ?? made.set(kind, new Set()).get(kind)!).add(what);

beforeAll(async () => {
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const pipeline = fileURLToPath(new URL('../cli/pipelines/departures.ts', import.meta.url));
  const serve = ['--step-functions', '--step-functions-port', '0', '--no-page', '--shards', '2', '--until-caught-up'];
  dev = spawn(process.execPath, ['--conditions=sluice-source', main, 'dev', pipeline, ...serve], {
    env: { ...process.env, AWS_REGION: region },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: dev.stderr! })) {
    address ??= /^Step Functions, Kinesis and DynamoDB: (http:\S+), /.exec(line)?.[1] as string;
    if (line.startsWith('The run has')) break;
  }
  dev.stderr!.resume();
});
afterAll(() => void dev.kill('SIGKILL'));

/** What other programs would say of the stack. */
const answers: Readonly<Record<string, unknown>> = {
  'aws sts': { Account: settings.account },
  'npx cdk': {},
  'aws cloudwatch': { MetricDataResults: [{ Id: 'invocations0', Values: [5] }] },
  'aws cloudformation describe-stack-resources': {
    StackResources: ['PipelineProcessShardsRole1', 'PipelineReduceKeyGroupRole2'].map((id) => ({
      ...{ ResourceType: 'AWS::IAM::Role', LogicalResourceId: id, PhysicalResourceId: id },
    })),
  },
  'aws fis create-experiment-template': { experimentTemplate: { id: 'EXT1' } },
  'aws fis start-experiment': { experiment: { id: 'EXP1' } },
  'aws fis get-experiment': { experiment: { state: { status: 'completed' } } },
  'aws fis delete-experiment-template': {},
};

async function command(words: Command): Promise<string> {
  called(words.join(' '));
  if (words[0] === 'node') {
    const ran = await sluice([...words.slice(3), '--endpoint-url', address]);
    if (ran.code !== 0) throw new Error(ran.stderr);
    return ran.stdout;
  }
  const text = words.join(' ');
  if (text.includes('describe-stacks')) throw new Error('Stack with id Local does not exist');
  const answer = Object.entries(answers).find(([start]) => text.startsWith(start));
  if (answer === undefined) throw new Error(`nobody answers ${text}`);
  return JSON.stringify(answer[1]);
}

/** Remembers the calls of a client. */
function watched<Client extends { middlewareStack: { add(middleware: never, options: object): void } }>(
  client: Client,
  service: string,
): Client {
  const remember =
    (next: (given: object) => unknown, { commandName }: { commandName: string }) =>
    (given: object) => {
      called(`${service} ${commandName.replace(/Command$/, '')}`);
      return next(given);
    };
  client.middlewareStack.add(remember as never, { step: 'initialize', name: 'called' });
  return client;
}

async function worldOf(events: readonly EventToPublish[]): Promise<World> {
  const at = { region, endpoint: address, credentials: localCredentials };
  return {
    settings,
    kinesis: watched(kinesisClient(at), 'Kinesis'),
    kinesisOnce: watched(kinesisClient({ ...at, maxAttempts: 1 }), 'Kinesis'),
    states: watched(new SFNClient(at), 'StepFunctions'),
    dynamodb: watched(dynamodbClient(at), 'DynamoDB'),
    command,
    readFile: async () => JSON.stringify({ Local: outputs }),
    now: Date.now,
    pause: () => new Promise((resolve) => setTimeout(resolve, 50)),
    metricsCome: async () => {},
    parts: inParts(events, partsOf(stepsOf(settings))),
    expected: await computeFrom([events]),
  };
}

const textOf = (call: Call): string => (call.kind === 'command' ? call.command.join(' ') : call.operation);
/** What is only known while it runs. */
const general = (text: string): string => /^aws (cloudwatch get-metric-data|fis [a-z-]+)/.exec(text)?.[0] ?? text;

test('a run that is disturbed in every way shows exactly once, and makes the calls of its plan alone', async () => {
  const events: EventToPublish[] = [];
  for await (const some of readInputFile({ path: 'examples/data/flights.ndjson.gz', partitionKey: 'origin' }))
    if (events.length < settings.events) events.push(...some.slice(0, settings.events - events.length));
  const world = await worldOf(events);
  const learnt: Learnt = { puts: [], findings: {} };
  const outcomes: readonly StepOutcome[] = await runSteps(stepsOf(settings), {
    perform(step, signal) {
      kind = step.kind;
      return acts[kind](world, learnt, { part: step.part, signal });
    },
    onStep: () => {},
    signal: new AbortController().signal,
    now: Date.now,
  });
  const report = reportText(settings, outcomes, learnt.findings);
  expect(isRight(outcomes, learnt.findings), report).toBe(true);
  expect(learnt.findings.comparison!.rows).toBeGreaterThan(100);
  expect(learnt.findings.latency!.rows).toBeGreaterThan(50);
  expect(learnt.findings.cost!.counted.total).toBeGreaterThan(0);

  const planned = new Map<StepKind, Set<string>>();
  for (const step of stepsOf(settings, names))
    planned.set(step.kind, new Set(step.calls.map((call) => general(textOf(call)))));
  // An experiment that is over by itself is not stopped.
  planned.get('end-fis')!.delete(general(commands.stopExperiment('EXP1').join(' ')));
  for (const [step, calls] of planned) expect(new Set([...(made.get(step) ?? [])].map(general)), step).toEqual(calls);
});

test('another account than the one that was named is refused, and nothing else is done', async () => {
  const world = await worldOf([]);
  const other = { ...settings, account: '111111111111' };
  const asked: StepKind[] = [];
  const outcomes = await runSteps(stepsOf(other), {
    perform({ kind: next, part }, signal) {
      asked.push(next);
      return acts[next]({ ...world, settings: other }, { puts: [], findings: {} }, { part, signal });
    },
    onStep: () => {},
    signal: new AbortController().signal,
    now: Date.now,
  });
  expect(asked).toEqual(['who']);
  expect(outcomes[0]!.problem).toBe(
    'the credentials are those of account 000000000000, and --account names 111111111111',
  );
});

test('a stack that is there already is left alone', async () => {
  const world = { ...(await worldOf([])), command: async () => '{"Stacks":[{}]}' };
  const around = { part: undefined, signal: new AbortController().signal };
  await expect(acts.absent(world, { puts: [], findings: {} }, around)).rejects.toThrow('would be destroyed');
});
