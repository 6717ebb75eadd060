import { describe, expect, it } from 'vitest';
import { createIsolationInPlace } from '../../functions/adapters/isolation/thread-isolation.ts';
import type { IsolatedReading } from '../../functions/core/isolated-reading.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import type { DeathNote } from '../../functions/core/suspicions.ts';
import { SluiceError } from '../../functions/pipeline/errors.ts';
import type { Isolation } from '../../functions/ports/isolation.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import { openIsolated } from '../../functions/steps/process-shards/isolated.ts';
import { OpenShard } from '../../functions/steps/process-shards/open-shard.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { decompress, md5, page, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { passedThrough, windowed } from '../support/pipelines.ts';

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

const observed = ({ open }: Isolation, does: (what: string) => void): Isolation => ({
  open(kind, setup) {
    does('start');
    const isolate = open(kind, setup);
    return {
      ...isolate,
      run(input) {
        does('run');
        return isolate.run(input);
      },
    };
  },
});

async function read(isolation: IsolatedReading, isolate: Isolation) {
  const notes: DeathNote[] = [];
  /** What the last note blamed when the engine did this. */
  const blamed: [what: string, sequenceNumber: string | undefined][] = [];
  const does = (what: string): void => {
    const last = notes.at(-1);
    blamed.push([what, last?.isEvent === true ? last.place.sequenceNumber : undefined]);
  };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: [1, 2, 3].map((id) => record(id, { id })) }),
    { isolation: observed(isolate, does) },
  );
  const { blocks, source, sink } = memory.ports;
  const ports: Ports = {
    ...memory.ports,
    source: {
      ...source,
      open: async (...of) => {
        const cursor = await source.open(...of);
        const next: typeof cursor.next = (...asked) => {
          does('read');
          return cursor.next(...asked);
        };
        return { ...cursor, next };
      },
    },
    sink: () => ({
      send: async (...given) => {
        does('deliver');
        return sink('main').send(...given);
      },
    }),
    deathNotes: { ...memory.ports.deathNotes, putNote: async (_, __, note) => void notes.push(note) },
    blocks: {
      ...blocks,
      putBlock: async (...given) => {
        does('store');
        return blocks.putBlock(...given);
      },
    },
  };
  const task = { ...plannedTask([planned('a')], { ref: 7, fingerprint: pipeline.fingerprint }), isolation };
  await memory.ports.plans.putPlan(planRecord({ ref: 7 }), [task]);
  const input = { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 12 };
  const { outcome } = await processShards(input, { pipeline, ports, md5, decompress, log });
  return { outcome, notes, blamed, memory, block: memory.blocks.get('1/7/0')?.summary };
}

