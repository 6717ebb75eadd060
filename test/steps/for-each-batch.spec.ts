/** Rows of a sealed batch that a function of the user's own is called with: in the same parts however often, and none is lost. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createCallbackSink } from '../../functions/adapters/callback/for-each-batch-sink.ts';
import type { BatchCall, BatchRow } from '../../functions/index.ts';
import { count, forEachBatch, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { Gone, MortalProcess, noteDeath, reduceUntilDone } from '../support/reduce-until-done.ts';

const minute = 60_000;
const input = { epoch: 7, batchId: 0, ref: 7, keyGroup: 0, again: true };
const state = { batchId: 0, ref: 7, keyGroup: 0 };
const keysOf = (rows: number) => Array.from({ length: rows }, (_, at) => `k${String(at).padStart(4, '0')}`);

type Call = { readonly id: string; readonly keys: readonly string[]; readonly call: Omit<BatchCall, 'signal'> };
type Setup = {
  readonly rows: number;
  readonly maxRows?: number;
  readonly mostInStep?: number;
  readonly isNamed?: boolean;
  readonly letters?: boolean;
  /** What the function does with its rows. Undefined: it takes them. */
  readonly does?: (call: Call, times: number) => unknown;
  readonly takesMs?: number;
};

function worldOf({
  rows,
  maxRows = 10,
  mostInStep = 1_000,
  does,
  takesMs = 0,
  isNamed = false,
  letters = false,
}: Setup) {
  const calls: Call[] = [];
  const taken: string[] = [];
  const others: OutputRecord[] = [];
  const mortal = new MortalProcess();
  let most = maxRows;
  const callback = async (given: readonly BatchRow<{ key: string }>[], { signal: _, ...call }: BatchCall) => {
    const keys = given.map(({ value }) => String(value.key));
    const made = { id: call.id, keys, call };
    calls.push(made);
    memory.now += takesMs;
    await does?.(made, calls.filter(({ id }) => id === call.id).length);
    taken.push(...keys);
  };
  const pipelineNow = () => {
    const grouped = pipeline('called')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), key: z.string() })))
      .withWatermark(({ at }) => at, { delay: '0 seconds', maxFutureTime: '10000 days' })
      .groupBy({ key: ({ key }) => key })
      .window(tumbling('10 milliseconds'))
      .aggregate({ events: count() });
    const sink = forEachBatch(callback, { maxRows: most });
    const written = isNamed
      ? grouped.writeStream(kinesis({ streamName: 'out' })).writeStream(sink, { name: 'called' })
      : grouped.writeStream(sink);
    const all = letters ? written.deadLettersTo(kinesis({ streamName: 'letters' })) : written;
    return requirePipeline(all) as Pipeline & { readonly aggregation: Aggregation };
  };
  // What a call's time ends never comes here.
  const sleep = (ms: number, cut?: AbortSignal) =>
    cut === undefined ? memory.ports.clock.sleep(ms) : new Promise<void>(() => {});
  const sinkOf = ({ id, sink }: Output) =>
    sink.kind.kind === 'forEachBatch'
      ? createCallbackSink(sink.options as never, { clock: { ...memory.ports.clock, sleep }, random: () => 0.5 })
      : {
          send: async (records: readonly OutputRecord[]) => {
            others.push(...records.map((record) => ({ ...record, partitionKey: id })));
            return undefined;
          },
        };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    { sink: (output) => sinkOf(pipelineNow().outputs.find(({ id }) => id === output)!) },
  );
  memory.mostInStep = mostInStep;
  const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipelineNow().fingerprint });
  const log = { info: () => {}, warn: () => {} };
  const reduce = async (given: Partial<typeof input> = {}) => {
    const code = pipelineNow();
    const sinks = new Map(code.outputs.map((output) => [output.id, sinkOf(output)]));
    const ports = { ...memory.ports, sink: (output: string) => sinks.get(output)! };
    return mortal.run(() => reduceKeyGroup({ ...input, ...given }, { pipeline: code, ports, log }));
  };
  const untilDone = () => reduceUntilDone(memory, state, (again) => reduce({ again }));
  const begin = () => putSealed(memory, body, 0, [keysOf(rows).map((key) => [[key], [[0, 10, [1]]]] as const)]);
  const deploy = (rows: number) => {
    most = rows;
  };
  return { memory, calls, taken, others, reduce, begin, untilDone, end: mortal.end, deploy };
}

const shapeOf = (calls: readonly Call[]) => calls.map(({ call: { part, parts }, keys }) => [part, parts, keys.length]);
const sameById = (calls: readonly Call[]) => {
  const byId = new Map<string, unknown>();
  for (const call of calls) {
    expect(call, call.id).toEqual(byId.get(call.id) ?? call);
    byId.set(call.id, call);
  }
  return [...byId.keys()];
};

