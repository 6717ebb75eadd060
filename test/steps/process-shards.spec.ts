/** What an executor keeps, gives up and hands on when shards, sinks and schemas misbehave. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { afterRead } from '../../functions/core/after-read.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import type { PlannedShard } from '../../functions/core/model.ts';
import { destinationOf } from '../../functions/core/output.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import type { ShardResult } from '../../functions/core/shard-result.ts';
import { json, kinesis, pipeline as write } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { OutputSink } from '../../functions/sinks/output-sink.ts';
import { NoteKeeper } from '../../functions/steps/process-shards/keep-note.ts';
import { OpenShard } from '../../functions/steps/process-shards/open-shard.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { placeAfter } from '../simulation/checks/places.ts';
import { decompress, md5, named, noon, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped, passedThrough, windowed } from '../support/pipelines.ts';

const log = { info: () => {}, warn: () => {} };

function world(
  shards: Parameters<typeof scriptedSource>[1],
  options: { readonly source?: Parameters<typeof scriptedSource>[2]; readonly ports?: Partial<Ports> } = {},
): Memory {
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, shards, options.source),
    options.ports,
  );
  return memory;
}

let epoch = 100;

/** One batch of one task; the results by shard, or none if no block was stored. */
async function runBatch(memory: Memory, pipeline: Pipeline, shards: readonly PlannedShard[]) {
  epoch += 1;
  const task = plannedTask(shards, { ref: epoch, fingerprint: pipeline.fingerprint });
  await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
  const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 };
  const { outcome } = await processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
  const block = memory.blocks.get(`1/${epoch}/0`)?.summary;
  return { outcome, block, results: new Map(block?.shards.map((result) => [result.shardId, result])) };
}

/** The shard after a batch, as a seal would carry it. */
function carried(shard: PlannedShard, result: ShardResult | undefined): PlannedShard {
  if (result === undefined) return shard;
  const after = afterRead(shard, result, undefined, new Map());
  if (after.life === 'ended') throw new Error('it has ended');
  return { ...after, isNew: false, start: shard.start };
}

const aggregated = (sequence: number, ids: readonly number[]): KinesisRecord =>
  record(
    sequence,
    aggregate(
      ids.map((id) => ({
        partitionKey: `key-${id}`,
        explicitHashKey: undefined,
        data: Buffer.from(JSON.stringify({ id })),
      })),
      md5,
    ),
    noon,
  );

const second = 1_000;
/** `rate` records a second from noon on. */
const steady = (seconds: number, rate: number): KinesisRecord[] =>
  Array.from({ length: seconds * rate }, (_, at) => record(at + 1, { id: 1 }, noon + Math.floor((at * second) / rate)));

describe('a shard that moves on', () => {
  it('is read to its last record, also after a moment of quiet (P1)', async () => {
    // 100 records a second for three minutes, none for ten seconds, and again: the margin holds more than a page.
    const before = steady(180, 100);
    const after = steady(60, 100).map(({ arrivalMs }, at) => record(20_000 + at, { id: 1 }, arrivalMs + 190_000));
    const memory = world({ a: [...before, ...after] });
    let shard = planned('a', { isNew: true });
    let read = 0;
    for (let elapsed = 10; elapsed <= 300; elapsed += 5) {
      memory.now = noon + elapsed * second;
      const { results } = await runBatch(memory, mapped(), [shard]);
      read += results.get('a')?.records ?? 0;
      shard = carried(shard, results.get('a'));
    }
    expect(read).toBe(before.length + after.length);
    expect(shard.position.kind).toBe('after-sequence-number');
  });

  it('leaves its last record for a time once it was quiet for longer than the margin', async () => {
    const memory = world({ a: [record(5, { id: 1 }, noon)] });
    const result = (await runBatch(memory, mapped(), [planned('a', { isNew: true })])).results.get('a');
    const shard = carried(planned('a'), result);
    memory.now = noon + 60 * second;
    expect(placeAfter((await runBatch(memory, mapped(), [{ ...shard, isNew: true }])).results.get('a')!)).toEqual(
      shard.position,
    );
    memory.now = noon + 3_600 * second;
    expect(placeAfter((await runBatch(memory, mapped(), [{ ...shard, isNew: true }])).results.get('a')!)).toEqual({
      kind: 'at-timestamp',
      timestamp: noon + 3_480 * second,
      after: '5',
    });
  });

  it('crosses an empty stretch that is longer than one batch can walk', async () => {
    const memory = world({ a: [record(9, { id: 1 }, noon - second)] }, { source: { emptyStretchMs: 2 * 3_600_000 } });
    let shard = planned('a');
    let batches = 0;
    for (; batches < 30 && memory.sent.length === 0; batches++) {
      const { outcome, results } = await runBatch(memory, mapped(), [shard]);
      expect(outcome).toBe('moved');
      shard = carried(shard, results.get('a'));
    }
    expect(batches).toBeGreaterThan(5);
    expect(memory.sent).toHaveLength(1);
  });
});

