/** Late events and letters on their way: read, put into the block, stored with the state, and sent from there (CARRY-1, CARRY-2, LETTER-2). */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import { count, json, kinesis, session, tumbling, pipeline as write } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, decompress, md5, noon, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { anyObject } from '../support/pipelines.ts';

const log = { info: () => {}, warn: () => {} };
const readings = write('readings')
  .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(anyObject))
  .withWatermark(({ at }) => at as number, { delay: '0 seconds', maxFutureTime: '10000 days' })
  .groupBy({});
const tumblings = requirePipeline(
  readings
    .window(tumbling('1 second'))
    .sideOutputLate(kinesis({ streamName: 'late' }))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' })),
);
const sessions = requirePipeline(
  readings
    .window(session('1 second'))
    .sideOutputLate(kinesis({ streamName: 'late' }))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' })),
);

const withLetters = requirePipeline(
  readings
    .window(tumbling('1 second'))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' }))
    .deadLettersTo(kinesis({ streamName: 'letters' })),
);
const republished = requirePipeline(
  write('republished')
    .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
    .decode(json(anyObject))
    .writeStream(kinesis({ streamName: 'out' }))
    .deadLettersTo(kinesis({ streamName: 'letters' })),
);

/** Sinks in memory, of which that of what is beside results does as it is told. */
function world(
  shards: Readonly<Record<string, readonly KinesisRecord[]>>,
  late: OutputSink['send'] = async () => undefined,
) {
  const sent: OutputRecord[] = [];
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, shards),
    {
      sink: (output) => ({
        send: async (given, deadline) => {
          if (output === 'main') return undefined;
          const undelivered = await late(given, deadline);
          const missing = new Set(undelivered?.places);
          sent.push(...given.filter((_, at) => !missing.has(at)));
          return undelivered;
        },
      }),
    },
  );
  memory.now = noon + 60_000;
  return { memory, sent };
}
type World = ReturnType<typeof world>;

let epoch = 100;
/** One batch of one task, sealed under the watermark that it began with; reduced by `reduce`. */
async function batch({ memory }: World, pipeline: Pipeline, shardIds: readonly string[] = ['a']) {
  epoch += 1;
  const [batchId, ref] = [1, epoch];
  const shards = shardIds.map((id) => planned(id));
  const task = plannedTask(shards, { ref, fingerprint: pipeline.fingerprint, watermark: noon, parallelism: 1 });
  await memory.ports.plans.putPlan(planRecord({ ref }), [task]);
  const input = { run: 'run', epoch, batchId, task: 0, readSeconds: 12 };
  await processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
  const block = memory.blocks.get(`${batchId}/${ref}/0`)!.summary;
  if (pipeline.aggregation === undefined) return { block, reduce: async () => undefined };
  const { fingerprint } = pipeline;
  const blocks = [{ task: 0, nonce: 'n', groups: block.groups }];
  const states = [{ batchId, ref, ends: [] }];
  await memory.ports.seals.putBody(
    batchBody({ batchId, ref, fingerprint, watermarkIn: noon, watermarkOut: noon, blocks, states }),
  );
  const reduce = (again = false) =>
    reduceKeyGroup({ epoch, batchId, ref, keyGroup: 0, again }, { pipeline, ports: memory.ports, log });
  return { block, reduce };
}

const placesOf = (records: readonly OutputRecord[]) =>
  records.map(({ data }) => {
    const { shardId, sequenceNumber } = JSON.parse(String(data));
    return `${shardId} ${sequenceNumber}`;
  });
const early = (id: number) => record(id, { at: noon - 5_000 });

