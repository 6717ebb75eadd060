/** Rows whose user code ends whoever runs it: found, tried three times, given up, and the batch goes on. */
import { describe, expect, it } from 'vitest';
import { prepareReduce } from '../../functions/core/reduce-key-group.ts';
import { newTrial, type RowTrial } from '../../functions/core/row-trial.ts';
import type { Isolation } from '../../functions/ports/isolation.ts';
import { evaluateApart } from '../../functions/steps/reduce-key-group/evaluate-apart.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, decompress, md5 } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

const minute = 60_000;
const input = { epoch: 7, batchId: 0, ref: 7, keyGroup: 0, again: true };
const state = { batchId: 0, ref: 7, keyGroup: 0 };
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => `k${at}`)
    .sort()
    .map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);

type World = { rows: number; deadly: string[]; takesMs?: number; eachMs?: number; inPlaceMs?: number };

/** Whose rows with these keys die, each after so many milliseconds; the others take `eachMs` apart. */
function worldOf({ rows, deadly, takesMs = 4_000, eachMs = 0, inPlaceMs = 0 }: World) {
  const starts: number[] = [];
  const ran: number[] = [];
  const inPlace = { keys: [] as string[], version: 1 };
  const code = windowed();
  const mapper = (row: { readonly key: string }) => {
    memory.now += inPlaceMs;
    inPlace.keys.push(row.key);
    return { key: row.key, version: inPlace.version };
  };
  const rowOperations = [{ kind: 'map' as const, mapper: mapper as never }];
  const pipeline = { ...code, aggregation: { ...code.aggregation, rowOperations } };
  const isolation: Isolation = {
    open: () => {
      starts.push(memory.now);
      return {
        run: (given) => {
          const { row, index } = given as unknown as { row: { key: string }; index: number };
          if (deadly.includes(row.key)) {
            memory.now += takesMs;
            return { kind: 'died', message: 'it runs without end' };
          }
          memory.now += eachMs;
          ran.push(index);
          const record = { partitionKey: row.key, explicitHashKey: undefined, data: `${index} ${row.key}` };
          return { kind: 'answered', output: { kind: 'output', records: [{ output: 'main', record }] } as never };
        },
        close: () => {},
      };
    },
  };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    { isolation },
  );
  const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
  const log = { info: () => {}, warn: () => {} };
  const runtime = { pipeline, ports: memory.ports, md5, decompress, log };
  const reduce = (given: Partial<typeof input> = {}) => reduceKeyGroup({ ...input, ...given }, runtime);
  const begin = async (trial?: RowTrial) => {
    await putSealed(memory, body, 0, [rowsOf(rows)]);
    if (trial !== undefined) await memory.ports.rows.putTrial(state, trial);
  };
  return { memory, reduce, begin, starts, ran, inPlace };
}

/** Each round gets on, or says until when to wait. */
async function roundsUntilDone({ memory, reduce }: Pick<ReturnType<typeof worldOf>, 'memory' | 'reduce'>) {
  let rounds = 0;
  for (let answer = await reduce(); !answer.done; answer = await reduce()) {
    expect(answer.progressed || answer.waitUntil! > memory.now).toBe(true);
    memory.now = Math.max(memory.now, answer.waitUntil ?? 0);
    rounds += 1;
  }
  return rounds;
}

describe('a row that ends the thread of its user code', () => {
  it('is given up at its third death; the others are sent, and the row lies in a dead letter with what it is made of', async () => {
    const { memory, reduce, begin } = worldOf({ rows: 5, deadly: ['k2'] });
    await begin({ ...newTrial, hasDied: true });
    for (const death of [1, 2]) {
      const answer = await reduce();
      expect(answer).toMatchObject({ done: false, progressed: false, waitUntil: memory.now + minute });
      expect(memory.sent, `after death ${death}`).toEqual([]);
      memory.now += minute;
    }
    expect(await reduce()).toMatchObject({ done: true, emitted: 4 });
    expect(memory.sent.map(({ partitionKey }) => partitionKey)).toEqual(['k0', 'k1', 'k3', 'k4']);
    const [letter] = memory.deadLetters;
    expect(letter).toMatchObject({ reason: 'crashed-reducer', message: expect.stringContaining('3 times') });
    expect(JSON.parse(new TextDecoder().decode(letter!.payload))).toMatchObject({
      row: { key: 'k2', windowStart: '1970-01-01T00:00:00.000Z', events: 1, mean: 1 },
      accumulators: { events: 1, mean: [1, 1] },
    });
  });

  it('is not run before its minute is over', async () => {
    const { memory, reduce, begin, starts } = worldOf({ rows: 5, deadly: ['k2'] });
    await begin(newTrial);
    const { waitUntil } = await reduce();
    memory.now = waitUntil! - 1;
    const before = starts.length;
    expect(await reduce()).toMatchObject({ done: false, waitUntil });
    expect(starts.length).toBe(before);
  });

  it('does not keep others from being found in the same try', async () => {
    const { memory, reduce, begin } = worldOf({ rows: 9, deadly: ['k2', 'k5'] });
    await begin(newTrial);
    await reduce();
    const trial = await memory.ports.rows.loadTrial(state);
    expect(trial?.deaths.map(({ index }) => index)).toEqual([2, 5]);
  });

  it('is one of at most five: more are a fault of the code, told by name, and the next start begins anew', async () => {
    const deadly = Array.from({ length: 6 }, (_, at) => `k${at}`);
    const { memory, reduce, begin } = worldOf({ rows: 9, deadly, takesMs: 10 });
    await begin(newTrial);
    for (const _ of [1, 2]) {
      await reduce();
      memory.now += minute;
    }
    await expect(reduce()).rejects.toMatchObject({ name: 'TooManyCrashes' });
    expect(await memory.ports.rows.loadTrial(state)).toEqual(newTrial);
    expect(memory.sent).toEqual([]);
  });
});

