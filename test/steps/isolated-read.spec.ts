import { describe, expect, it } from 'vitest';
import { createIsolationInPlace } from '../../functions/adapters/isolation/thread-isolation.ts';
import type { DeathNote, IsolatedReading } from '../../functions/core/suspicions.ts';
import type { Isolation } from '../../functions/ports.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { decompress, md5, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { passedThrough } from '../support/pipelines.ts';

const pipeline = passedThrough();
const log = { info: () => {}, warn: () => {} };

/** Dies of this record. */
function dyingOf(sequenceNumber: string, starts = Number.POSITIVE_INFINITY): Isolation {
  const inPlace = createIsolationInPlace(pipeline, decompress);
  let left = starts;
  return {
    open(kind, setup) {
      if (left-- <= 0) throw new Error('no thread starts');
      const isolate = inPlace.open(kind, setup);
      return {
        run: (input) =>
          'meta' in (input as object) &&
          (input as { meta: { sequenceNumber: string } }).meta.sequenceNumber === sequenceNumber
            ? { kind: 'died', message: 'no answer' }
            : isolate.run(input),
        close: () => {},
      };
    },
  };
}

async function read(isolation: IsolatedReading, isolate: Isolation) {
  const notes: DeathNote[] = [];
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: [1, 2, 3].map((id) => record(id, { id })) }),
    { isolation: isolate },
  );
  const { batches } = memory.ports;
  const ports = {
    ...memory.ports,
    batches: { ...batches, putNote: async (_: number, __: number, note: DeathNote) => void notes.push(note) },
  };
  const task = { ...plannedTask([planned('a')], { ref: 7, fingerprint: pipeline.fingerprint }), isolation };
  await batches.putPlan(planRecord({ ref: 7 }), [task]);
  const input = { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 12 };
  const { outcome } = await processShards(input, { pipeline, ports, md5, decompress, log });
  return { outcome, notes, memory, block: memory.blocks.get('1/7/0')?.summary };
}

describe('a shard that is read apart', () => {
  it('is read as any other where nothing dies, with one note for all of it', async () => {
    const { outcome, notes, block } = await read({}, dyingOf('none'));
    expect(outcome).toBe('moved');
    expect(notes).toEqual([{ shardId: 'a', place: { sequenceNumber: '1', sub: 0 }, isEvent: false }]);
    expect(block?.counters).toMatchObject({ read: 3, deadLettered: 0 });
  });

  it('ends before the event that died, keeps what came before, and says which it was', async () => {
    const { outcome, notes, block } = await read({}, dyingOf('2'));
    expect(outcome).toBe('moved');
    expect(block?.shards).toMatchObject([{ stop: 'held', records: 1, to: { sequenceNumber: '1' } }]);
    expect(notes.at(-1)).toEqual({
      shardId: 'a',
      place: { sequenceNumber: '2', sub: 0 },
      isEvent: true,
      died: 'no answer',
    });
  });

  it('has moved nothing if it was the first one', async () => {
    expect(await read({}, dyingOf('1'))).toMatchObject({ outcome: 'held', block: undefined });
  });

  it('is not given the event that it is to stop at', async () => {
    const { block, notes } = await read({ holdAt: { sequenceNumber: '2', sub: 0 } }, dyingOf('2'));
    expect(block?.shards).toMatchObject([{ stop: 'held', records: 1 }]);
    expect(notes.some(({ died }) => died !== undefined)).toBe(false);
  });

  it('buries an event without running it, and keeps the letter before it runs another', async () => {
    const bury = { sequenceNumber: '2', sub: 0, message: 'it died three times' };
    const { block, memory } = await read({ bury }, dyingOf('2'));
    expect(block?.shards).toMatchObject([{ stop: 'held', records: 2, to: { sequenceNumber: '2' } }]);
    expect(memory.deadLetters).toMatchObject([
      { sequenceNumber: '2', reason: 'crashed-executor', message: 'it died three times' },
    ]);
  });

  it('notes each event behind the place where the whole function died, and takes the last such note back', async () => {
    const { notes } = await read({ noteFrom: { sequenceNumber: '2', sub: 0 } }, dyingOf('none'));
    expect(notes.map(({ place, isEvent }) => [place.sequenceNumber, isEvent])).toContainEqual(['3', true]);
    expect(notes.at(-1)).toMatchObject({ isEvent: false });
  });

  it('says nothing of an event where no thread starts any more: it may be the machine', async () => {
    await expect(read({}, dyingOf('2', 1))).rejects.toThrow('no thread starts');
  });
});