describe('late events', () => {
  it('are sent by nobody before the batch is sealed and its state is stored', async () => {
    const run = world({ a: [early(1), record(2, { at: noon + 5 }), early(3)] });
    const { block, reduce } = await batch(run, tumblings);
    expect(block.counters).toMatchObject({ read: 3, counted: 1, late: 2 });
    expect(run.sent).toEqual([]);
    expect(await reduce()).toMatchObject({ done: true, outputs: { late: { emitted: 2, filtered: 0, refused: 0 } } });
    expect(placesOf(run.sent)).toEqual(['a 1', 'a 3']);
  });

  it('have a group reduced that has nothing else to do', async () => {
    const run = world({ a: [early(1)] });
    const { block, reduce } = await batch(run, tumblings);
    expect(block.groups).toMatchObject([{ keyGroup: 0, ends: [] }]);
    expect(await reduce()).toMatchObject({ done: true, emitted: 0, rows: { results: 0 } });
    expect(placesOf(run.sent)).toEqual(['a 1']);
  });

  it('are sent as they are stored by whoever comes after a crash, the same bytes under the same identity', async () => {
    let isDown = true;
    const seen: OutputRecord[][] = [];
    const run = world({ a: [early(1), early(2)] }, async (given) => {
      seen.push([...given]);
      if (isDown) throw new SluiceError('TemporaryFailure', 'no answer');
      return undefined;
    });
    const { reduce } = await batch(run, tumblings);
    expect(await reduce()).toMatchObject({ done: false, why: 'output late: no answer' });
    isDown = false;
    expect(await reduce(true)).toMatchObject({ done: true });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
  });

  it('are sent from where the sink stopped', async () => {
    let room = 1;
    const run = world({ a: [early(1), early(2), early(3)] }, async (given) => {
      const places = [...given.keys()].slice(room);
      const error = new SluiceError('TemporaryFailure', 'throttled');
      return places.length === 0 ? undefined : { places, error, isOnlySlow: true };
    });
    const { reduce } = await batch(run, tumblings);
    expect(await reduce()).toMatchObject({ done: false, progressed: true });
    room = 9;
    expect(await reduce(true)).toMatchObject({ done: true });
    expect(placesOf(run.sent)).toEqual(['a 1', 'a 2', 'a 3']);
  });

  it('of sessions that no other event joins are late, and those that one of another shard joins are not', async () => {
    const joined = { a: [early(1), record(2, { at: noon - 1_500 })], b: [record(3, { at: noon - 700 })] };
    const run = world(joined);
    const { block, reduce } = await batch(run, sessions, ['a', 'b']);
    // Executors have counted all of them.
    expect(block.counters).toMatchObject({ counted: 3, late: 0 });
    expect(await reduce()).toMatchObject({ rows: { late: 1 } });
    expect(placesOf(run.sent)).toEqual(['a 1']);
  });

  it('that are more than a block may carry end the reads of the task: the next batch has the rest', async () => {
    const filler = 'x'.repeat(400_000);
    const large = (from: number) =>
      Array.from({ length: 30 }, (_, at) => record(from + at, { at: noon - 5_000, filler }));
    const run = world({ a: large(100), b: large(200) });
    const { block } = await batch(run, tumblings, ['a', 'b']);
    const read = block.shards.map(({ events, outcome }) => [events, outcome.kind]);
    // A step of a shard has up to 4 MB; the other one may have begun one as well.
    expect(block.counters.read).toBeLessThanOrEqual(22);
    expect(block.counters.read).toBeGreaterThanOrEqual(11);
    expect(read.map(([, kind]) => kind)).toEqual(read.map(() => 'deadline'));
  });
});

const broken = (id: number) => record(id, 'no object');

describe('dead letters of a pipeline that groups', () => {
  it('are in the table at once, and in their output when the batch is sealed and its state is stored', async () => {
    const run = world({ a: [broken(1), record(2, { at: noon + 5 }), broken(3)] });
    const { block, reduce } = await batch(run, withLetters);
    expect(block.counters).toMatchObject({ read: 3, counted: 1, deadLettered: 2 });
    expect(run.memory.deadLetters.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['1', '3']);
    expect(run.sent).toEqual([]);
    expect(await reduce()).toMatchObject({ done: true, outputs: { 'dead-letters': { emitted: 2 } } });
    expect(placesOf(run.sent)).toEqual(['a 1', 'a 3']);
  });
});

describe('dead letters of one that does not', () => {
  it('are sent as they are read, and their events count once both have them', async () => {
    const run = world({ a: [broken(1), record(2, { at: 1 })] });
    const { block } = await batch(run, republished);
    expect(placesOf(run.sent)).toEqual(['a 1']);
    expect(block.counters).toMatchObject({ read: 2, counted: 1, deadLettered: 1, emitted: 1 });
    expect(block.outputs).toEqual({
      main: { emitted: 1, filtered: 0, refused: 0 },
      'dead-letters': { emitted: 1, filtered: 0, refused: 0 },
    });
  });

  it('that the sink does not take end the read before their event, and are sent by the next try', async () => {
    let room = 1;
    const run = world({ a: [broken(1), broken(2), record(3, { at: 1 })] }, async (given) => {
      const places = [...given.keys()].slice(room);
      const error = new SluiceError('TemporaryFailure', 'throttled');
      return places.length === 0 ? undefined : { places, error, isOnlySlow: true };
    });
    const { block } = await batch(run, republished);
    expect(block.counters).toMatchObject({ read: 1, deadLettered: 1 });
    expect(block.shards[0]?.outcome).toMatchObject({ kind: 'deadline', to: { sequenceNumber: '1' } });
    room = 9;
    await batch(run, republished);
    expect(placesOf(run.sent)).toEqual(['a 1', 'a 1', 'a 2']);
  });

  it('stop the execution where the sink refuses them for good, with the name of the output', async () => {
    const run = world({ a: [broken(1)] }, async () => {
      throw new SluiceError('NotAllowed', 'stream letters: put records: denied');
    });
    await expect(batch(run, republished)).rejects.toMatchObject({
      name: 'NotAllowed',
      message: 'output dead-letters: stream letters: put records: denied',
    });
  });
});