describe('the rows of a key group', () => {
  it('come in parts of maxRows, in their order, and no part goes over what is stored together', async () => {
    const { calls, taken, reduce, begin } = worldOf({ rows: 25, mostInStep: 12 });
    await begin();
    expect(await reduce({ again: false })).toMatchObject({ done: true, emitted: 25 });
    expect(shapeOf(calls)).toEqual([
      [0, 5, 10],
      [1, 5, 2],
      [2, 5, 10],
      [3, 5, 2],
      [4, 5, 1],
    ]);
    expect(taken).toEqual(keysOf(25));
    expect(calls[3]!.call).toMatchObject({ pipeline: 'called', output: 'main', batchId: 0, ref: 7, keyGroup: 0 });
  });

  it('come again in the same parts, with the same names, wherever the try before ended', async () => {
    for (const dies of [1, 2, 3, 4, 5]) {
      const { calls, taken, untilDone, begin, end } = worldOf({
        ...{ rows: 25, mostInStep: 12 },
        does: () => (calls.length === dies ? end() : undefined),
      });
      await begin();
      await untilDone();
      expect(sameById(calls)).toHaveLength(5);
      expect(new Set(taken)).toEqual(new Set(keysOf(25)));
    }
  });

  it('come in the parts that were stored, whatever maxRows is by then (PART-1)', async () => {
    const { calls, reduce, begin, deploy } = worldOf({
      rows: 25,
      does: ({ call }) => {
        if (call.part === 1 && calls.length === 2) throw new Error('not now');
      },
      takesMs: 20_000,
    });
    await begin();
    expect(await reduce({ again: false })).toMatchObject({ done: false });
    deploy(7);
    for (let answer = await reduce(); !answer.done; answer = await reduce());
    expect(sameById(calls)).toHaveLength(3);
    expect(new Set(shapeOf(calls).map(([, parts]) => parts))).toEqual(new Set([3]));
  });

  it('come again whole where a note ends within a part', async () => {
    const { memory, calls, reduce, begin } = worldOf({ rows: 25 });
    await begin();
    await reduce({ again: false });
    await memory.ports.outboxNotes.putSent(state, { main: { count: 13, ahead: [24] } });
    expect(await reduce()).toMatchObject({ done: true });
    expect(shapeOf(calls).slice(3)).toEqual([
      [1, 3, 10],
      [2, 3, 5],
    ]);
  });
});

describe('a function that throws', () => {
  it('holds its batch, which goes on at that part: what came before is not called with again', async () => {
    let isDown = true;
    const { calls, taken, reduce, begin } = worldOf({
      rows: 25,
      does: ({ call }) => {
        if (isDown && call.part === 1) throw new RangeError('full of SEA');
      },
    });
    await begin();
    const answer = await reduce({ again: false });
    expect(answer).toMatchObject({ done: false, progressed: true });
    expect(answer.why).toMatch(/^forEachBatch: the function threw RangeError at .*, with part 2 of 3 of batch 0/);
    expect(answer.why).not.toContain('SEA');
    expect(await reduce()).toMatchObject({ done: false, progressed: false });
    isDown = false;
    expect(await reduce()).toMatchObject({ done: true, emitted: 25 });
    expect(taken).toEqual(keysOf(25));
    expect(sameById(calls)).toHaveLength(3);
  });

  it('of a further output is told by its name, and the others have their rows', async () => {
    const { others, reduce, begin } = worldOf({
      ...{ rows: 3, isNamed: true },
      does: () => {
        throw new Error('no');
      },
    });
    await begin();
    const { why, done } = await reduce({ again: false });
    expect([done, why]).toEqual([
      false,
      expect.stringMatching(/^output called: forEachBatch: the function threw Error/),
    ]);
    expect(others).toHaveLength(3);
  });
});

describe('a call for which little time is left', () => {
  it('is the next round, which has more', async () => {
    const { calls, reduce, begin } = worldOf({ rows: 40, takesMs: 6_000 });
    await begin();
    expect(await reduce({ again: false })).toMatchObject({ done: false, progressed: true, why: '20 records are left' });
    expect(calls).toHaveLength(2);
    expect(await reduce()).toMatchObject({ done: true });
    expect(calls).toHaveLength(4);
  });
});

