/**
 * What `grantStart`, `grantRead` and `grantOperate` give against what the commands ask, call by call, on embedded DynamoDB and S3: a role may make the
 * calls of its commands, and nothing is given that none of them makes.
 */
import { fileURLToPath } from 'node:url';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bucketOf } from '../../cli/local-state.ts';
import { openTable } from '../../cli/table-access.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { createRuntime, type Runtime } from '../../functions/steps/runtime.ts';
import { accessActions } from '../../infra/grants.ts';
import { SluiceBucket, SluicePipeline, SluiceTable } from '../../infra/index.ts';
import { openPage } from '../../local/page/open-page.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { ExecutionLog } from '../../local/step-functions/execution-log.ts';
import { createLocalMachine } from '../../local/step-functions/local-machine.ts';
import { serveStepFunctions } from '../../local/step-functions/server.ts';
import manyAirports from '../cli/pipelines/many-airports.ts';
import { readDocument, section, tableIn } from '../docs/documents.ts';
import { type EmbeddedS3, startEmbeddedS3 } from '../support/embedded-s3.ts';
import { runCommand } from '../support/run-command.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, region, runToEnd, table } from '../support/world.ts';
import { recordCalls } from './calls.ts';
import { type Ask, allows, type Template as Resolvable, resolved } from './iam.ts';
import { newStack, type Statement, statements } from './stack.ts';

const name = 'many-airports';
const file = fileURLToPath(new URL(`../cli/pipelines/${name}.ts`, import.meta.url));
const world = useWorld();

const stack = newStack();
const pipeline = new SluicePipeline(stack, 'Airports', {
  ...{ pipeline: file, source: {}, sink: {} },
  ...{ table: new SluiceTable(stack, 'Checkpoints'), stateBucket: new SluiceBucket(stack, 'State') },
});
const roleOf = (id: string) => new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
pipeline.grantStart(roleOf('Starter'));
pipeline.grantRead(roleOf('Reader'));
pipeline.grantOperate(roleOf('Operator'));
const template = Template.fromStack(stack);
const resolvable = template.toJSON() as Resolvable;
const arn = (value: string): string => resolved(stack.resolve(value), resolvable);
const [tableArn, bucketArn] = [arn(pipeline.table.tableArn), arn(pipeline.stateBucket!.bucketArn)];
const machineArn = arn(pipeline.stateMachine.stateMachineArn);
const may = (role: string): readonly Statement[] =>
  statements(template)
    .filter((each) => each.role.startsWith(role))
    .map(({ statement }) => statement);

let s3: EmbeddedS3;
let runtime: Runtime;
let address: string;
let stateMachine: string;
const stops: (() => Promise<unknown>)[] = [];
/** Of the command that runs. */
let asked: Ask[] = [];

beforeAll(async () => {
  s3 = await startEmbeddedS3('state');
  const { dynamodb, kinesis } = world;
  const log = new ExecutionLog({ region, pipeline: name, now: Date.now });
  const machine = createLocalMachine(log);
  machine.open(() => {});
  stateMachine = log.stateMachineArn;
  const front = await serveStepFunctions({ machine, dynamodb: dynamodb.endpoint, kinesis: kinesis.endpoint, port: 0 });
  const calls = await recordCalls(front.address, ({ action, partitionKeys }) => {
    const [service, operation] = action.split(':');
    if (service === 'states') asked.push({ action, resource: machineArn, context: {} });
    else
      asked.push({
        action: `dynamodb:${operation}`,
        resource: tableArn,
        context: { 'dynamodb:LeadingKeys': partitionKeys },
      });
  });
  address = calls.endpoint;
  stops.push(calls.stop, front.close, async () => s3[Symbol.asyncDispose]());
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpointUrl);
  vi.stubEnv('AWS_REGION', region);

  const streams = await makeStreams(world, 1);
  runtime = createRuntime(requirePipeline(manyAirports, streams), {
    ...{ table, region, credentials: localCredentials, requestTimeoutMs: 60_000 },
    ...{ kinesisEndpoint: kinesis.endpoint, dynamodbEndpoint: dynamodb.endpoint },
    ...{ stateBucket: 'state', s3Endpoint: s3.endpointUrl },
  });
  const airports = Array.from({ length: 700 }, (_, at) => `airport-${at}-${(at * 7_919_191_919) % 999_983}`);
  const events = airports.map((origin) => ({ key: origin, data: { date: '2001-01-01T10:05:00Z', origin } as unknown }));
  await publishEvents(world, streams.source, [...events, { key: 'a', data: 'no flight' }]);
  await runToEnd(runtime, { untilCaughtUp: true });
  await publishEvents(world, streams.source, events.slice(0, 1));
  await runToEnd(runtime, { untilCaughtUp: true });
  const said = await runCommand('dead-letters', 'list', ...of, '--table', table, '--endpoint-url', address, '--json');
  letter = (JSON.parse(said.stdout) as { deadLetters: { id: string }[] }).deadLetters[0]!.id;
}, 60_000);
afterAll(async () => {
  for (const stop of stops) await stop();
  vi.unstubAllEnvs();
});

