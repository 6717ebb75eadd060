/**
 * Several pipelines on one table and one bucket: what IAM says to each call that their functions make, by name, as the statements of the template are.
 * The names are chosen so that one begins with another.
 */
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultStateLimits } from '../../functions/core/state/manifest.ts';
import { SluiceBucket, SluicePipeline, SluiceTable } from '../../infra/index.ts';
import { type StepKey, steps } from '../../infra/steps.ts';
import { pipelineName as recordedName } from '../simulation/checks/stored.ts';
import { asksOf, type Places } from './asks.ts';
import { type Ask, account, allows, type Template as Resolvable, region, resolved } from './iam.ts';
import { hollow, type Requests, requestsOf } from './simulated-calls.ts';
import { newStack, type Statement, statements } from './stack.ts';

const stack = newStack();
const table = new SluiceTable(stack, 'Checkpoints');
const stateBucket = new SluiceBucket(stack, 'State');
const files = {
  Departures: 'examples/departures.ts',
  ByState: 'examples/departures-by-state.ts',
  Republish: 'examples/republish.ts',
};
type Id = keyof typeof files;
const ids = Object.keys(files) as Id[];
const pipelines = Object.fromEntries(
  ids.map((id) => [
    id,
    new SluicePipeline(stack, id, { pipeline: files[id], source: {}, sink: {}, table, stateBucket }),
  ]),
) as Record<Id, SluicePipeline>;
const template = Template.fromStack(stack);
const resolvable = template.toJSON() as Resolvable;
const all = statements(template);
const arn = (value: string): string => resolved(stack.resolve(value), resolvable);

const rolesOf = (id: Id, step: string): readonly Statement[] =>
  all.filter(({ role }) => new RegExp(`^${id}${step}Role`).test(role)).map(({ statement }) => statement);

const placesOf = (id: Id): Places => {
  const { pipelineName, source, sink } = pipelines[id];
  return {
    ...{ table: arn(table.tableArn), bucket: arn(stateBucket.bucketArn) },
    streamOf: (name) => arn(name === 'sink' ? sink.streamArn : source.streamArn),
    keyOf: (key) => key.replace(new RegExp(`^${recordedName}(?=/|$)`), pipelineName),
  };
};

const bucket = { leastObjectBytes: 60, sweepEveryMs: 5_000 };
const large = { share: 0.02, sinkKiB: 2_048, areInputs: false };
const stateLimits = { ...defaultStateLimits, mostInlineChars: 0 };
let recorded: Record<Id, Requests>;
beforeAll(async () => {
  const consumerType = 'GetRecords' as const;
  const windowed = {
    scenario: { kind: 'windowed', consumerType, bucket, stateLimits } as const,
    faults: hollow('read'),
  };
  const mapped = { scenario: { kind: 'map-only', consumerType, bucket, large } as const, faults: hollow('read') };
  const [ofWindows, ofMaps] = [await requestsOf(windowed), await requestsOf(mapped)];
  recorded = { Departures: ofWindows, ByState: ofWindows, Republish: ofMaps };
});

const asks = (id: Id, step: StepKey): readonly Ask[] => {
  const places = placesOf(id);
  const made = recorded[id].get(step)!.flatMap((request) => asksOf(request, places));
  return [...new Map(made.map((ask) => [JSON.stringify(ask), ask])).values()];
};
const everyAsk = (id: Id): readonly Ask[] => steps.flatMap(({ key }) => asks(id, key));

describe.each(ids)('of %s', (id) => {
  const others = ids.filter((other) => other !== id);

  test.each(steps)('$id may make the calls that it makes', ({ key, id: step }) => {
    const refused = asks(id, key).filter((ask) => !allows(rolesOf(id, step), ask, resolvable));
    expect(refused).toEqual([]);
  });

  test.each(steps)('$id may make none that another pipeline makes', ({ id: step }) => {
    for (const other of others) {
      const made = everyAsk(other);
      expect(made.length).toBeGreaterThan(50);
      expect(
        made.filter((ask) => allows(rolesOf(id, step), ask, resolvable)),
        other,
      ).toEqual([]);
    }
  });

  test('no function reaches items, objects or streams of another by any action that it has', () => {
    const granted = steps.flatMap(({ id: step }) => rolesOf(id, step));
    const actions = [...new Set(granted.flatMap(({ Action }) => [Action].flat()).map(String))];
    for (const other of others) {
      const { pipelineName } = pipelines[other];
      const places = placesOf(other);
      const context = { 'dynamodb:LeadingKeys': [pipelineName], 's3:prefix': [`${pipelineName}/`] };
      const below = { ...context, 'dynamodb:LeadingKeys': [`${pipelineName}/shards`] };
      const resources = [places.table, places.bucket, `${places.bucket}/${pipelineName}/x`];
      const streams = ['source', 'sink'].map(places.streamOf);
      const asked = [context, below].flatMap((given) =>
        [...resources, ...streams].flatMap((resource) =>
          actions.map((action) => ({ action, resource, context: given })),
        ),
      );
      expect(
        asked.filter((ask) => allows(granted, ask, resolvable)),
        other,
      ).toEqual([]);
    }
  });

  test('a batch of writes that has one item of another is refused as a whole', () => {
    const [own, other] = [pipelines[id].pipelineName, pipelines[others[0]!].pipelineName];
    const write = (...keys: readonly string[]): Ask => ({
      ...{ action: 'dynamodb:BatchWriteItem', resource: placesOf(id).table },
      context: { 'dynamodb:LeadingKeys': keys },
    });
    expect(allows(rolesOf(id, 'CommitBatch'), write(own, `${own}/shards`), resolvable)).toBe(true);
    expect(allows(rolesOf(id, 'CommitBatch'), write(own, `${other}/shards`), resolvable)).toBe(false);
  });
});