describe('rows that take longer apart than a reducer has', () => {
  it('are each run apart once, over as many rounds as it takes, and all sent (TRIAL-5)', async () => {
    const { memory, reduce, begin, ran } = worldOf({ rows: 3_000, deadly: [], eachMs: 10 });
    await begin({ ...newTrial, hasDied: true });
    const cleared: (number | undefined)[] = [];
    let answer = await reduce();
    while (!answer.done) {
      expect(answer).toMatchObject({ progressed: true, why: expect.stringContaining('of 3000 rows') });
      cleared.push((await memory.ports.rows.loadTrial(state))?.clearedUpTo);
      answer = await reduce();
    }
    expect(cleared).toEqual([1_200, 2_400, 3_000]);
    expect(answer).toMatchObject({ done: true, emitted: 3_000, rows: { results: 3_000 } });
    expect(ran).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
    const keys = rowsOf(3_000).map(([[key]]) => key);
    expect(memory.sent.map(({ partitionKey }) => partitionKey)).toEqual(keys.toSorted());
  });

  it('do not hide one that dies among them', async () => {
    const { memory, reduce, begin } = worldOf({ rows: 3_000, deadly: ['k1500'], eachMs: 10 });
    await begin({ ...newTrial, hasDied: true });
    expect(await roundsUntilDone({ memory, reduce })).toBeLessThan(9);
    expect(memory.sent).toHaveLength(2_999);
    expect(memory.deadLetters).toMatchObject([{ reason: 'crashed-reducer' }]);
  });

  it('end the pipeline by name where a reducer dies three times of all of them in place', async () => {
    const { memory, reduce, begin } = worldOf({ rows: 5, deadly: [] });
    await begin({ ...newTrial, clearedUpTo: 5, isInPlace: true, diedInPlace: 2, hasDied: true });
    await expect(reduce()).rejects.toMatchObject({
      name: 'TooManyCrashes',
      message: expect.stringContaining('together'),
    });
    expect(await memory.ports.rows.loadTrial(state)).toEqual(newTrial);
  });

  it.each([
    [0, /use more key groups, or more `memorySize`$/],
    // The gathering step has what all key groups hand on, however many there are.
    [1, /it has the first rows of all key groups: use fewer \(`topRows`\), or more `memorySize`$/],
  ])('and say what would help: of group %i of 1 it is %s', async (keyGroup, message) => {
    const memory: Memory = memoryPorts(
      scriptedSource(() => memory, {}),
      {},
    );
    const log = { info: () => {}, warn: () => {} };
    const runtime = { pipeline: { ...windowed(), parallelism: 1 }, ports: memory.ports, log };
    const given = { state: { ...state, keyGroup }, outbox: { end: 0 } } as never;
    const trial = { ...newTrial, isInPlace: true, diedInPlace: 3 };
    await expect(evaluateApart(runtime, given, trial)).rejects.toMatchObject({
      name: 'TooManyCrashes',
      message: expect.stringMatching(message),
    });
  });
});