const objectActions: Readonly<Record<string, string>> = { GET: 's3:GetObject', PUT: 's3:PutObject' };

/** `GET /state/<key>`, or a list of the bucket. `deleted`: the keys in the body of a request that deletes. */
function asksOfObject(request: string, deleted: readonly string[]): readonly Ask[] {
  const [method = '', path = ''] = request.split(' ');
  const { pathname, searchParams } = new URL(path, 'http://s3');
  const key = decodeURIComponent(pathname.replace(/^\/state\/?/, ''));
  if (method === 'GET' && key === '') {
    const prefix = searchParams.get('prefix');
    return [
      { action: 's3:ListBucket', resource: bucketArn, context: prefix === null ? {} : { 's3:prefix': [prefix] } },
    ];
  }
  if (method === 'POST')
    return deleted.map((each) => ({ action: 's3:DeleteObject', resource: `${bucketArn}/${each}`, context: {} }));
  return [{ action: objectActions[method] ?? method, resource: `${bucketArn}/${key}`, context: {} }];
}

const refusedTo = (role: string, made: readonly Ask[]) => made.filter((ask) => !allows(may(role), ask, resolvable));

async function runArgs(args: readonly string[]): Promise<void> {
  const said = await runCommand(...args, '--table', table, '--endpoint-url', address);
  expect(said, args.join(' ')).toMatchObject({ code: 0 });
}

/** The page as a browser asks for it: its facts, once. */
async function lookAtPage(): Promise<void> {
  const options = { table, endpointUrl: address, stateBucket: 'state' };
  const page = await openPage({
    ...{ pipeline: name, mode: 'table', port: 0, definition: undefined },
    ...{ table: openTable(options), bucket: bucketOf(options) },
  });
  const events = (await fetch(`${page.address}events`)).body!.getReader();
  let text = '';
  while (!text.includes('data: ')) text += Buffer.from((await events.read()).value!).toString('utf8');
  await events.cancel();
  await page.close();
}

const asks = async (act: () => Promise<void>): Promise<readonly Ask[]> => {
  asked = [];
  const [requests, before] = [s3.requests.length, [...s3.objects('state').keys()]];
  await act();
  const deleted = before.filter((key) => !s3.objects('state').has(key));
  return [...asked, ...s3.requests.slice(requests).flatMap((request) => asksOfObject(request, deleted))];
};

/** Some operations leave a sealed batch, which the pipeline's next run commits. */
async function finish(): Promise<void> {
  await runtime.ports.head.setControl('run');
  await runToEnd(runtime, { untilCaughtUp: true });
}

const of = ['--pipeline', name];
const withBucket = [...of, '--state-bucket', 'state'];
let letter = '';

type Row = {
  readonly act: () => Promise<void>;
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
};
const row = (...args: readonly string[]): Row => ({ act: () => runArgs(args) });

