/** An executor of a source with `deduplicate`: what it drops, what it stores with the position, and what it leaves alone. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { afterRead } from '../../functions/core/after-read.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import type { PlannedShard } from '../../functions/core/model.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import { json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { withIdentity } from '../../functions/sinks/identity-text.ts';
import type { OutputSink } from '../../functions/sinks/output-sink.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import {
  decompress,
  md5,
  noon,
  planned,
  plannedTask,
  planRecord,
  record,
  resultIdentity,
  utf8,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';

const log = { info: () => {}, warn: () => {} };
const reader = requirePipeline(
  pipeline('reader')
    .readStream(kinesis({ streamName: 'in', deduplicate: true }))
    .decode(json(z.looseObject({ a: z.number() })))
    .filter(({ a }) => a >= 0)
    .map(({ a }) => ({ a }))
    .writeStream(kinesis({ streamName: 'out' })),
);

const text = (a: number, index: number, ref = noon): string =>
  withIdentity(JSON.stringify({ a }), '_sluice', resultIdentity({ pipeline: 'sender', ref, group: 0, index, row: 0 }));
const sent = (sequence: number, a: number, index = a, ref = noon): KinesisRecord => ({
  ...record(sequence, {}),
  data: utf8(text(a, index, ref)),
});

function worldOf(records: readonly KinesisRecord[], sink?: OutputSink): Memory {
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { s: records }),
    sink === undefined ? {} : { sink: () => sink },
  );
  return memory;
}

let epoch = 200;
async function read(memory: Memory, shard: PlannedShard) {
  epoch += 1;
  const task = plannedTask([shard], { ref: epoch, fingerprint: reader.fingerprint });
  await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
  const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 };
  await processShards(input, { pipeline: reader, ports: memory.ports, md5, decompress, log });
  const block = memory.blocks.get(`1/${epoch}/0`)!.summary;
  const [result] = block.shards;
  const after = afterRead(shard, result!, undefined, new Map());
  return { result: result!, block, next: { ...after, isNew: false, start: 'continue' } as PlannedShard };
}
const outputs = ({ sent: all }: Memory): unknown[] =>
  all.map(({ data }) => JSON.parse(String(data)).a ?? JSON.parse(Buffer.from(data).toString()).a);

describe('of what came before in the same read', () => {
  test('a record that comes again is dropped, and counted apart', async () => {
    const memory = worldOf([sent(1, 10, 0), sent(2, 11, 1), sent(3, 10, 0), sent(4, 12, 2)]);
    const { result, block } = await read(memory, planned('s'));
    expect(outputs(memory)).toEqual([10, 11, 12]);
    expect(result).toMatchObject({ records: 4, events: 3, repeats: { repeated: 1, unidentified: 0 } });
    expect(block.counters).toMatchObject({ read: 3, counted: 3 });
  });

  test('so is that of one that was filtered, or became a dead letter', async () => {
    const broken = {
      ...record(3, {}),
      data: utf8(withIdentity('{"b":1}', '_sluice', resultIdentity({ pipeline: 'sender', ref: noon, index: 9 }))),
    };
    const memory = worldOf([sent(1, -1, 0), sent(2, -1, 0), broken, { ...broken, sequenceNumber: '4' }]);
    const { block, result } = await read(memory, planned('s'));
    expect(block.counters).toMatchObject({ read: 2, filtered: 1, deadLettered: 1 });
    expect(result.repeats).toEqual({ repeated: 2, unidentified: 0 });
    expect(memory.deadLetters.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['3']);
  });

  test('and that of an event within an aggregated record', async () => {
    const events = [text(10, 0), text(11, 1), text(10, 0)].map((one) => ({ partitionKey: 'k', data: utf8(one) }));
    const memory = worldOf([{ ...record(1, {}), data: aggregate(events, md5) }, sent(2, 11, 1)]);
    const { result } = await read(memory, planned('s'));
    expect(outputs(memory)).toEqual([10, 11]);
    expect(result.repeats).toEqual({ repeated: 2, unidentified: 0 });
  });
});

test('what is known goes with the position: the next batch drops what this one has read, and what order proves', async () => {
  const records = [sent(1, 10, 0), sent(2, 11, 1)];
  const memory = worldOf(records);
  const first = await read(memory, planned('s'));
  expect(first.result.memory).toMatchObject({ batchId: 1, ref: epoch, task: 0 });
  records.push(sent(3, 11, 1), sent(4, 20, 0, noon + 1), sent(5, 99, 55));
  const second = await read(memory, first.next);
  expect(outputs(memory)).toEqual([10, 11, 20]);
  expect(second.result.repeats).toEqual({ repeated: 2, unidentified: 0 });
  expect(second.next.memories).toEqual([second.result.memory]);
});

test('a child of a merge drops what either parent has read', async () => {
  const [one, other] = [worldOf([sent(1, 10, 0)]), worldOf([sent(1, 11, 1)])];
  const parents = [await read(one, planned('s')), await read(other, planned('s'))];
  const saved = await Promise.all(
    parents.map(({ result }, at) => [one, other][at]!.ports.memories.loadMemory(result.memory!)),
  );
  const memory = worldOf([sent(7, 10, 0), sent(8, 11, 1), sent(9, 12, 2)]);
  const memories = await Promise.all(
    saved.map((each) => memory.ports.memories.putMemory({ batchId: 0, ref: 1, task: 0 }, each)),
  );
  await read(memory, planned('s', { memories }));
  expect(outputs(memory)).toEqual([12]);
});

test('what was not delivered is not known: it is no repeat when it comes again', async () => {
  const error = new SluiceError('TemporaryFailure', 'slow');
  const taken: unknown[] = [];
  let isOpen = false;
  const sink: OutputSink = {
    send: async (records) => {
      if (isOpen) taken.push(...records);
      return isOpen ? undefined : { places: [...records.keys()].slice(1), error, isOnlySlow: true };
    },
  };
  const memory = worldOf([sent(1, 10, 0), sent(2, 11, 1), sent(3, 11, 1)], sink);
  const first = await read(memory, planned('s'));
  isOpen = true;
  const second = await read(memory, first.next);
  expect(taken).toHaveLength(1);
  expect(second.result).toMatchObject({ events: 1, repeats: { repeated: 1, unidentified: 0 } });
});

test('records without an identity are read each, and counted; nothing is stored of them', async () => {
  const plain = (sequence: number) => record(sequence, { a: 5 });
  const memory = worldOf([plain(1), plain(2)]);
  const { result } = await read(memory, planned('s'));
  expect(outputs(memory)).toEqual([5, 5]);
  expect(result).toMatchObject({ events: 2, repeats: { repeated: 0, unidentified: 2 } });
  expect(result.memory).toBeUndefined();
});
