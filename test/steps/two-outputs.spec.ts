/** OUTPUT-2: a pipeline with two outputs. Each has all that is for it, whatever the other's sink does; what fails is named. */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { PlannedShard } from '../../functions/core/model.ts';
import type { EventMeta } from '../../functions/pipeline/callback.ts';
import type { Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import type { CommitBatchInput } from '../../functions/steps/messages.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import {
  batchBody,
  decompress,
  headOf,
  holderOf,
  md5,
  noon,
  planned,
  plannedTask,
  planRecord,
  record,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { kinesisOutput, withOutput } from '../support/outputs.ts';
import { mapped, windowed } from '../support/pipelines.ts';

const log = { info: () => {}, warn: () => {} };

/** Two sinks in memory, of which the second does as it is told. */
function world(second: (records: readonly OutputRecord[]) => ReturnType<OutputSink['send']>) {
  const got: Record<'main' | 'second', OutputRecord[]> = { main: [], second: [] };
  const records = [1, 2, 3, 4, 5].map((id) => record(id, { id }));
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: records }),
    {
      sink: (output) => ({
        send: async (given) => {
          if (output === 'main') return void got.main.push(...given);
          const undelivered = await second(given);
          const missing = new Set(undelivered?.places);
          got.second.push(...given.filter((_, at) => !missing.has(at)));
          return undelivered;
        },
      }),
    },
  );
  memory.now = noon + 60_000;
  return { memory, got };
}

const takesAll = async () => undefined;
const throttled = new SluiceError('TemporaryFailure', 'throttled');
const firstOnly = (most: number) => async (given: readonly OutputRecord[]) => {
  const places = [...given.keys()].slice(most);
  return places.length === 0 ? undefined : { places, error: throttled, isOnlySlow: true };
};
const refuses = async (): Promise<never> => {
  throw new SluiceError('NotAllowed', 'stream second: put records: denied');
};
const jsonOf = ({ data }: OutputRecord) => JSON.parse(String(data));

