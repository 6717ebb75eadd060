/**
 * Events of a pipeline that does not group, for sinks that are sent to after the seal: read, put into the block, stored in the outbox of
 * the shard's key group, and sent from there (SEALED-EVENT-1, SEALED-EVENT-2, CARRY-1, CARRY-2).
 */
import { describe, expect, it } from 'vitest';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import { keyGroupOf } from '../../functions/core/key-group.ts';
import type { BlockSummary } from '../../functions/core/model.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import { json, kinesis } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { checkpoint, decompress, md5, noon, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { anyObject } from '../support/pipelines.ts';
import { pipelineOfSealed, sealed } from '../support/sealed-streams.ts';

const log = { info: () => {}, warn: () => {} };
const events = (parallelism = 1) =>
  pipelineOfSealed('copied', { parallelism })
    .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
    .decode(json(anyObject))
    .filter(({ isLeftOut }) => isLeftOut !== true);
const copied = requirePipeline(events().writeStream(sealed({ streamName: 'out' })));
const inGroups = requirePipeline(events(5).writeStream(sealed({ streamName: 'out' })));
const mixed = requirePipeline(
  events()
    .writeStream(kinesis({ streamName: 'out' }))
    .writeStream(sealed({ streamName: 'kept' }), { name: 'kept', filter: ({ isKept }) => isKept === true })
    .deadLettersTo(sealed({ streamName: 'letters' })),
);
const several = requirePipeline(
  events()
    .flatMap(({ id }) => [
      { id, part: 0 },
      { id, part: 1 },
    ])
    .writeStream(sealed({ streamName: 'out' })),
);

type Sent = { readonly output: string; readonly record: OutputRecord };

/** `take`: what a sink does with what it is given; it takes all of it if not said. */
function world(shards: Readonly<Record<string, readonly KinesisRecord[]>>) {
  const sent: Sent[] = [];
  const asked: string[] = [];
  const behaviour: { take: (output: string, given: readonly OutputRecord[]) => ReturnType<OutputSink['send']> } = {
    take: async () => undefined,
  };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, shards),
    {
      sink: (output) => ({
        async send(given) {
          const undelivered = await behaviour.take(output, given);
          const missing = new Set(undelivered?.places);
          sent.push(...given.filter((_, at) => !missing.has(at)).map((each) => ({ output, record: each })));
          return undelivered;
        },
        async maxRecordBytes() {
          asked.push(output);
          return 10_485_760;
        },
      }),
    },
  );
  memory.now = noon + 60_000;
  return { memory, sent, asked, behaviour };
}
type World = ReturnType<typeof world>;

let epoch = 100;
/** One batch of a task for each shard: read, and sealed. `reduce`: of a key group. */
async function batch({ memory }: World, pipeline: Pipeline, shardIds: readonly string[] = ['a']) {
  epoch += 1;
  const [batchId, ref] = [0, epoch];
  const { fingerprint, parallelism } = pipeline;
  const tasks = shardIds.map((id, task) =>
    plannedTask([planned(id)], { ref, batchId, task, fingerprint, parallelism, watermark: null }),
  );
  const plan = planRecord({ ref, batchId, parallelism, fingerprint, taskCount: tasks.length });
  await memory.ports.plans.putPlan(plan, tasks);
  const blocks: BlockSummary[] = [];
  for (const { task } of tasks) {
    const input = { run: 'run', epoch, batchId, task, readSeconds: 12 };
    await processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
    const block = memory.blocks.get(`${batchId}/${ref}/${task}`)?.summary;
    if (block !== undefined) blocks.push(block);
  }
  const newShards = shardIds.map((id) => checkpoint(id));
  const outcomes = tasks.map(() => 'moved' as const);
  const rules = { watermarks: undefined, window: undefined };
  const seal = decideSeal({ ...plan, newShards }, undefined, { blocks, outcomes }, rules);
  if (seal.kind !== 'sealed') throw new Error('nothing moved');
  await memory.ports.seals.putBody(seal.body);
  const reduce = (keyGroup = 0, again = false) =>
    reduceKeyGroup({ epoch, batchId, ref, keyGroup, again }, { pipeline, ports: memory.ports, log });
  return { blocks, body: seal.body, reduce, ref };
}

const event = (id: number, given: object = {}) => record(id, { id, ...given });
const idsIn = (sent: readonly Sent[], output = 'main') =>
  sent.filter((each) => each.output === output).map(({ record: { data } }) => JSON.parse(`${Buffer.from(data)}`).id);
const throttledAfter = (room: number, given: readonly OutputRecord[]) => {
  const places = [...given.keys()].slice(room);
  const error = new SluiceError('TemporaryFailure', 'throttled');
  return places.length === 0 ? undefined : { places, error, isOnlySlow: true };
};

