/** Outputs larger than every stream takes: their stream is asked what it takes, and nothing is counted twice meanwhile. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createKinesisSink } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import type { SavedPartials } from '../../functions/core/group-partials.ts';
import { count, json, kinesis, perMicroBatch, pipeline, SluiceError } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { OutputSink } from '../../functions/sinks/output-sink.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import {
  batchBody,
  decompress,
  headOf,
  md5,
  noon,
  planned,
  plannedTask,
  planRecord,
  record,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';

const mebibyte = 1_048_576;
const log = { info: () => {}, warn: () => {} };
const events = () =>
  pipeline('large')
    .readStream(kinesis({ streamName: 'source', startingPosition: 'TRIM_HORIZON' }))
    .decode(json(z.object({ id: z.number(), size: z.number() })));
const grown = requirePipeline(
  events()
    .map(({ id, size }) => ({ id, text: 'x'.repeat(size) }))
    .writeStream(kinesis({ streamName: 'sink' })),
);

/** A sink stream of the simulated Kinesis, on a clock that its own pauses move, and what was asked of it. */
function sinkOf(maxRecordKiB: number, refuse: (operation: string) => void = () => {}) {
  let now = noon;
  const kinesisService = new SimulatedKinesis({ now: () => now, random: new Random(1) });
  kinesisService.createStream('sink', { shards: 1 });
  kinesisService.truth('sink').maxRecordBytes = maxRecordKiB * 1024;
  const asked: string[] = [];
  const client = serviceClient<KinesisClient>(
    (operation, input) => {
      asked.push(operation);
      refuse(operation);
      return kinesisService.execute(operation, input);
    },
    { date: () => now },
  );
  const sleep = async (ms: number) => {
    now += Math.ceil(ms);
  };
  return {
    asked,
    sink: createKinesisSink(client, { kind: 'name', streamName: 'sink' }, { now: () => now, sleep }),
    sizes: () => kinesisService.truth('sink').shards[0]!.records.map(({ data }) => Math.floor(data.length / mebibyte)),
  };
}

async function read(sink: OutputSink, sizes: readonly number[]) {
  const records = sizes.map((size, at) => record(at + 1, { id: at + 1, size }));
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: records }),
    { sink: () => sink },
  );
  const task = plannedTask([planned('a')], { fingerprint: grown.fingerprint });
  await memory.ports.plans.putPlan(planRecord(), [task]);
  const input = { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 30 };
  await processShards(input, { pipeline: grown, ports: memory.ports, md5, decompress, log });
  return { memory, block: memory.blocks.get('1/7/0')!.summary };
}

describe('an event whose output has more than a mebibyte', () => {
  it('is sent to a stream that takes it, and every event is counted once', async () => {
    const { sink, asked, sizes } = sinkOf(3 * 1024);
    const { memory, block } = await read(sink, [10, 1.4 * mebibyte, 10, 1.2 * mebibyte]);
    expect(memory.deadLetters).toEqual([]);
    expect(sizes().toSorted()).toEqual([0, 0, 1, 1]);
    expect(block.counters).toMatchObject({ read: 4, counted: 4, emitted: 4, deadLettered: 0 });
    expect(asked.filter((operation) => operation === 'DescribeStreamSummary')).toHaveLength(1);
  });

  it('is a dead letter where the stream takes less, with both sizes', async () => {
    const { sink, sizes } = sinkOf(1024);
    const { memory, block } = await read(sink, [10, 2 * mebibyte, 10]);
    expect(memory.deadLetters).toMatchObject([
      { reason: 'output-too-large', sequenceNumber: '2', message: expect.stringMatching(/^209\d+ bytes; .* 1048576$/) },
    ]);
    expect(sizes()).toEqual([0, 0]);
    expect(block.counters).toMatchObject({ read: 3, counted: 2, emitted: 2, deadLettered: 1 });
  });

  it('is one with advice where the stream may not be asked', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $fault: 'client' });
    const { sink } = sinkOf(3 * 1024, (operation) => {
      if (operation === 'DescribeStreamSummary') throw denied;
    });
    const { memory } = await read(sink, [2 * mebibyte]);
    expect(memory.deadLetters[0]!.message).toMatch(/allow kinesis:DescribeStreamSummary, or say it as maxRecordBytes/);
  });

  it('is read again by the next batch where the stream does not answer', async () => {
    const { sink, sizes } = sinkOf(3 * 1024, (operation) => {
      if (operation === 'DescribeStreamSummary') throw Object.assign(new Error('no'), { name: 'TimeoutError' });
    });
    const { memory, block } = await read(sink, [2 * mebibyte]).catch(() => ({ memory: undefined, block: undefined }));
    expect({ letters: memory?.deadLetters ?? [], failed: block?.failedShards ?? [] }).toEqual({
      letters: [],
      failed: [],
    });
    expect(sizes()).toEqual([]);
  });
});