/** By the names that docs/operations.md gives them, in an order in which each does something. */
const commands: Readonly<Record<'start' | 'read' | 'operate', Readonly<Record<string, Row>>>> = {
  start: {
    stop: row('stop', ...of),
    // Which lets it run again.
    start: { act: () => runArgs(['start', ...of, '--state-machine', stateMachine]) },
    'stop --now': row('stop', '--now', '--yes', ...of),
  },
  read: {
    status: row('status', ...withBucket),
    progress: row('progress', ...of),
    shards: row('shards', ...withBucket),
    cost: row('cost', ...of),
    state: row('state', ...withBucket),
    'dead-letters list': row('dead-letters', 'list', ...of),
    'dead-letters show': { act: () => runArgs(['dead-letters', 'show', letter, ...of]) },
    page: { act: lookAtPage },
    'dead-letters export': row('dead-letters', 'export', ...of),
    'outputs list': row('outputs', 'list', ...of),
    'savepoint --list': row('savepoint', '--list', ...of),
  },
  operate: {
    savepoint: row('savepoint', 'one', ...withBucket),
    rewind: { ...row('rewind', '--to-batch', '0', ...withBucket), after: finish },
    'rewind --to-savepoint': { ...row('rewind', '--to-savepoint', 'one', ...withBucket), after: finish },
    repartition: row('repartition', file, '--groups', '3', '--state-bucket', 'state'),
    'outputs detach': row('outputs', 'detach', 'main', '--yes', ...of),
    'outputs attach': row('outputs', 'attach', 'main', ...of),
    'dead-letters redrive': row('dead-letters', 'redrive', '--yes', ...withBucket),
    'savepoint --delete': row('savepoint', 'one', '--delete', ...withBucket),
    purge: { ...row('purge', '--yes', ...withBucket), before: () => runtime.ports.head.setControl('stop') },
  },
};
type Access = keyof typeof commands;
const roles: Readonly<Record<Access, string>> = { start: 'Starter', read: 'Reader', operate: 'Operator' };
const accesses = Object.keys(commands) as Access[];
const recorded = new Map<string, readonly Ask[]>();

describe.each(accesses)('who may %s', (access) => {
  test.each(Object.keys(commands[access]))('may make all calls of `%s`', async (command) => {
    const { act, before, after } = commands[access][command]!;
    await before?.();
    const made = await asks(act);
    recorded.set(command, made);
    await after?.();
    expect(made.length).toBeGreaterThan(0);
    expect(refusedTo(roles[access], made)).toEqual([]);
  });
});

test('who may operate may do all that the others may', () => {
  const made = [...recorded.values()].flat();
  expect(refusedTo('Operator', made)).toEqual([]);
});

test.each(accesses)('who may %s is given no action that no command asks for', (access) => {
  const made = accesses.flatMap((each) => (each === access || access === 'operate' ? Object.keys(commands[each]) : []));
  const called = new Set(made.flatMap((command) => recorded.get(command)!.map(({ action }) => action)));
  const granted = Object.entries(accessActions[access]).flatMap(([service, actions]) =>
    (actions as readonly string[]).map((action) => `${service}:${action}`),
  );
  expect(granted.filter((action) => !called.has(action))).toEqual([]);
});

test('another pipeline of the table, and its savepoints, are nothing to them', () => {
  const made = [...recorded.values()].flat();
  // With one name in the place of the other: theirs begins with ours.
  const text = JSON.stringify(made).replaceAll(name, `${name}-2`);
  const others = (JSON.parse(text) as Ask[]).filter(({ action }) => !action.startsWith('states:'));
  expect(others.length).toBeGreaterThan(50);
  for (const access of accesses) {
    const allowed = others.filter((ask) => allows(may(roles[access]), ask, resolvable));
    expect(allowed, access).toEqual([]);
  }
});

test('who may read or start changes no more than that', () => {
  const changes = Object.keys(commands.operate).filter((command) => command !== 'outputs attach');
  for (const command of changes) expect(refusedTo('Reader', recorded.get(command)!), command).not.toEqual([]);
  for (const command of ['state', 'savepoint']) expect(refusedTo('Starter', recorded.get(command)!)).not.toEqual([]);
});

test('docs/operations.md names the calls of each command', () => {
  const rows = tableIn(section(readDocument('docs/operations.md'), '## Start, stop, status'));
  const commandsIn = new Map(
    rows.flatMap(([names = '', actions = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, each]) => [each!, actions])),
  );
  const ofTable = ['BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'];
  for (const command of [...Object.keys(commands.start), ...Object.keys(commands.read), 'dead-letters redrive']) {
    const text = commandsIn.get(command === 'stop --now' ? 'stop' : command);
    const made = [...new Set(recorded.get(command)!.map(({ action }) => action.split(':')[1]!))];
    expect(
      made.filter((action) => text?.includes(action) !== true),
      command,
    ).toEqual([]);
    if (command.startsWith('stop')) continue;
    const listed = ofTable.filter((action) => text!.includes(action));
    expect(
      listed.filter((action) => !made.includes(action)),
      command,
    ).toEqual([]);
  }
});