describe('events for a sink that is sent to after the seal', () => {
  it('are sent by nobody before it: executors count them, and the block has them', async () => {
    const run = world({ a: [event(1), event(2, { isLeftOut: true }), record(3, 'no object'), event(4)] });
    const { blocks, body, reduce } = await batch(run, copied);
    expect(blocks[0]).toMatchObject({
      counters: { read: 4, counted: 2, filtered: 1, deadLettered: 1, emitted: 2 },
      groups: [{ keyGroup: 0, ends: [] }],
    });
    expect(run.sent).toEqual([]);
    expect(body.states).toEqual([{ batchId: 0, ref: body.ref, ends: [] }]);
    expect(await reduce()).toMatchObject({ done: true, emitted: 2 });
    expect(idsIn(run.sent)).toEqual([1, 4]);
  });

  it('say of which sealed batch they are, and of no try', async () => {
    const run = world({ a: [event(7)] });
    const { reduce, ref } = await batch(run, several);
    await reduce();
    const identity = { v: 1, pipeline: 'copied', output: 'main', source: 'main', shard: 'a', sequence: '7', sub: 0 };
    expect(run.sent.map(({ record: { data } }) => JSON.parse(String(data)))).toEqual([
      { id: 7, part: 0, _sluice: { ...identity, generation: expect.any(Number), index: 0, batch: 0, ref } },
      { id: 7, part: 1, _sluice: { ...identity, generation: expect.any(Number), index: 1, batch: 0, ref } },
    ]);
  });

  it('are in the order of their shard, those of a shard in one key group', async () => {
    const shardIds = ['a', 'b', 'c', 'd'];
    const shards = shardIds.map((id, at) => [id, [1, 2, 3].map((each) => event(100 * at + each))] as const);
    const run = world(Object.fromEntries(shards));
    const { blocks, body, reduce } = await batch(run, inGroups, shardIds);
    const groupOf = (id: string) => keyGroupOf(id, 5);
    expect(blocks.map(({ groups }) => groups.map(({ keyGroup }) => keyGroup))).toEqual(
      shardIds.map((id) => [groupOf(id)]),
    );
    for (const [keyGroup, state] of body.states.entries()) if (state !== null) await reduce(keyGroup);
    for (const [at] of shardIds.entries()) {
      const own = idsIn(run.sent).filter((id) => Math.floor(id / 100) === at);
      expect(own).toEqual([1, 2, 3].map((each) => 100 * at + each));
    }
  });

  it('are sent as they are stored by whoever comes after a crash, from where the sink stopped', async () => {
    const run = world({ a: [event(1), event(2), event(3)] });
    const { reduce } = await batch(run, copied);
    run.behaviour.take = async (_, given) => throttledAfter(2, given);
    expect(await reduce()).toMatchObject({ done: false, progressed: true });
    run.behaviour.take = async () => undefined;
    expect(await reduce(0, true)).toMatchObject({ done: true, emitted: 3 });
    expect(idsIn(run.sent)).toEqual([1, 2, 3]);
  });

  it('that are more than a block may carry end the reads of the task: the next batch has the rest', async () => {
    const filler = 'x'.repeat(400_000);
    const run = world({ a: Array.from({ length: 30 }, (_, at) => event(at + 1, { filler })) });
    const { blocks } = await batch(run, copied);
    // A step has up to 4 MB.
    expect(blocks[0]!.counters.read).toBe(20);
    expect(blocks[0]!.shards[0]!.outcome).toMatchObject({ kind: 'deadline', to: { sequenceNumber: '20' } });
  });

  it('are as large as every sink of that kind takes: an executor asks none, since it may not', async () => {
    const run = world({ a: [event(1), event(2, { filler: 'x'.repeat(1_100_000) })] });
    const { blocks } = await batch(run, copied);
    expect(run.asked).toEqual([]);
    expect(blocks[0]).toMatchObject({ counters: { emitted: 1, deadLettered: 1 } });
    expect(run.memory.deadLetters).toMatchObject([{ sequenceNumber: '2', reason: 'output-too-large' }]);
  });
});

describe('beside an output that is sent to while reading', () => {
  it('each has its own time, and all are counted by those who read', async () => {
    const run = world({ a: [event(1), event(2, { isKept: true }), record(3, 'no object')] });
    const { blocks, reduce } = await batch(run, mixed);
    expect(run.sent.map(({ output }) => output)).toEqual(['main', 'main']);
    expect(blocks[0]?.counters).toMatchObject({ read: 3, counted: 2, emitted: 2, deadLettered: 1 });
    expect(blocks[0]?.outputs).toEqual({
      main: { emitted: 2, filtered: 0, refused: 0 },
      kept: { emitted: 1, filtered: 1, refused: 0 },
      'dead-letters': { emitted: 1, filtered: 0, refused: 0 },
    });
    expect(await reduce()).toMatchObject({
      done: true,
      outputs: { kept: { emitted: 1 }, 'dead-letters': { emitted: 1 } },
    });
    expect(idsIn(run.sent, 'kept')).toEqual([2]);
    expect(run.sent.filter(({ output }) => output === 'dead-letters')).toHaveLength(1);
    expect(idsIn(run.sent)).toEqual([1, 2]);
  });

  it('an event travels when the other one has it: what is read again has not travelled', async () => {
    const kept = { isKept: true };
    const run = world({ a: [event(1, kept), event(2, kept), event(3, kept)] });
    run.behaviour.take = async (output, given) => (output === 'main' ? throttledAfter(1, given) : undefined);
    const { blocks, reduce } = await batch(run, mixed);
    expect(blocks[0]?.shards[0]?.outcome).toMatchObject({ to: { sequenceNumber: '1' } });
    await reduce();
    expect(idsIn(run.sent, 'kept')).toEqual([1]);
  });
});