it('small outputs have nobody asked', async () => {
  const { sink, asked } = sinkOf(1024);
  await read(sink, [10, 20]);
  expect(asked).toEqual(['PutRecords']);
});

it('ten mebibytes go out in a request of their own', async () => {
  const { sink, asked, sizes } = sinkOf(10 * 1024);
  const { block } = await read(sink, [10, 10 * mebibyte - 1_000]);
  expect(sizes()).toEqual([0, 9]);
  expect(block.counters.emitted).toBe(2);
  // A request holds 10 MiB, its records' keys included.
  expect(asked.filter((operation) => operation === 'PutRecords').length).toBeGreaterThanOrEqual(2);
});

describe('a result of more than a mebibyte', () => {
  const rows = requirePipeline(
    events()
      .groupBy({ id: (event) => event.id })
      .window(perMicroBatch())
      .aggregate({ events: count() })
      .map((row) => ({ ...row, text: 'x'.repeat(2 * mebibyte) }))
      .writeStream(kinesis({ streamName: 'sink' })),
  );

  async function reduce(sink: OutputSink) {
    const memory: Memory = memoryPorts(
      scriptedSource(() => memory, {}),
      { sink: () => sink },
    );
    const { ports } = memory;
    const batch = { batchId: 1, ref: 7 };
    memory.head = headOf({ sealed: batch });
    const loadSealed = async () =>
      batchBody({ ...batch, fingerprint: rows.fingerprint, states: [{ ...batch, ends: [] }] });
    const loadPartials = async (): Promise<SavedPartials[]> => [{ windows: [[[5], [[1, 2, [3]]]]] }];
    const seals = { ...ports.seals, loadSealed };
    const blocks = { ...ports.blocks, loadPartials };
    const runtime = { pipeline: rows, ports: { ...ports, seals, blocks }, md5, decompress, log };
    const answer = await reduceKeyGroup({ run: 'run', epoch: 7, ...batch, keyGroup: 0 } as never, runtime);
    return { answer, memory };
  }

  it('is sent to a stream that takes it', async () => {
    const { sink, sizes } = sinkOf(3 * 1024);
    const { answer, memory } = await reduce(sink);
    expect({ answer, letters: memory.deadLetters }).toMatchObject({ answer: { emitted: 1 }, letters: [] });
    expect(sizes()).toEqual([2]);
  });

  it('is a dead letter where the stream takes less', async () => {
    const { sink } = sinkOf(1024);
    const { memory } = await reduce(sink);
    expect(memory.deadLetters.map(({ reason }) => reason)).toEqual(['output-too-large']);
  });

  it('stores nothing where the stream does not answer', async () => {
    const { sink } = sinkOf(3 * 1024);
    const silent = { ...sink, maxRecordBytes: async () => Promise.reject(new SluiceError('TemporaryFailure', 'no')) };
    await expect(reduce(silent)).rejects.toMatchObject({ name: 'TemporaryFailure' });
  });
});
