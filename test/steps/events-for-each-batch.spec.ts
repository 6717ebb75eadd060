/**
 * Events of a pipeline that does not group, that a function of the user's own is called with: read, sealed, stored in the outbox of their
 * shard's key group, and then in the same parts however often (PART-1, DEADLY-1 to DEADLY-3).
 */
import { expect, it } from 'vitest';
import { createCallbackSink } from '../../functions/adapters/callback/for-each-batch-sink.ts';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import type { BatchCall, BatchEvent } from '../../functions/index.ts';
import { forEachBatch, json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { checkpoint, decompress, md5, noon, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { anyObject } from '../support/pipelines.ts';
import { MortalProcess, reduceUntilDone } from '../support/reduce-until-done.ts';

const log = { info: () => {}, warn: () => {} };
const [batchId, ref, epoch] = [0, 101, 101];
const state = { batchId, ref, keyGroup: 0 };

type Event = { readonly id: number };
type Call = {
  readonly id: string;
  readonly events: readonly BatchEvent<Event>[];
  readonly call: Omit<BatchCall, 'signal'>;
};

/** `does`: what the function does with its events; it takes them if not said. */
function worldOf(ids: readonly number[], does: (call: Call, end: () => Promise<never>) => unknown = () => {}) {
  const calls: Call[] = [];
  const others: OutputRecord[] = [];
  let most = 2;
  const mortal = new MortalProcess();
  const save = async (events: readonly BatchEvent<Event>[], { signal: _, ...call }: BatchCall) => {
    const made = { id: call.id, events, call };
    calls.push(made);
    await does(made, mortal.end);
  };
  const copiedNow = () =>
    requirePipeline(
      pipeline('copied', { parallelism: 1 })
        .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
        .decode(json(anyObject))
        .writeStream(forEachBatch(save as never, { maxRows: most }))
        .deadLettersTo(kinesis({ streamName: 'letters' })),
    );
  const letters = {
    send: async (records: readonly OutputRecord[]) => {
      others.push(...records);
      return undefined;
    },
  };
  // What a call's time ends never comes here.
  const sleep = (ms: number, cut?: AbortSignal) =>
    cut === undefined ? memory.ports.clock.sleep(ms) : new Promise<void>(() => {});
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: ids.map((id) => record(id, { id })) }),
    {
      sink: (output) =>
        output === 'main'
          ? createCallbackSink(
              { callback: save as never },
              { clock: { ...memory.ports.clock, sleep }, random: () => 0.5 },
            )
          : letters,
    },
  );
  memory.now = noon + 60_000;
  const read = async () => {
    const copied = copiedNow();
    const { fingerprint, parallelism } = copied;
    const task = plannedTask([planned('a')], { ref, batchId, task: 0, fingerprint, parallelism, watermark: null });
    const plan = planRecord({ ref, batchId, parallelism, fingerprint, taskCount: 1 });
    await memory.ports.plans.putPlan(plan, [task]);
    const input = { run: 'run', epoch, batchId, task: 0, readSeconds: 12 };
    await processShards(input, { pipeline: copied, ports: memory.ports, md5, decompress, log });
    const blocks = [memory.blocks.get(`${batchId}/${ref}/0`)!.summary];
    const rules = { watermarks: undefined, window: undefined };
    const seal = decideSeal(
      { ...plan, newShards: [checkpoint('a')] },
      undefined,
      { blocks, outcomes: ['moved'] },
      rules,
    );
    if (seal.kind !== 'sealed') throw new Error('nothing moved');
    await memory.ports.seals.putBody(seal.body);
    return blocks[0]!;
  };
  const reduce = (again = false) => {
    const input = { epoch, batchId, ref, keyGroup: 0, again };
    return mortal.run(() => reduceKeyGroup(input, { pipeline: copiedNow(), ports: memory.ports, log }));
  };
  const untilDone = () => reduceUntilDone(memory, state, reduce);
  const deploy = (maxRows: number) => {
    most = maxRows;
  };
  return { memory, calls, others, read, reduce, untilDone, deploy };
}

const idsIn = (calls: readonly Call[]) => calls.map(({ events }) => events.map(({ value }) => value.id));

it('nobody is called before the seal; then it has them in parts, in the order of their shard, with their places', async () => {
  const { calls, read, reduce } = worldOf([1, 2, 3]);
  expect((await read()).counters).toMatchObject({ read: 3, counted: 3, emitted: 3 });
  expect(calls).toEqual([]);
  expect(await reduce()).toMatchObject({ done: true, emitted: 3 });
  expect(idsIn(calls)).toEqual([[1, 2], [3]]);
  expect(calls[0]!.events[1]).toEqual({
    ...{ value: { id: 2 }, shardId: 'a', sequenceNumber: '2', subSequenceNumber: 0, element: 0 },
  });
  expect(calls[1]!.call).toMatchObject({ pipeline: 'copied', output: 'main', batchId, ref, part: 1, parts: 2 });
});

it('events that come again come in the same calls, wherever the try before ended, whatever maxRows is by then', async () => {
  for (const dies of [1, 2, 3]) {
    const { calls, read, untilDone, deploy } = worldOf([1, 2, 3, 4, 5], (_, end) => {
      deploy(3);
      return calls.length === dies ? end() : undefined;
    });
    await read();
    expect(await untilDone()).toMatchObject({ emitted: 5 });
    const byId = new Map<string, Call>();
    for (const call of calls) expect(call).toEqual(byId.set(call.id, byId.get(call.id) ?? call).get(call.id));
    expect(idsIn([...byId.values()])).toEqual([[1, 2], [3, 4], [5]]);
    expect(calls).toHaveLength(3 + dies);
  }
});

it('an event that ends its reducer is a dead letter that says where it lay; the others are taken', async () => {
  const { memory, calls, others, read, untilDone } = worldOf([1, 2, 3], ({ events }, end) =>
    events.some(({ value }) => value.id === 2) ? end() : undefined,
  );
  await read();
  const answer = await untilDone();
  expect(answer).toMatchObject({ emitted: 2, rows: { refused: [{ reason: 'crashed-reducer', count: 1 }] } });
  expect(idsIn(calls)).toEqual([[1, 2], [1, 2], [1, 2], [1, 2], [1], [2], [2], [2], [3]]);
  expect(memory.deadLetters).toMatchObject([
    { reason: 'crashed-reducer', message: expect.stringMatching(/with this event alone: a 2 0, element 0$/) },
  ]);
  expect(new TextDecoder().decode(memory.deadLetters[0]!.payload)).toBe('{"id":2}');
  expect(memory.deadLetters[0]).not.toHaveProperty('resultIdentity');
  expect(others.map(({ data }) => JSON.parse(String(data))._sluice)).toMatchObject([
    { output: 'dead-letters/main', shard: 'a', sequence: '2', batch: batchId, ref },
  ]);
});