describe('rows that take longer in place than a reducer has', () => {
  const longestMs = 15_000;
  const keysOf = (rows: number) =>
    rowsOf(rows)
      .map(([[key]]) => key)
      .toSorted();
  const sentKeys = ({ sent }: Memory) => sent.map(({ partitionKey }) => partitionKey);

  it('are each evaluated once, over as many rounds as it takes, and all sent in the end (INPLACE-1)', async () => {
    const { memory, reduce, begin, inPlace, starts } = worldOf({ rows: 30_000, deadly: [], inPlaceMs: 2 });
    await begin();
    const done: number[] = [];
    let answer = await reduce({ again: false });
    for (; !answer.done && done.length < 9; answer = await reduce()) {
      expect(answer).toMatchObject({ progressed: true, why: expect.stringContaining('of 30000 rows') });
      expect(memory.sent).toEqual([]);
      done.push(inPlace.keys.length);
    }
    expect(done).toEqual([6_000, 12_000, 18_000, 24_000]);
    expect(answer).toMatchObject({ emitted: 30_000, rows: { results: 30_000 } });
    expect(inPlace.keys).toEqual(keysOf(30_000));
    expect(sentKeys(memory)).toEqual(keysOf(30_000));
    expect(starts).toEqual([]);
  });

  it('end a round in time, one row at least further, however long each takes (INPLACE-2)', async () => {
    const { memory, reduce, begin, inPlace } = worldOf({ rows: 3, deadly: [], inPlaceMs: longestMs });
    await begin();
    for (const count of [1, 2]) {
      const before = memory.now;
      expect(await reduce({ again: count > 1 })).toMatchObject({ done: false, progressed: true });
      expect(inPlace.keys).toHaveLength(count);
      expect(memory.now - before).toBe(longestMs);
    }
    expect(await reduce()).toMatchObject({ done: true, emitted: 3 });
  });

  it('are what was kept first, whatever code goes on, and also where two reducers are at work (INPLACE-1)', async () => {
    const { memory, reduce, begin, inPlace } = worldOf({ rows: 10, deadly: [], inPlaceMs: 2_000 });
    await begin();
    await reduce({ again: false });
    inPlace.version = 2;
    // Does not know of the first.
    await reduce({ again: false });
    expect(await reduce()).toMatchObject({ done: true, emitted: 10 });
    const versions = memory.sent.map(({ data }) => (JSON.parse(String(data)) as { version: number }).version);
    expect(versions).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(sentKeys(memory)).toEqual(keysOf(10));
  });

  it('are not run apart once they are kept; of those behind, one that dies is given up', async () => {
    const { memory, reduce, begin, ran } = worldOf({ rows: 20, deadly: ['k7'], eachMs: 1_500, inPlaceMs: 1_500 });
    await begin();
    expect(await reduce({ again: false })).toMatchObject({ done: false, progressed: true });
    await memory.ports.rows.putTrial(state, { ...newTrial, hasDied: true });
    expect(await roundsUntilDone({ memory, reduce })).toBeLessThan(9);
    expect(Math.min(...ran)).toBe(8);
    expect(sentKeys(memory)).toEqual(keysOf(20).filter((key) => key !== 'k7'));
    expect(memory.deadLetters).toMatchObject([{ reason: 'crashed-reducer' }]);
  });
});

it('a row that died once and goes well at the next try is sent with the others', async () => {
  const { memory, reduce, begin } = worldOf({ rows: 5, deadly: [] });
  await begin({ ...newTrial, deaths: [{ index: 2, times: [memory.now - minute], message: 'it ran without end' }] });
  expect(await reduce()).toMatchObject({ done: true, emitted: 5 });
  expect(memory.sent).toHaveLength(5);
});

it('a death while the state is loaded blames no row that a try before had in hand', async () => {
  const { memory, reduce, begin } = worldOf({ rows: 5, deadly: [] });
  await begin({ ...newTrial, inHand: { from: 2, upTo: 3 } });
  const { blocks, rows } = memory.ports;
  const { loadPartials } = blocks;
  (blocks as { loadPartials: unknown }).loadPartials = () => Promise.reject(new Error('the process is gone'));
  await expect(reduce()).rejects.toThrow('the process is gone');
  const left = await rows.loadTrial(state);
  expect(left).toEqual(newTrial);
  await rows.putTrial(state, { ...left!, hasDied: true });
  (blocks as { loadPartials: unknown }).loadPartials = loadPartials;
  expect(await reduce()).toMatchObject({ done: true, emitted: 5 });
  expect((await rows.loadTrial(state))?.deaths).toEqual([]);
});

it('a thread that cannot be started says nothing of any row', async () => {
  const { memory, reduce, begin } = worldOf({ rows: 5, deadly: [] });
  await begin(newTrial);
  const { isolation } = memory.ports;
  (isolation as { open: unknown }).open = () => {
    throw Object.assign(new Error('no thread'), { name: 'TemporaryFailure' });
  };
  await expect(reduce()).rejects.toThrow('no thread');
  expect(await memory.ports.rows.loadTrial(state)).toEqual(newTrial);
});

it('without a death in the batch user code runs in place, and no note is looked for', async () => {
  const { memory, reduce, begin, starts } = worldOf({ rows: 5, deadly: ['k2'] });
  await begin(newTrial);
  expect(await reduce({ again: false })).toMatchObject({ done: true, emitted: 5 });
  expect(starts).toEqual([]);
  expect(memory.sent).toHaveLength(5);
});

it('a state that was put is sent, whatever is noted of its rows', async () => {
  const { memory, reduce, begin } = worldOf({ rows: 5, deadly: ['k2'] });
  await begin();
  await reduce({ again: false });
  await memory.ports.rows.putTrial(state, { ...newTrial, hasDied: true });
  expect(await reduce()).toMatchObject({ done: true, emitted: 5 });
});

it('what a reduce gives to user code can be given to another thread', () => {
  const pipeline = windowed();
  const body = batchBody({ watermarkOut: 1_000 });
  const { rows, setup } = prepareReduce(pipeline, body, { keyGroup: 0, before: rowsOf(3), blocks: [] });
  const given = { rows: rows.map((row) => row), setup };
  expect(given.rows).toHaveLength(3);
  expect(structuredClone(given)).toEqual(given);
});