describe('a shard that is read apart', () => {
  it('is read as any other where nothing dies, with one note for all of it', async () => {
    const { outcome, notes, block } = await read({}, dyingOf('none'));
    expect(outcome).toBe('moved');
    expect(notes).toEqual([{ source: 'main', shardId: 'a', place: { sequenceNumber: '1', sub: 0 }, isEvent: false }]);
    expect(block?.counters).toMatchObject({ read: 3, deadLettered: 0 });
  });

  it('ends before the event that died, keeps what came before, and says which it was', async () => {
    const { outcome, notes, block } = await read({}, dyingOf('2'));
    expect(outcome).toBe('moved');
    expect(block?.shards).toMatchObject([{ outcome: { kind: 'held', to: { sequenceNumber: '1' } }, records: 1 }]);
    expect(notes.at(-1)).toEqual({
      source: 'main',
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
    expect(block?.shards).toMatchObject([{ outcome: { kind: 'held' }, records: 1 }]);
    expect(notes.some(({ died }) => died !== undefined)).toBe(false);
  });

  it('buries an event without running it, and keeps the letter before it runs another', async () => {
    const bury = { sequenceNumber: '2', sub: 0, message: 'it died three times' };
    const { block, memory } = await read({ giveUp: bury }, dyingOf('2'));
    expect(block?.shards).toMatchObject([{ outcome: { kind: 'held', to: { sequenceNumber: '2' } }, records: 2 }]);
    expect(memory.deadLetters).toMatchObject([
      { sequenceNumber: '2', reason: 'crashed-executor', message: 'it died three times' },
    ]);
  });

  it('notes each event behind the place where the whole function died, and takes the last such note back', async () => {
    const { notes } = await read({ noteFrom: { sequenceNumber: '2', sub: 0 } }, dyingOf('none'));
    expect(notes.map(({ place, isEvent }) => [place.sequenceNumber, isEvent])).toContainEqual(['3', true]);
    expect(notes.at(-1)).toMatchObject({ isEvent: false });
  });

  it('blames an event only while user code has it, not while it is delivered, read on or stored', async () => {
    const { blamed } = await read({ noteFrom: { sequenceNumber: '1', sub: 0 } }, dyingOf('none'));
    expect(blamed).toEqual([
      ['start', undefined],
      ['read', undefined],
      ['run', '1'],
      ['deliver', undefined],
      ['run', '2'],
      ['deliver', undefined],
      ['run', '3'],
      ['deliver', undefined],
      ['store', undefined],
    ]);
  });

  it('blames no event while the sink is asked for its limit, and the same one again when it is taken again', async () => {
    const said: unknown[] = [];
    const memory: Memory = memoryPorts(
      scriptedSource(() => memory, {}),
      { isolation: dyingOf('none') },
    );
    const { deathNotes } = memory.ports;
    const putNote = async (_: number, __: number, { isEvent }: DeathNote) => void said.push(isEvent);
    const task = { ...plannedTask([planned('a')]), isolation: { noteFrom: { sequenceNumber: '1', sub: 0 } } };
    const isolated = (await openIsolated(task, { ...memory.ports, deathNotes: { ...deathNotes, putNote } }))!;
    const shard = new OpenShard(
      new TaskRead({ pipeline, task, streamName: 's', md5, decompress, isolation: isolated.isolation }),
      task.shards[0]!,
    );
    await isolated.before(shard, page([record(1, { id: 1 })]), 0);
    const maxRecordBytes = async () => said.push('asked');
    await isolated.asking({ maxRecordBytes }).maxRecordBytes?.();
    await isolated.after(undefined);
    expect(said).toEqual([false, true, false, 'asked', true, false]);
  });

  it('takes back first what an earlier try noted of an event, before it can die of anything', async () => {
    const noteFrom = { sequenceNumber: '2', sub: 0 };
    const { notes } = await read({ noteFrom }, dyingOf('none'));
    expect(notes[0]).toEqual({ source: 'main', shardId: 'a', place: noteFrom, isEvent: false });
    const noThread: DeathNote[] = [];
    const memory: Memory = memoryPorts(
      scriptedSource(() => memory, {}),
      { isolation: dyingOf('none', 0) },
    );
    const ports = {
      ...memory.ports,
      deathNotes: {
        ...memory.ports.deathNotes,
        putNote: async (_: number, __: number, note: DeathNote) => void noThread.push(note),
      },
    };
    await expect(openIsolated({ ...plannedTask([planned('a')]), isolation: { noteFrom } }, ports)).rejects.toThrow(
      'no thread starts',
    );
    expect(noThread).toEqual([{ source: 'main', shardId: 'a', place: noteFrom, isEvent: false }]);
  });

  it('refuses a callback that returns a promise, and blames no event', async () => {
    const promising: Isolation = {
      open: () => ({
        run: () => {
          throw new SluiceError('InvalidPipeline', 'map returned a promise');
        },
        close: () => {},
      }),
    };
    await expect(read({}, promising)).rejects.toMatchObject({ name: 'InvalidPipeline' });
  });

  it.each([
    ['kept', () => Promise.resolve(), 'InvalidPipeline'],
    ['broken', () => Promise.reject(new Error('it threw')), undefined],
  ])('sees what a schema promised in an isolate that does not wait for it (%s)', async (_, promised, name) => {
    const { open } = dyingOf('none');
    const promising: Isolation = { open: (...of) => ({ ...open(...of), promises: [promised()] }) };
    const end = read({}, promising).then(
      () => undefined,
      (error: Error) => error.name,
    );
    expect(await end).toBe(name);
  });

  it('says nothing of an event where no thread starts any more: it may be the machine', async () => {
    await expect(read({}, dyingOf('2', 1))).rejects.toThrow('no thread starts');
  });
});

it('counts what it says that it read where a note can not be taken back', async () => {
  const grouping = windowed();
  const events = [1, 2, 3, 4].map((at) => record(at, { at, key: 'k', value: 1 }));
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: events }),
    { isolation: createIsolationInPlace(grouping, decompress) },
  );
  const putNote: Ports['deathNotes']['putNote'] = async (_, __, { place, isEvent }) => {
    if (place.sequenceNumber === '3' && !isEvent) throw new SluiceError('TemporaryFailure', 'throttled');
  };
  const ports: Ports = { ...memory.ports, deathNotes: { ...memory.ports.deathNotes, putNote } };
  const isolation = { noteFrom: { sequenceNumber: '1', sub: 0 } };
  const task = { ...plannedTask([planned('a')], { ref: 7, fingerprint: grouping.fingerprint }), isolation };
  await memory.ports.plans.putPlan(planRecord({ ref: 7 }), [task]);
  const input = { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 12 };
  await processShards(input, { pipeline: grouping, ports, md5, decompress, log });
  const { summary, partials } = memory.blocks.get('1/7/0')!;
  const [[, [[, , [counted] = []] = []] = []] = []] = [...partials.values()].flatMap(({ windows }) => windows);
  expect(summary.shards).toMatchObject([{ records: counted, outcome: { kind: 'failed' } }]);
  expect(summary.counters.counted).toBe(counted);
});