describe('a place that was handed over, behind an empty stretch that is longer than one batch can walk', () => {
  /** The batches until something was read, and the shard's last result. */
  async function readOver(records: readonly KinesisRecord[], position: PlannedShard['position']) {
    const memory = world({ a: records }, { source: { emptyStretchMs: 2 * 3_600_000 } });
    let shard = planned('a', { isNew: true, position, start: 'from-checkpoint', readThrough: null });
    let result: ShardResult | undefined;
    for (let batch = 0; batch < 30 && memory.sent.length === 0; batch++) {
      const { outcome, results } = await runBatch(memory, mapped(), [shard]);
      expect(outcome).toBe('moved');
      result = results.get('a');
      shard = carried(shard, result);
    }
    return { sent: memory.sent.length, result };
  }
  const place = (sequenceNumber: string, subSequenceNumber?: number) =>
    ({
      kind: 'after-sequence-number',
      sequenceNumber,
      ...(subSequenceNumber === undefined ? {} : { subSequenceNumber }),
    }) as const;

  it.each([undefined, -1, 3])('is crossed, and tells that its record is gone (index %s)', async (sub) => {
    const { sent, result } = await readOver([record(9, { id: 1 }, noon - second)], place('5', sub));
    expect(sent).toBe(1);
    expect(result).toMatchObject({
      dataLoss: { shardId: 'a', lastRead: '5', readThrough: null, firstAvailable: { sequenceNumber: '9' } },
      outcome: { to: { kind: 'after-sequence-number', sequenceNumber: '9' } },
    });
  });

  it('is no loss if its record is found there after all', async () => {
    const records = [record(5, { id: 1 }, noon - 2 * second), record(9, { id: 1 }, noon - second)];
    const whole = await readOver(records, place('5'));
    expect([whole.sent, whole.result?.dataLoss, whole.result?.records]).toEqual([1, null, 1]);
    const before = await readOver(records, place('5', -1));
    expect([before.sent, before.result?.dataLoss, before.result?.records]).toEqual([2, null, 2]);
  });
});