describe('a row that ends its reducer', () => {
  const deadly = 'k0013';
  const killedBy = (...keys: readonly string[]) => {
    const world = worldOf({
      rows: 25,
      letters: true,
      does: (call) => (call.keys.some((key) => keys.includes(key)) ? world.end() : undefined),
    });
    return world;
  };

  it('is found by calling its part three times more, then each of its rows, and is a dead letter; all others are taken', async () => {
    const { memory, calls, taken, others, untilDone, begin } = killedBy(deadly);
    await begin();
    const answer = await untilDone();
    expect(answer).toMatchObject({ done: true, emitted: 24, rows: { results: 25 } });
    expect(answer.rows?.refused).toMatchObject([{ reason: 'crashed-reducer', count: 1 }]);
    expect(new Set(taken)).toEqual(new Set(keysOf(25).filter((key) => key !== deadly)));
    const withIt = calls.filter(({ keys }) => keys.includes(deadly));
    // Nobody notes anything before the first death.
    expect(withIt.map(({ keys }) => keys.length)).toEqual([10, 10, 10, 10, 1, 1, 1]);
    expect(sameById(calls)).toContain('called/main/1/0/7/0/1.3');
    expect(memory.deadLetters).toMatchObject([
      { reason: 'crashed-reducer', resultIdentity: { index: 13, key: `["${deadly}"]` } },
    ]);
    expect(JSON.parse(new TextDecoder().decode(memory.deadLetters[0]!.payload))).toMatchObject({
      key: deadly,
      events: 1,
    });
    expect(others.map(({ partitionKey }) => partitionKey)).toEqual(['dead-letters']);
    expect(JSON.parse(String(others[0]!.data))).toMatchObject({
      reason: 'crashed-reducer',
      // Another output may give up the same row, and a reader drops what has one identity twice.
      _sluice: { output: 'dead-letters/main', index: 13 },
    });
  });

  it('does not repeat what stood before it, once a death is known (DEADLY-3)', async () => {
    const { taken, untilDone, begin } = killedBy(deadly);
    await begin();
    await untilDone();
    const times = (key: string) => taken.filter((one) => one === key).length;
    expect([times('k0000'), times('k0012'), times('k0014'), times('k0024')]).toEqual([2, 1, 1, 1]);
  });

  it('is not called with before its minute is over', async () => {
    const { memory, calls, reduce, begin, end } = worldOf({ rows: 3, does: () => end() });
    await begin();
    const died = async (again: boolean) => {
      await expect(reduce({ again })).rejects.toThrow(Gone);
      await noteDeath(memory, state);
    };
    await died(false);
    await died(true);
    expect(await reduce()).toMatchObject({ done: false, progressed: false, waitUntil: expect.any(Number) });
    const { waitUntil } = await reduce();
    expect(calls).toHaveLength(2);
    memory.now = waitUntil!;
    await died(true);
    expect(calls).toHaveLength(3);
    expect(waitUntil! - memory.now).toBeLessThanOrEqual(minute);
  });

  it('is one of at most five: more are a fault of the code, told by name; the next start gives up five more', async () => {
    const { memory, untilDone, begin, taken } = killedBy(...keysOf(25).slice(3, 10));
    await begin();
    await expect(untilDone()).rejects.toMatchObject({
      name: 'TooManyCrashes',
      message: expect.stringMatching(
        /^output main: the function has ended the reducer of key group 0 with 6 rows of batch 0/,
      ),
    });
    expect(memory.deadLetters).toHaveLength(5);
    expect(await untilDone()).toMatchObject({ emitted: 18 });
    expect(new Set(taken)).toEqual(new Set([...keysOf(25).slice(0, 3), ...keysOf(25).slice(10)]));
  });

  it('that goes well when its part comes again is no letter', async () => {
    let deaths = 0;
    const { memory, calls, untilDone, begin, end } = worldOf({
      rows: 25,
      does: ({ call }) => (call.part === 1 && deaths++ < 2 ? end() : undefined),
    });
    await begin();
    expect(await untilDone()).toMatchObject({ emitted: 25 });
    expect(memory.deadLetters).toEqual([]);
    expect(sameById(calls)).toHaveLength(3);
  });
});

it('a death that is none of a call blames none: nothing was in hand', async () => {
  const { memory, calls, reduce, begin } = worldOf({ rows: 25 });
  await begin();
  await reduce({ again: false });
  await noteDeath(memory, state);
  expect(await reduce()).toMatchObject({ done: true });
  await noteDeath(memory, state);
  expect(await reduce()).toMatchObject({ done: true, emitted: 25 });
  expect((await memory.ports.rows.loadTrial(state))?.calls?.main).toMatchObject({
    died: null,
    inHand: null,
    taken: 25,
  });
  expect(calls).toHaveLength(6);
});

it('without a death nothing is noted but how far it came', async () => {
  const { memory, reduce, begin } = worldOf({ rows: 25 });
  await begin();
  await reduce({ again: false });
  expect(await memory.ports.rows.loadTrial(state)).toBeUndefined();
});