describe('events as they are read', () => {
  const both = withOutput(mapped(), 'second');
  let epoch = 100;
  async function read(
    { memory }: ReturnType<typeof world>,
    shard: PlannedShard = planned('a'),
    pipeline: Pipeline = both,
  ) {
    epoch += 1;
    const task = plannedTask([shard], { ref: epoch, fingerprint: pipeline.fingerprint });
    await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
    const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 };
    await processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
    return memory.blocks.get(`1/${epoch}/0`)?.summary;
  }

  it('go to both, each with its own identity, and count once', async () => {
    const run = world(takesAll);
    const block = await read(run);
    expect(block?.counters).toMatchObject({ read: 5, counted: 5, emitted: 5 });
    for (const output of ['main', 'second'] as const) {
      expect(run.got[output].map(jsonOf)).toMatchObject(
        [1, 2, 3, 4, 5].map((id) => ({ twice: id * 2, _sluice: { output, sequence: String(id) } })),
      );
    }
  });

  it('are done with where both have them; what one alone has goes to the other one only', async () => {
    const run = world(firstOnly(2));
    const block = await read(run);
    const [result] = block!.shards;
    expect(block?.counters).toMatchObject({ read: 2, emitted: 2 });
    const position = { kind: 'after-sequence-number', sequenceNumber: '2' } as const;
    const sentAhead = [{ to: 'main sink   ', runs: [['3', 0, '5', 0]] }] as const;
    expect(result?.outcome).toEqual({ kind: 'deadline', to: position, sentAhead });
    const later = world(takesAll);
    const rest = await read(later, planned('a', { position, sentAhead }));
    expect(rest?.counters).toMatchObject({ read: 3, emitted: 3 });
    expect(rest?.outputs).toEqual({
      main: { emitted: 3, filtered: 0, refused: 0 },
      second: { emitted: 3, filtered: 0, refused: 0 },
    });
    expect([idsOf(run, 'main'), idsOf(later, 'main')]).toEqual([[1, 2, 3, 4, 5], []]);
    expect([idsOf(run, 'second'), idsOf(later, 'second')]).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  const further = (own: Pick<Output, 'filter' | 'map'>): Pipeline => {
    const [main, second] = both.outputs;
    return { ...both, outputs: [main!, { ...second!, ...own }] };
  };
  const idsOf = ({ got }: ReturnType<typeof world>, output: 'main' | 'second') =>
    got[output].map((row) => jsonOf(row).twice / 2);
  type Doubled = { readonly twice: number };

  it('are to each output what its own filter and map make of them, and counted of each', async () => {
    const run = world(takesAll);
    const pipeline = further({
      filter: ({ twice }: Doubled) => twice > 4,
      map: ({ twice }: Doubled, meta?: EventMeta) => ({ twice, of: meta?.sequenceNumber }),
    } as object);
    const block = await read(run, undefined, pipeline);
    expect(block?.counters).toMatchObject({ read: 5, counted: 5, emitted: 5 });
    expect(block?.outputs).toEqual({
      main: { emitted: 5, filtered: 0, refused: 0 },
      second: { emitted: 3, filtered: 2, refused: 0 },
    });
    expect(idsOf(run, 'main')).toEqual([1, 2, 3, 4, 5]);
    expect(run.got.second.map(jsonOf)).toMatchObject([3, 4, 5].map((id) => ({ twice: id * 2, of: String(id) })));
  });

  it('that one refuses go to the other, and are a dead letter that names the one', async () => {
    const run = world(takesAll);
    const map = ({ twice }: Doubled) => {
      if (twice === 6) throw new Error('no six');
      return { twice };
    };
    const block = await read(run, undefined, further({ map } as object));
    expect(block?.counters).toMatchObject({ read: 5, counted: 4, deadLettered: 1, emitted: 4 });
    expect(block?.outputs).toEqual({
      main: { emitted: 5, filtered: 0, refused: 0 },
      second: { emitted: 4, filtered: 0, refused: 1 },
    });
    expect([idsOf(run, 'main'), idsOf(run, 'second')]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 4, 5],
    ]);
    expect(run.memory.deadLetters).toMatchObject([
      { sequenceNumber: '3', reason: 'callback-failed', message: 'output second: no six' },
    ]);
  });

  it('end where the one that has not all of it stopped, by the events that are for it', async () => {
    // It takes 2, 4 and 5, and acknowledges the first two of them.
    const run = world(firstOnly(2));
    const filter = ({ twice }: Doubled) => ![2, 6].includes(twice);
    const block = await read(run, undefined, further({ filter } as object));
    expect(block?.counters).toMatchObject({ read: 4, emitted: 4 });
    expect(block?.outputs).toEqual({
      main: { emitted: 4, filtered: 0, refused: 0 },
      second: { emitted: 2, filtered: 2, refused: 0 },
    });
    expect(block?.shards[0]?.outcome).toMatchObject({ kind: 'deadline', to: { sequenceNumber: '4' } });
  });

  it('stop the execution where an output refuses them for good, with its name', async () => {
    await expect(read(world(refuses))).rejects.toMatchObject({
      name: 'NotAllowed',
      message: 'output second: stream second: put records: denied',
    });
  });
});

type Row = { readonly key: string };