describe('a sink that takes only part', () => {
  it('is given the rest by the next batch; what it took is in the block and in the counts', async () => {
    const records = steady(30, 100);
    let room = 1_750;
    const memory: Memory = world(
      { a: records },
      {
        ports: {
          sink: () => ({
            send: async (outputs) => {
              if (room < outputs.length) throw new SluiceError('TemporaryFailure', 'throttled');
              room -= outputs.length;
              memory.sent.push(...outputs);
            },
          }),
        },
      },
    );
    memory.now = noon + 60 * second;
    const first = await runBatch(memory, mapped(), [planned('a', { isNew: true })]);
    expect(first.outcome).toBe('moved');
    expect(first.block?.counters).toMatchObject({ read: 1_750, counted: 1_750, emitted: 1_750 });
    expect(first.block?.failedShards).toEqual([{ ...named('a'), error: 'TemporaryFailure' }]);
    expect(placeAfter(first.results.get('a')!)).toEqual({ kind: 'after-sequence-number', sequenceNumber: '1750' });
    room = 10_000;
    const next = await runBatch(memory, mapped(), [carried(planned('a'), first.results.get('a'))]);
    expect(next.block?.counters.read).toBe(1_250);
    expect(memory.sent).toHaveLength(records.length);
  });

  it('that takes nothing is no progress: no block, and the task has failed', async () => {
    const send = async () => {
      throw new SluiceError('TemporaryFailure', 'throttled');
    };
    const memory = world({ a: steady(1, 10) }, { ports: { sink: () => ({ send }) } });
    memory.now = noon + 60 * second;
    expect(await runBatch(memory, mapped(), [planned('a')])).toMatchObject({ outcome: 'failed', block: undefined });
  });

  it('ends the read at the deadline with the rest of the page left', async () => {
    const memory: Memory = world(
      { a: steady(30, 100) },
      {
        ports: {
          sink: () => ({
            send: async (outputs) => {
              memory.now += 7 * second;
              memory.sent.push(...outputs);
            },
          }),
        },
      },
    );
    memory.now = noon + 60 * second;
    const { block, results } = await runBatch(memory, mapped(), [planned('a')]);
    // A first small step, and one of half its size since that took long.
    expect(block?.counters.read).toBe(375);
    expect(results.get('a')).toMatchObject({ outcome: { kind: 'deadline' }, records: 375 });
    expect(memory.sent).toHaveLength(375);
  });
});

/** Takes so many records at a time, and the rest never: every second one first. */
function narrowSink(memory: () => Memory, room: () => number): Ports['sink'] {
  return () => ({
    send: async (outputs) => {
      const order = [...outputs.keys()].sort((one, other) => (one % 2) - (other % 2) || one - other);
      const taken = new Set(order.slice(0, room()));
      memory().sent.push(...outputs.filter((_, place) => taken.has(place)));
      const places = [...outputs.keys()].filter((place) => !taken.has(place));
      if (places.length === 0) return undefined;
      return { places, error: new SluiceError('TemporaryFailure', 'throttled'), isOnlySlow: true };
    },
  });
}

describe('a sink that only throttles', () => {
  const idsIn = (memory: Memory) => memory.sent.map(({ data }) => JSON.parse(String(data)).twice / 2);

  it.each([
    ['records of one event', (ids: readonly number[]) => ids.map((id) => record(id, { id }, noon))],
    ['one aggregated record', (ids: readonly number[]) => [aggregated(7, ids)]],
  ])('gets every event once, in as many batches as it takes: %s', async (_, recordsOf) => {
    const ids = Array.from({ length: 40 }, (_, at) => at + 1).filter((id) => id !== 13);
    let memory!: Memory;
    memory = world(
      { a: recordsOf(ids) },
      {
        ports: {
          sink: narrowSink(
            () => memory,
            () => 7,
          ),
        },
      },
    );
    memory.now = noon + 60 * second;
    let shard = planned('a', { isNew: true });
    let batches = 0;
    let counted = 0;
    for (; memory.sent.length < ids.length && batches < 20; batches++) {
      const { outcome, block, results } = await runBatch(memory, mapped(), [shard]);
      const result = results.get('a')!;
      expect([outcome, block?.failedShards]).toEqual(['moved', []]);
      counted += block!.counters.counted;
      shard = carried(shard, result);
    }
    expect(idsIn(memory).toSorted((one, other) => one - other)).toEqual(ids);
    expect(batches).toBeGreaterThan(3);
    const { block } = await runBatch(memory, mapped(), [shard]);
    expect(counted + (block?.counters.counted ?? 0)).toBe(ids.length);
    expect(memory.sent).toHaveLength(ids.length);
  });

  it('has nothing in another sink that the next deployment names', async () => {
    let memory!: Memory;
    memory = world(
      { a: [1, 2, 3, 4].map((id) => record(id, { id }, noon)) },
      {
        ports: {
          sink: narrowSink(
            () => memory,
            () => 2,
          ),
        },
      },
    );
    const first = await runBatch(memory, mapped(), [planned('a', { isNew: true })]);
    expect(first.results.get('a')).toMatchObject({ outcome: { sentAhead: [{ runs: [['3', 0, '3', 0]] }] } });
    const other = { ...mapped(), outputs: mapped().outputs.map((output) => ({ ...output, id: 'other' })) };
    memory.sent.length = 0;
    await runBatch(memory, other, [carried(planned('a'), first.results.get('a'))]);
    expect(idsIn(memory)).toEqual([2, 4]);
  });
});

