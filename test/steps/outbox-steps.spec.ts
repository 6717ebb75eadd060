/** STEP-1 to STEP-3: the rows of a key group are stored in steps, named by its state and sent one at a time. */
import { expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { OutboxStep } from '../../functions/core/outbox.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, headOf } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { withOutput } from '../support/outputs.ts';
import { windowed } from '../support/pipelines.ts';

const keys = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'];
const partials = keys.map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);
const state = { batchId: 0, ref: 7, keyGroup: 0 };
const log = { info: () => {}, warn: () => {} };
const throttled = new SluiceError('TemporaryFailure', 'throttled');

type Send = OutputSink['send'];
type Row = Record<string, unknown> & { readonly key: string };

/** Steps of three rows; `second` does as it is told. All that is stored and sent is written down. */
async function world({
  map = (row) => row,
  second = async () => undefined,
}: {
  map?: (row: Row) => unknown;
  second?: Send;
}) {
  const did: string[] = [];
  const asked: string[] = [];
  const got: Record<string, OutputRecord[]> = { main: [], second: [] };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    {
      sink: (output) => ({
        send: async (records, deadline) => {
          const undelivered = output === 'main' ? undefined : await second(records, deadline);
          const missing = new Set(undelivered?.places);
          const taken = records.filter((_, at) => !missing.has(at));
          did.push(`send ${output} ${taken.map(keyIn).join(' ')}`);
          got[output]!.push(...taken);
          return undelivered;
        },
      }),
    },
  );
  memory.mostInStep = 3;
  const { rows, states } = memory.ports;
  const { putStep } = rows;
  const { putState } = states;
  Object.assign(rows, {
    putStep: async (...[name, from, step]: Parameters<typeof putStep>) => {
      did.push(`step ${from}`);
      return putStep(name, from, step);
    },
  });
  Object.assign(states, {
    putState: async (...given: Parameters<typeof putState>) => {
      did.push('state');
      return putState(...given);
    },
  });
  const given = withOutput(windowed(), 'second');
  const mapper = (row: Row) => {
    asked.push(row.key);
    return map(row);
  };
  const aggregation = { ...given.aggregation, rowOperations: [{ kind: 'map' as const, mapper: mapper as never }] };
  const pipeline: Pipeline = { ...given, aggregation };
  const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
  await putSealed(memory, body, 0, [partials]);
  const reduce = (again = false) =>
    reduceKeyGroup({ epoch: 7, ...state, again }, { pipeline, ports: memory.ports, log });
  return { memory, reduce, did, asked, got };
}

const keyIn = ({ data }: OutputRecord): string => (JSON.parse(String(data)) as Row).key;

it('all steps are stored, then the state that names them, and then each output is sent step by step', async () => {
  const { memory, reduce, did } = await world({});
  expect(await reduce()).toMatchObject({ done: true, emitted: 8, rows: { results: 8 } });
  expect(did.slice(0, 4)).toEqual(['step 0', 'step 3', 'step 6', 'state']);
  const sends = ['k0 k1 k2', 'k3 k4 k5', 'k6 k7'];
  for (const output of ['main', 'second'])
    expect(did.filter((what) => what.startsWith(`send ${output}`))).toEqual(
      sends.map((each) => `send ${output} ${each}`),
    );
  const stored = await memory.ports.states.loadState(0, 0, 7);
  const of = (records: number) => ({ records: { main: records, second: records }, refused: 0 });
  expect(stored.steps).toEqual([
    { from: 0, ...of(3) },
    { from: 3, ...of(3) },
    { from: 6, ...of(2) },
  ]);
  expect(stored.inline).toBeUndefined();
});

it('rows that fit into one step lie in the state, and nothing beside it', async () => {
  const { memory, reduce, did } = await world({});
  memory.mostInStep = 8;
  expect(await reduce()).toMatchObject({ done: true, emitted: 8 });
  expect(did.slice(0, 2)).toEqual(['state', `send main ${keys.join(' ')}`]);
  expect((await memory.ports.states.loadState(0, 0, 7)).inline).toHaveLength(1);
});