test('an action on the table is one for which DynamoDB tells partition keys: a condition on all values holds for none', () => {
  const told = ['BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map((name) => `dynamodb:${name}`);
  const granted = all.flatMap(({ statement: { Action } }) => [Action].flat().map(String));
  const ofTable = new Set(granted.filter((action) => action.startsWith('dynamodb:')));
  expect([...ofTable].toSorted()).toEqual(told);
});

test('names of objects of others are told to who lists without a prefix, and to no other: docs/security.md says so', () => {
  const list = (prefix?: string): Ask => ({
    ...{ action: 's3:ListBucket', resource: placesOf('Departures').bucket },
    context: prefix === undefined ? {} : { 's3:prefix': [prefix] },
  });
  const may = (ask: Ask) => allows(rolesOf('Departures', 'CommitBatch'), ask, resolvable);
  expect([may(list()), may(list('')), may(list('departures')), may(list('departures-by-state/'))]).toEqual([
    ...[true, false, false, false],
  ]);
});

describe('who drives a pipeline', () => {
  const driverOf = (id: Id): readonly Statement[] =>
    all
      .filter(({ role }) => role.startsWith(id) && !steps.some(({ id: step }) => role.includes(`${step}Role`)))
      .map(({ statement }) => statement);
  const called = (id: Id, action: string): readonly string[] =>
    driverOf(id)
      .filter(({ Action }) => [Action].flat().includes(action))
      .flatMap(({ Resource }) => [Resource].flat().map((resource) => resolved(resource, resolvable)));

  test.each(['lambda:InvokeFunction', 'states:StartExecution'])('may do %s with what is its own alone', (action) => {
    for (const id of ids) {
      const own = called(id, action);
      expect(own.length).toBeGreaterThan(0);
      expect(own.filter((resource) => !resource.includes(id))).toEqual([]);
      for (const other of ids.filter((each) => each !== id)) {
        const context = {};
        const asked = called(other, action).map((resource) => ({ action, resource, context }));
        expect(asked.filter((ask) => allows(driverOf(id), ask, resolvable))).toEqual([]);
      }
    }
  });
});

describe('two that read one stream by enhanced fan-out', () => {
  const shared = newStack();
  const owner = { table: new SluiceTable(shared, 'Checkpoints'), stateBucket: false } as const;
  const first = new SluicePipeline(shared, 'First', {
    pipeline: 'test/infra/pipelines/fan-out.ts',
    source: {},
    sink: {},
    ...owner,
  });
  new SluicePipeline(shared, 'Second', {
    pipeline: 'test/infra/pipelines/adopting.ts',
    source: first.source,
    sink: {},
    ...owner,
  });
  const of = Template.fromStack(shared);
  const json = of.toJSON() as Resolvable;
  const roleOf = (id: string) =>
    statements(of)
      .filter(({ role }) => role.startsWith(`${id}ProcessShardsRole`) || role.startsWith(`${id}PlanBatchRole`))
      .map(({ statement }) => statement);
  const stream = resolved(shared.resolve(first.source.streamArn), json);
  const subscribe = (name: string): Ask => ({
    ...{ action: 'kinesis:SubscribeToShard', resource: `${stream}/consumer/${name}:1700000000`, context: {} },
  });

  test('subscribe by their own consumer', () => {
    expect(stream).toContain(`arn:aws:kinesis:${region}:${account}:stream/`);
    const may = (id: string, name: string) => allows(roleOf(id), subscribe(name), json);
    expect([may('First', 'sluice-fanned-out'), may('First', 'shared')]).toEqual([true, false]);
    expect([may('Second', 'shared'), may('Second', 'sluice-fanned-out')]).toEqual([true, false]);
    expect(may('First', 'sluice-fanned-out-2')).toBe(false);
  });
});