describe('the note of what was sent', () => {
  /** A sink that takes a second for each step, and a function that dies after so many. */
  async function dyingRun(memory: Memory, afterSteps: number, shards = [planned('a', { isNew: true })]) {
    let steps = 0;
    const dies: OutputSink = {
      send: async (outputs) => {
        steps += 1;
        if (steps > afterSteps) throw new Error('the process ended');
        memory.now += second;
        memory.sent.push(...outputs);
        return undefined;
      },
    };
    const task = plannedTask(shards, { ref: ++epoch, fingerprint: mapped().fingerprint, notesFrom: 0 });
    await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
    const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 };
    const runtime = { pipeline: mapped(), ports: { ...memory.ports, sink: () => dies }, md5, decompress, log };
    return processShards(input, runtime).catch((error: Error) => error.message);
  }

  it('of a try that died keeps the next one from sending it again, and from nothing else', async () => {
    const memory = world({ a: steady(30, 100) });
    memory.now = noon + 60 * second;
    expect(await dyingRun(memory, 5)).toBe('the process ended');
    const noted = memory.sent.length;
    expect([...memory.notes.values()].map(({ shards }) => shards)).toEqual([
      [{ ...named('a'), places: [{ to: expect.any(String), runs: [['1', 0, expect.any(String), 0]] }] }],
    ]);
    await dyingRun(memory, 100);
    const block = memory.blocks.get(`1/${epoch}/0`)?.summary;
    expect(block?.counters).toMatchObject({ read: 3_000, counted: 3_000, emitted: 3_000 });
    // The last two steps came after the note.
    expect(memory.sent.length - 3_000).toBeLessThan(noted);
    expect(new Set(memory.sent.map(({ data }) => String(data))).size).toBe(3_000);
  });

  it('is not written by a read that is over soon', async () => {
    const memory = world({ a: steady(1, 10) });
    memory.now = noon + 60 * second;
    await dyingRun(memory, 100);
    expect(memory.notes.size).toBe(0);
  });

  it('of a second try of the same task says no less of shards that it has not come to', async () => {
    const memory = world({});
    memory.now = noon;
    const task = { ...plannedTask([planned('a'), planned('b')]), notesFrom: 0 };
    const { generation, ref, task: number } = task;
    const to = destinationOf(mapped().outputs[0]!);
    const shards = [
      { ...named('a'), places: [{ to, runs: [['1', 0, '5', 0]] }] },
      { ...named('b'), places: [{ to, runs: [['1', 0, '900', 0]] }] },
    ] as const;
    await memory.ports.sentPlaces.putSentNote({ generation, ref, task: number, shards });
    const keeper = new NoteKeeper({ pipeline: mapped(), ports: memory.ports, md5, decompress, log }, task);
    await keeper.begin(
      new OpenShard(new TaskRead({ pipeline: mapped(), task, streamName: 's', md5, decompress }), task.shards[0]!),
    );
    memory.now += 4 * second;
    await keeper.afterStep();
    expect([...memory.notes.values()].map((note) => note.shards)).toEqual([shards]);
  });

  it('is taken over by a try of another plan before anything else can happen to it', async () => {
    const memory = world({ a: steady(30, 100) });
    memory.now = noon + 60 * second;
    await dyingRun(memory, 5);
    await dyingRun(memory, 0);
    const [first, next] = [...memory.notes.values()];
    expect(next?.shards).toEqual(first?.shards);
    expect(next?.ref).toBe(epoch);
  });
});