it('who comes second takes the stored step, with the rows that it has, and goes on behind it (STEP-1)', async () => {
  const { memory, reduce, got } = await world({});
  const record = (key: string) => ({
    partitionKey: key,
    explicitHashKey: undefined,
    data: `{"key":"${key} of another"}`,
  });
  const first: OutboxStep = {
    rows: ['k0', 'k1'].map((key) => ({ kind: 'output', records: [{ output: 'main', record: record(key) }] })),
    refused: [],
  };
  await memory.ports.rows.putStep(state, 0, first);
  expect(await reduce()).toMatchObject({ done: true, outputs: { main: { emitted: 8 }, second: { emitted: 6 } } });
  expect(got.main!.map(keyIn)).toEqual(['k0 of another', 'k1 of another', ...keys.slice(2)]);
  expect(got.second!.map(keyIn)).toEqual(keys.slice(2));
  expect((await memory.ports.states.loadState(0, 0, 7)).steps.map(({ from }) => from)).toEqual([0, 2, 5]);
});

it('a reducer that dies between two steps has sent nothing, and the next one asks no row of them again', async () => {
  const { memory, reduce, did, asked, got } = await world({});
  const { rows } = memory.ports;
  const { putStep } = rows;
  Object.assign(rows, {
    putStep: async (...given: Parameters<typeof putStep>) => {
      if (given[1] === 6) throw new Error('the process is gone');
      return putStep(...given);
    },
  });
  await expect(reduce()).rejects.toThrow('the process is gone');
  expect(did).toEqual(['step 0', 'step 3']);
  Object.assign(rows, { putStep });
  asked.length = 0;
  expect(await reduce(true)).toMatchObject({ done: true, emitted: 8 });
  expect(asked).toEqual(['k6', 'k7']);
  expect(got.main!.map(keyIn)).toEqual(keys);
});

it('an output goes on inside the step where it stopped, with its own note; the other is done', async () => {
  let room = 4;
  const second: Send = async (records) => {
    const places = [...records.keys()].slice(room);
    room = Math.max(0, room - records.length);
    return places.length === 0 ? undefined : { places, error: throttled, isOnlySlow: true };
  };
  const { memory, reduce, got } = await world({ second });
  expect(await reduce()).toMatchObject({ done: false, progressed: true, why: 'output second: throttled' });
  expect(got.main!.map(keyIn)).toEqual(keys);
  expect(await memory.ports.outboxNotes.loadSent(state)).toEqual({
    main: { count: 8, ahead: [] },
    second: { count: 4, ahead: [] },
  });
  room = 100;
  expect(await reduce(true)).toMatchObject({ done: true });
  expect([got.main!.map(keyIn), got.second!.map(keyIn)]).toEqual([keys, keys]);
});

it('letters lie in the steps of their rows, and are stored from all of them', async () => {
  const refused = ['k1', 'k4', 'k5', 'k7'];
  const map = (row: Row) => {
    if (refused.includes(row.key)) throw new Error(`no ${row.key}`);
    return row;
  };
  const { memory, reduce, got } = await world({ map });
  const answer = await reduce();
  expect(answer).toMatchObject({
    done: true,
    emitted: 4,
    rows: { refused: [{ count: 4, example: { subSequenceNumber: 1 } }] },
  });
  expect(memory.deadLetters.map(({ message, subSequenceNumber }) => [message, subSequenceNumber])).toEqual(
    [1, 4, 5, 7].map((place) => [`no k${place}`, place]),
  );
  expect(got.second!.map(keyIn)).toEqual(['k0', 'k2', 'k3', 'k6']);
});

it('a step that is named and not there is lost (S11)', async () => {
  const second: Send = async (records) => ({ places: [...records.keys()], error: throttled, isOnlySlow: true });
  const { memory, reduce } = await world({ second });
  expect(await reduce()).toMatchObject({ done: false });
  memory.head = headOf({ committed: undefined, sealed: { batchId: 0, ref: 7 } });
  Object.assign(memory.ports.rows, {
    loadStep: async () => {
      throw new SluiceError('MissingItem', 'rows');
    },
  });
  await expect(reduce(true)).rejects.toMatchObject({ name: 'MissingItem' });
});