describe('results', () => {
  const keys = ['k0', 'k1', 'k2', 'k3'];
  const partials = keys.map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);
  const input = { epoch: 7, batchId: 0, ref: 7, keyGroup: 0, again: true };

  const keysOf = ({ got }: ReturnType<typeof world>) =>
    [got.main, got.second].map((rows) => rows.map((row) => jsonOf(row).key));
  /** With steps of its own. */
  const further = (own: { readonly filter?: (row: Row) => boolean; readonly map?: (row: Row) => unknown }) => {
    const { outputs, ...rest } = withOutput(windowed(), 'second');
    return { ...rest, outputs: [outputs[0]!, { ...outputs[1]!, ...(own as object) }] };
  };

  async function reducing(given: ReturnType<typeof world>, pipeline: Pipeline = withOutput(windowed(), 'second')) {
    const { memory } = given;
    const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
    await putSealed(memory, body, 0, [partials]);
    return () => reduceKeyGroup(input, { pipeline, ports: memory.ports, log });
  }

  it('go to both, each under the identity of its output', async () => {
    const run = world(takesAll);
    const reduce = await reducing(run);
    expect(await reduce()).toMatchObject({ done: true, emitted: 4 });
    for (const output of ['main', 'second'] as const) {
      expect(run.got[output].map(jsonOf)).toMatchObject(
        keys.map((key, index) => ({ key, _sluice: { output, index } })),
      );
    }
    expect(run.memory.sentOutboxes.size).toBe(0);
  });

  it('are sent to the slow one from where it stopped, and to the other no more', async () => {
    let room = 3;
    const run = world((given) => firstOnly(room)(given));
    const reduce = await reducing(run);
    expect(await reduce()).toMatchObject({ done: false, progressed: true, why: 'output second: throttled' });
    expect([...run.memory.sentOutboxes.values()]).toEqual([
      { main: { count: 4, ahead: [] }, second: { count: 3, ahead: [] } },
    ]);
    room = 10;
    expect(await reduce()).toMatchObject({ done: true });
    expect([run.got.main, run.got.second].map((rows) => rows.map((row) => jsonOf(row).key))).toEqual([keys, keys]);
  });

  it('are not progress where the slow one takes none, though the other has had all', async () => {
    const run = world(firstOnly(0));
    const reduce = await reducing(run);
    expect(await reduce()).toMatchObject({ done: false, progressed: true });
    expect(await reduce()).toMatchObject({ done: false, progressed: false, why: 'output second: throttled' });
    expect(run.got.main).toHaveLength(4);
  });

  it.each([
    ['last', (outputs: Pipeline['outputs']) => outputs],
    ['first', (outputs: Pipeline['outputs']) => outputs.toReversed()],
  ])(
    'stop the batch where the %s output refuses them for good, with its name, and the other has them',
    async (_, order) => {
      const run = world(refuses);
      const pipeline = withOutput(windowed(), 'second');
      const reduce = await reducing(run, { ...pipeline, outputs: order(pipeline.outputs) });
      await expect(reduce()).rejects.toMatchObject({
        name: 'NotAllowed',
        message: expect.stringMatching(/^output second: stream second/),
      });
      expect(run.got.main).toHaveLength(4);
      expect([...run.memory.sentOutboxes.values()]).toEqual([
        { main: { count: 4, ahead: [] }, second: { count: 0, ahead: [] } },
      ]);
    },
  );

  it('that are too large for one go to the other, and their letter names the one', async () => {
    const run = world(takesAll);
    const narrow = withOutput(windowed(), 'second', { maxRecordBytes: 1_048_576 });
    const outputs = [kinesisOutput({ maxRecordBytes: 2_000_000 }), narrow.outputs[1]!];
    const grown = (row: { readonly key: string }) => (row.key === 'k1' ? { ...row, x: 'x'.repeat(1_100_000) } : row);
    const aggregation = { ...narrow.aggregation, rowOperations: [{ kind: 'map', mapper: grown as never } as const] };
    const reduce = await reducing(run, { ...narrow, aggregation, outputs });
    expect(await reduce()).toMatchObject({
      ...{ done: true, emitted: 3, rows: { results: 4, filtered: 0, refused: [{ count: 1 }] } },
      outputs: { main: { emitted: 4, filtered: 0, refused: 0 }, second: { emitted: 3, filtered: 0, refused: 1 } },
    });
    expect(keysOf(run)).toEqual([keys, ['k0', 'k2', 'k3']]);
    expect(run.memory.deadLetters).toMatchObject([
      {
        reason: 'output-too-large',
        message: expect.stringMatching(/^output second: \d+ bytes; .* records of 1048576$/),
      },
    ]);
  });

  it('are to each output what its own filter and map make of them, and counted of each', async () => {
    const run = world(takesAll);
    const reduce = await reducing(run, further({ filter: ({ key }) => key > 'k1', map: ({ key }) => ({ only: key }) }));
    expect(await reduce()).toMatchObject({
      ...{ done: true, emitted: 4, rows: { results: 4, filtered: 0, refused: [] } },
      outputs: { main: { emitted: 4, filtered: 0, refused: 0 }, second: { emitted: 2, filtered: 2, refused: 0 } },
    });
    expect(run.got.main.map((row) => jsonOf(row).key)).toEqual(keys);
    expect(run.got.second.map(jsonOf)).toEqual([
      { only: 'k2', _sluice: expect.objectContaining({ output: 'second', index: 2 }) },
      { only: 'k3', _sluice: expect.objectContaining({ output: 'second', index: 3 }) },
    ]);
  });

  it('that a filter or map of one throws for go to the other, and one letter says why', async () => {
    const run = world(takesAll);
    const fails = (key: string) => (row: Row) => {
      if (row.key === key) throw new Error(`no ${key}`);
      return row;
    };
    const reduce = await reducing(run, further({ filter: (row) => fails('k0')(row) === row, map: fails('k3') }));
    expect(await reduce()).toMatchObject({
      outputs: { main: { emitted: 4, refused: 0 }, second: { emitted: 2, filtered: 0, refused: 2 } },
    });
    expect(keysOf(run)).toEqual([keys, ['k1', 'k2']]);
    expect(run.memory.deadLetters.map(({ reason, message }) => ({ reason, message }))).toEqual([
      { reason: 'callback-failed', message: 'output second: no k0' },
      { reason: 'callback-failed', message: 'output second: no k3' },
    ]);
  });

  it('that failed before they came to the outputs are refused by each', async () => {
    const run = world(takesAll);
    const pipeline = further({});
    const refuses = ({ key }: Row) => {
      if (key === 'k2') throw new Error('boom');
      return key !== 'k3';
    };
    const rowOperations = [{ kind: 'filter', predicate: refuses as never } as const];
    const reduce = await reducing(run, { ...pipeline, aggregation: { ...pipeline.aggregation, rowOperations } });
    const count = { emitted: 2, filtered: 1, refused: 1 };
    expect(await reduce()).toMatchObject({
      rows: { results: 4, filtered: 1, refused: [{ count: 1 }] },
      outputs: { main: count, second: count },
    });
    expect(run.memory.deadLetters).toMatchObject([{ message: 'boom' }]);
  });

  it('a map that answers with a promise is a wrong pipeline', async () => {
    const reduce = await reducing(world(takesAll), further({ map: async ({ key }) => key }));
    await expect(reduce()).rejects.toMatchObject({
      name: 'InvalidPipeline',
      message: expect.stringMatching(/^map of second returned a promise/),
    });
  });

  it('of a group that is done are noted as sent to both, for whoever resumes the batch', async () => {
    const { memory } = world(takesAll);
    const pipeline = withOutput(windowed(), 'second');
    memory.head = headOf({ committed: undefined, sealed: { batchId: 0, ref: 7 }, holder: holderOf({ owner: 'run' }) });
    await memory.ports.seals.putBody(batchBody({ batchId: 0, ref: 7, fingerprint: pipeline.fingerprint }));
    const of = (emitted: number) => ({ emitted, filtered: 5 - emitted, refused: 0 });
    const outputs = { main: of(5), second: of(3) };
    const group = { keyGroup: 0, emitted: 4, done: true, progressed: true, outputs };
    const commit = {
      ...{ run: 'run', executionId: 'e', startedAt: new Date(memory.now).toISOString(), timing, request: {}, turn: 1 },
      ...{ epoch: 7, batchId: 0, ref: 7, waitUntil: new Date(memory.now).toISOString() },
      reduced: { emitted: 0, stuckSince: 0 },
      groups: [group, { ...group, keyGroup: 1, done: false }],
    } as unknown as CommitBatchInput;
    await commitBatch(commit, { pipeline, ports: memory.ports, log });
    expect(await memory.ports.outboxNotes.loadSent({ keyGroup: 0, batchId: 0, ref: 7 })).toEqual({
      main: { count: 5, ahead: [] },
      second: { count: 3, ahead: [] },
    });
  });
});