describe('dead letters that can not be stored', () => {
  const put = async () => {
    throw new SluiceError('TemporaryFailure', 'throttled');
  };
  const shards = { a: [record(1, 'not a reading', noon)] };

  it('fail their shard alone, also with aggregation: what counts behind them waits for them', async () => {
    const events = [record(1, { at: 5, key: 'a', value: 1 }, noon), record(2, 'not a reading', noon)];
    const after = record(3, { at: 6, key: 'a', value: 1 }, noon);
    const memory = world({ a: [...events, after], b: [events[0]!] }, { ports: { deadLetters: { put } } });
    const { outcome, block, results } = await runBatch(memory, windowed(), [planned('a'), planned('b')]);
    expect([outcome, block?.failedShards]).toEqual(['moved', [{ ...named('a'), error: 'TemporaryFailure' }]]);
    expect(results.get('a')).toMatchObject({
      ...{ outcome: { kind: 'failed', to: { sequenceNumber: '1' } } },
      ...{ records: 1, events: 1 },
    });
    expect(block?.counters).toMatchObject({ read: 2, counted: 2, deadLettered: 0 });
    const [, partials] = [...memory.blocks.values()].map((stored) => [stored, stored.partials] as const)[0]!;
    expect(JSON.stringify([...partials.values()])).toContain('["a"],[[0,10,[2,');
  });

  it('for a reason that lasts, fail it for good', async () => {
    const denied = new SluiceError('NotAllowed', 'put dead letters: denied');
    const memory = world(shards, { ports: { deadLetters: { put: () => Promise.reject(denied) } } });
    await expect(runBatch(memory, windowed(), [planned('a')])).rejects.toBe(denied);
  });

  it('undo the step of a pipeline without partials', async () => {
    const memory = world(shards, { ports: { deadLetters: { put } } });
    expect(await runBatch(memory, mapped(), [planned('a')])).toMatchObject({ outcome: 'failed', block: undefined });
  });
});

describe('a schema', () => {
  const withSchema = (schema: z.ZodType) =>
    requirePipeline(
      write('schema')
        .readStream(kinesis({ streamName: 'source' }))
        .decode(json(schema))
        .map((event) => ({ event }))
        .writeStream(kinesis({ streamName: 'sink' })),
    );

  it('that throws, even for the first event of a task, makes a dead letter', async () => {
    const parse = z.object({ inner: z.string() }).transform(({ inner }) => JSON.parse(inner) as unknown);
    const memory = world({ a: [record(1, { inner: '{' }), record(2, { inner: '{"ok":true}' })] });
    const { block } = await runBatch(memory, withSchema(parse), [planned('a')]);
    expect(block?.counters).toMatchObject({ read: 2, counted: 1, deadLettered: 1 });
    expect(memory.deadLetters.map(({ sequenceNumber, reason }) => [sequenceNumber, reason])).toEqual([
      ['1', 'callback-failed'],
    ]);
  });

  it('that is asynchronous is a wrong pipeline, and no block is stored', async () => {
    const later = z.object({ id: z.number() }).refine(async () => true);
    const memory = world({ a: [record(1, { id: 1 })] });
    await expect(runBatch(memory, withSchema(later), [planned('a')])).rejects.toMatchObject({
      name: 'InvalidPipeline',
    });
    expect(memory.blocks.size).toBe(0);
  });
});

describe('a shard that fails', () => {
  it.each(['CorruptCheckpoint', 'StreamNotFound', 'TemporaryFailure'] as const)(
    'with %s does not stop its neighbours',
    async (name) => {
      const memory = world({ bad: new SluiceError(name, 'no'), good: [record(1, { id: 1 })] });
      const { outcome, block, results } = await runBatch(memory, mapped(), [planned('bad'), planned('good')]);
      expect(outcome).toBe('moved');
      expect([...results.keys()]).toEqual(['good']);
      expect(block?.failedShards).toEqual([{ ...named('bad'), error: name }]);
    },
  );

  it('for want of a permission stops the task', async () => {
    const memory = world({ bad: new SluiceError('NotAllowed', 'no'), good: [record(1, { id: 1 })] });
    await expect(runBatch(memory, mapped(), [planned('bad'), planned('good')])).rejects.toMatchObject({
      name: 'NotAllowed',
    });
  });
});

it('a record that its sink can not hold is a dead letter, also when it passes through', async () => {
  const big = new Uint8Array(1_048_576).fill(0x61);
  const memory = world({ a: [record(1, big)] });
  const { block } = await runBatch(memory, passedThrough(), [planned('a')]);
  expect(block?.counters).toMatchObject({ read: 1, deadLettered: 1, emitted: 0 });
  expect(memory.deadLetters[0]).toMatchObject({ reason: 'output-too-large', sequenceNumber: '1' });
});

it('what was not delivered counts as not read: position and readThrough stay together', async () => {
  let calls = 0;
  const send = async () => {
    if (++calls > 1) throw new SluiceError('TemporaryFailure', 'throttled');
    return undefined;
  };
  const memory = world({ a: steady(30, 100) }, { ports: { sink: () => ({ send }) } });
  memory.now = noon + 60 * second;
  const result = (await runBatch(memory, mapped(), [planned('a')])).results.get('a');
  expect(result).toMatchObject({
    records: 250,
    readThrough: noon + 2_490,
    lastArrival: noon + 2_490,
    outcome: { kind: 'failed' },
  });
});

it('a number that was handed over and is refused only after records came is not read again from the beginning', async () => {
  const records = [record(5, { id: 5 }, noon), record(6, { id: 6 }, noon), record(7, { id: 7 }, noon)];
  const opened: string[] = [];
  const memory: Memory = memoryPorts({
    ...scriptedSource(() => memory, { a: records }),
    open: async (_, { kind }) => {
      opened.push(kind);
      let calls = 0;
      return {
        next: async () => {
          calls += 1;
          if (calls > 1 && kind !== 'trim-horizon') throw new SluiceError('CorruptCheckpoint', 'refused');
          const page = { millisBehindLatest: calls > 1 ? 0 : 1_000, serverTime: noon, end: undefined };
          return { ...page, records: calls > 1 ? [] : records };
        },
      };
    },
  });
  const shard = planned('a', {
    position: { kind: 'after-sequence-number', sequenceNumber: '5' },
    start: 'from-checkpoint',
    readThrough: null,
  });
  const { block, results } = await runBatch(memory, mapped(), [shard]);
  expect(opened).toEqual(['after-sequence-number']);
  expect(block?.counters).toMatchObject({ read: 2, emitted: 2 });
  expect(results.get('a')).toMatchObject({ records: 2, outcome: { kind: 'failed' } });
});

it('shards that a deadline left unread are first in the next batch, also if all the others were idle', async () => {
  const ids = Array.from({ length: 150 }, (_, at) => `s${String(at).padStart(3, '0')}`);
  const answered = new Set<string>();
  const readableAt = noon + 20 * second;
  const memory: Memory = memoryPorts({
    ...scriptedSource(() => memory, {}),
    open: async (shardId) => ({
      usage: { calls: 0, throttles: 0, readableAt },
      // Each 50 of them take six seconds, as subscriptions to shards without records may.
      next: async () => {
        answered.add(shardId);
        if (answered.size % 50 === 0) memory.now += 6 * second;
        return { records: [], millisBehindLatest: 0, serverTime: memory.now, end: undefined, isEvent: true };
      },
    }),
  });
  const shards = ids.map((shardId) => planned(shardId, { readThrough: noon - second, readableAt }));
  const { outcome, results } = await runBatch(memory, mapped(), shards);
  expect(answered.size).toBe(100);
  expect(outcome).toBe('moved');
  for (const shardId of ids) {
    const result = results.get(shardId)!;
    if (answered.has(shardId)) expect(result.readThrough).toBeGreaterThanOrEqual(noon);
    else expect(result).toMatchObject({ readThrough: null, outcome: { kind: 'deadline' }, readableAt });
  }
});
