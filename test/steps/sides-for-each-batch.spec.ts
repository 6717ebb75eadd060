/**
 * Late events and dead letters that a function of the user's own is called with: as rows are, in the same parts however often; and letters
 * of what other functions gave up, behind them (GIVEN-UP-1, GIVEN-UP-2).
 */
import { describe, expect, it } from 'vitest';
import { createCallbackSink } from '../../functions/adapters/callback/for-each-batch-sink.ts';
import { createFilesSink } from '../../functions/adapters/files-sink.ts';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import {
  type BatchCall,
  type BatchEvent,
  count,
  type DeadLetterRecord,
  forEachBatch,
  json,
  kinesis,
  type LateEvent,
  ndjson,
  perMicroBatch,
  pipeline,
  s3,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import {
  batchBody,
  checkpoint,
  decompress,
  md5,
  noon,
  planned,
  plannedTask,
  planRecord,
  record,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { anyObject } from '../support/pipelines.ts';
import { MortalProcess, reduceUntilDone } from '../support/reduce-until-done.ts';

const log = { info: () => {}, warn: () => {} };
const [batchId, ref, epoch] = [1, 101, 101];
const state = { batchId, ref, keyGroup: 0 };

type Given = BatchEvent<Partial<LateEvent & DeadLetterRecord> & { readonly id?: number }>;
type Call = { readonly id: string; readonly output: string; readonly given: readonly Given[] };
type Does = (call: Call, times: number) => 'end' | undefined;

const source = () =>
  pipeline('sides', { parallelism: 1 })
    .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
    .decode(json(anyObject));
const timed = () =>
  source()
    .withWatermark(({ at }) => at as number, { delay: '0 seconds', maxFutureTime: '10000 days' })
    .groupBy({})
    .window(tumbling('1 second'));

type Take = (given: readonly object[], call: BatchCall) => Promise<void>;

/** One batch of one shard: read, sealed, and then reduced as the driver does it. `does`: what a function does; it takes what it is given if not said. */
function worldOf(records: readonly KinesisRecord[], write: (take: Take) => unknown, does: Does = () => undefined) {
  const calls: Call[] = [];
  const sent: OutputRecord[] = [];
  const files = new Map<string, string>();
  const mortal = new MortalProcess();
  const take: Take = async (given, { id, output }) => {
    const made = { id, output, given: given as readonly Given[] };
    calls.push(made);
    if (does(made, calls.filter((call) => call.id === id).length) === 'end') await mortal.end();
  };
  const definition = requirePipeline(write(take) as never);
  // What a call's time ends never comes here.
  const sleep = (ms: number, cut?: AbortSignal) =>
    cut === undefined ? memory.ports.clock.sleep(ms) : new Promise<void>(() => {});
  const objects = {
    putIfAbsent: async ({ key, body }: { readonly key: string; readonly body: Uint8Array | string }) => {
      files.set(key, files.get(key) ?? Buffer.from(body).toString());
    },
  };
  const stream: OutputSink = {
    send: async (given) => {
      sent.push(...given);
      return undefined;
    },
  };
  const sinkOf = (output: string): OutputSink => {
    const { kind, options } = definition.outputs.find(({ id }) => id === output)!.sink;
    if (kind.kind === 'forEachBatch')
      return createCallbackSink(options as never, { clock: { ...memory.ports.clock, sleep }, random: () => 0.5 });
    return kind.kind === 's3' ? createFilesSink(options as never, objects as never) : stream;
  };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: records }),
    { sink: sinkOf },
  );
  memory.now = noon + 60_000;
  const reduce = (again: boolean) => {
    const input = { epoch, batchId, ref, keyGroup: 0, again };
    return mortal.run(() => reduceKeyGroup(input, { pipeline: definition, ports: memory.ports, log }));
  };
  const untilDone = async () => {
    await sealed(memory, definition);
    return reduceUntilDone(memory, state, reduce);
  };
  const again = () => reduce(true);
  return { memory, calls, sent, files, untilDone, again };
}

/** Read by one task under a watermark of noon, and sealed. */
async function sealed(memory: Memory, definition: Pipeline): Promise<void> {
  const { fingerprint, parallelism, aggregation } = definition;
  const watermark = aggregation === undefined ? null : noon;
  const task = plannedTask([planned('a')], { ref, batchId, fingerprint, parallelism, watermark });
  const plan = planRecord({ ref, batchId, parallelism, fingerprint, taskCount: 1 });
  await memory.ports.plans.putPlan(plan, [task]);
  const input = { run: 'run', epoch, batchId, task: 0, readSeconds: 12 };
  await processShards(input, { pipeline: definition, ports: memory.ports, md5, decompress, log });
  const block = memory.blocks.get(`${batchId}/${ref}/0`)!.summary;
  if (aggregation !== undefined) {
    const blocks = [{ task: 0, nonce: 'n', groups: block.groups }];
    const body = { batchId, ref, fingerprint, watermarkIn: noon, watermarkOut: noon, blocks };
    await memory.ports.seals.putBody(batchBody({ ...body, states: [{ batchId, ref, ends: [] }] }));
    return;
  }
  const seal = decideSeal(
    { ...plan, newShards: [checkpoint('a')] },
    undefined,
    { blocks: [block], outcomes: ['moved'] },
    { watermarks: undefined, window: undefined },
  );
  if (seal.kind !== 'sealed') throw new Error('nothing moved');
  await memory.ports.seals.putBody(seal.body);
}

const early = (id: number) => record(id, { at: noon - 5_000, id });
const broken = (id: number) => record(id, 'no object');
const numbersIn = (calls: readonly Call[]) =>
  calls.map(({ given }) => given.map(({ sequenceNumber }) => sequenceNumber));
/** Equal ids have equal rows. Each id once, in their order. */
function byId(calls: readonly Call[]): readonly string[] {
  const first = new Map<string, Call>();
  for (const call of calls) expect(call).toEqual(first.set(call.id, first.get(call.id) ?? call).get(call.id));
  return [...first.keys()];
}

const withLate = (take: Take) =>
  timed()
    .sideOutputLate(forEachBatch(take, { maxRows: 2 }))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' }));

describe('late events', () => {
  it('come in parts, in their order, each with its place', async () => {
    const { calls, untilDone } = worldOf([early(1), record(2, { at: noon + 5 }), early(3), early(4)], withLate);
    expect(await untilDone()).toMatchObject({ outputs: { late: { emitted: 3, filtered: 0, refused: 0 } } });
    expect(numbersIn(calls)).toEqual([['1', '3'], ['4']]);
    expect(byId(calls)).toEqual(['sides/late/1/1/101/0/0', 'sides/late/1/1/101/0/1']);
    const [first] = calls[0]!.given;
    expect(first).toMatchObject({ shardId: 'a', sequenceNumber: '1', subSequenceNumber: 0, element: 0 });
    expect(first!.value).toMatchObject({ shardId: 'a', watermark: new Date(noon).toISOString(), lateByMs: 4_000 });
    expect(JSON.parse((first!.value.payload as { text: string }).text)).toMatchObject({ id: 1 });
    expect(first!.value).not.toHaveProperty('_sluice');
  });

  it('come again in the same calls, wherever the try before ended', async () => {
    for (const dies of [1, 2]) {
      const { calls, untilDone } = worldOf([early(1), early(2), early(3)], withLate, () =>
        calls.length === dies ? 'end' : undefined,
      );
      await untilDone();
      expect(byId(calls)).toHaveLength(2);
      expect(new Set(numbersIn(calls).flat())).toEqual(new Set(['1', '2', '3']));
    }
  });

  it('of which one ends its reducer are taken but for that one, which is a dead letter; no row is missing for it', async () => {
    const { memory, calls, untilDone } = worldOf([early(1), early(2), early(3)], withLate, ({ given }) =>
      given.some(({ sequenceNumber }) => sequenceNumber === '2') ? 'end' : undefined,
    );
    expect(await untilDone()).toMatchObject({
      emitted: 0,
      rows: { results: 0, refused: [{ reason: 'crashed-reducer', count: 1 }] },
      outputs: { late: { emitted: 2, refused: 1 } },
    });
    expect(numbersIn(calls)).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
      ['1'],
      ['2'],
      ['2'],
      ['2'],
      ['3'],
    ]);
    expect(memory.deadLetters).toMatchObject([
      {
        reason: 'crashed-reducer',
        message: expect.stringMatching(/^output late: .* with this event alone: a 2 0, element 0$/),
      },
    ]);
  });
});

describe('dead letters', () => {
  const grouped = (take: Take) =>
    timed()
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'out' }))
      .deadLettersTo(forEachBatch(take, { maxRows: 2 }));
  const plain = (take: Take) =>
    source()
      .writeStream(kinesis({ streamName: 'out' }))
      .deadLettersTo(forEachBatch(take, { maxRows: 2 }));

  it.each([
    ['a pipeline that groups', grouped],
    ['one that does not, which are sealed first', plain],
  ])('of %s come in parts, in their order, each with its reason and place', async (_, write) => {
    const { memory, calls, untilDone } = worldOf([broken(1), record(2, { at: noon + 5 }), broken(3), broken(4)], write);
    expect(await untilDone()).toMatchObject({ done: true });
    expect(numbersIn(calls)).toEqual([['1', '3'], ['4']]);
    expect(byId(calls)).toEqual(['sides/dead-letters/1/1/101/0/0', 'sides/dead-letters/1/1/101/0/1']);
    const [first] = calls[0]!.given;
    expect(first).toMatchObject({ shardId: 'a', subSequenceNumber: 0, element: 0 });
    expect(first!.value).toMatchObject({
      reason: 'schema-mismatch',
      payload: { text: '"no object"' },
      sequenceNumber: '1',
    });
    expect(memory.deadLetters).toHaveLength(3);
  });

  it('of rows have the place that they have in the table', async () => {
    const { memory, calls, untilDone } = worldOf([record(1, { at: noon - 900 })], (take) =>
      source()
        .groupBy({ id: ({ at }) => at as number })
        .window(perMicroBatch())
        .aggregate({ events: count() })
        .map(() => {
          throw new Error('no');
        })
        .writeStream(kinesis({ streamName: 'out' }))
        .deadLettersTo(forEachBatch(take)),
    );
    await untilDone();
    const [letter] = memory.deadLetters;
    const { shardId, sequenceNumber, subSequenceNumber } = letter!;
    expect(shardId).toBe('group-0');
    expect(calls.map(({ given }) => given)).toMatchObject([
      [
        {
          shardId,
          sequenceNumber,
          subSequenceNumber,
          element: 0,
          value: { reason: 'callback-failed', sequenceNumber },
        },
      ],
    ]);
  });

  it('of which one ends its reducer: that one is in the table alone, and is not called with again', async () => {
    const { memory, calls, untilDone } = worldOf([broken(1), broken(2), broken(3)], plain, ({ given }) =>
      given.some(({ sequenceNumber }) => sequenceNumber === '2') ? 'end' : undefined,
    );
    expect(await untilDone()).toMatchObject({ rows: { refused: [{ reason: 'crashed-reducer', count: 1 }] } });
    expect(memory.deadLetters.at(-1)).toMatchObject({
      message: 'output dead-letters: the function has ended its reducer 3 times with this letter alone',
    });
    expect(numbersIn(calls).at(-1)).toEqual(['3']);
    expect(byId(calls)).toEqual([
      'sides/dead-letters/1/1/101/0/0',
      'sides/dead-letters/1/1/101/0/0.0',
      'sides/dead-letters/1/1/101/0/0.1',
      'sides/dead-letters/1/1/101/0/1',
    ]);
  });
});

describe('letters of what another function gave up', () => {
  const both = (take: Take) =>
    source()
      .writeStream(forEachBatch(take, { maxRows: 10 }))
      .deadLettersTo(forEachBatch(take, { maxRows: 2 }));
  const deadly: Does = ({ output, given }) =>
    output === 'main' && given.some(({ value }) => value.id === 2 || value.id === 4) ? 'end' : undefined;
  const records = [1, 2, 3, 4].map((id) => record(id, { id })).concat(broken(5), broken(6), broken(7));

  it('come behind those that are stored, when all others have theirs, and in the same calls when they come again', async () => {
    for (const dies of [0, 1, 2, 3]) {
      let ofLetters = 0;
      const { calls, untilDone, again } = worldOf(records, both, (call, times) => {
        if (call.output === 'dead-letters') ofLetters += 1;
        return call.output === 'dead-letters' && ofLetters === dies ? 'end' : deadly(call, times);
      });
      expect(await untilDone()).toMatchObject({
        outputs: { main: { emitted: 2, refused: 2 }, 'dead-letters': { emitted: 5 } },
      });
      byId(calls);
      const letters = calls.filter(({ output }) => output === 'dead-letters');
      const whole = new Map(letters.map((call) => [call.id, call]));
      expect(numbersIn([...whole.values()])).toEqual([['5', '6'], ['7'], ['1-101-main', '1-101-main']]);
      const firstOfLetters = calls.findIndex(({ output }) => output === 'dead-letters');
      expect(calls.slice(firstOfLetters).every(({ output }) => output === 'dead-letters')).toBe(true);
      expect(await again()).toMatchObject({ done: true });
    }
  });

  it('that end their reducer are in the table alone, and nothing comes for ever', async () => {
    const { memory, calls, untilDone } = worldOf(records, both, (call, times) =>
      call.output === 'dead-letters' && call.given.some(({ sequenceNumber }) => sequenceNumber === '1-101-main')
        ? 'end'
        : deadly(call, times),
    );
    expect(await untilDone()).toMatchObject({ outputs: { 'dead-letters': { emitted: 3, refused: 2 } } });
    expect(memory.deadLetters.slice(-2)).toMatchObject([
      { sequenceNumber: '1-101-dead-letters', subSequenceNumber: 3 },
      { sequenceNumber: '1-101-dead-letters', subSequenceNumber: 4 },
    ]);
    byId(calls);
  });

  it('that two outputs have given up are two, and the row counts as one', async () => {
    const { memory, calls, untilDone } = worldOf(
      [record(1, { at: noon - 900 })],
      (take) =>
        source()
          .groupBy({ id: ({ at }) => at as number })
          .window(perMicroBatch())
          .aggregate({ events: count() })
          .writeStream(forEachBatch(take))
          .writeStream(forEachBatch(take), { name: 'second' })
          .deadLettersTo(forEachBatch(take)),
      ({ output }) => (output === 'dead-letters' ? undefined : 'end'),
    );
    expect(await untilDone()).toMatchObject({ emitted: 0, rows: { results: 1, refused: [{ count: 1 }] } });
    // The table has one of a name, however often it is put.
    const names = new Set(memory.deadLetters.map(({ sequenceNumber }) => sequenceNumber));
    expect([...names]).toEqual(['1-101-main', '1-101-second']);
    const letters = calls.filter(({ output }) => output === 'dead-letters');
    expect(numbersIn(letters)).toEqual([['1-101-main', '1-101-second']]);
  });

  it('are rows of files, where dead letters go to files', async () => {
    const { files, untilDone } = worldOf(
      records,
      (take) =>
        source()
          .writeStream(forEachBatch(take, { maxRows: 10 }))
          .deadLettersTo(s3({ bucket: 'letters', format: ndjson({ compression: 'none' }) })),
      deadly,
    );
    await untilDone();
    const rows = [...files.values()].flatMap((text) => text.trim().split('\n'));
    expect(rows.map((row) => (JSON.parse(row) as DeadLetterRecord).reason)).toEqual([
      ...['schema-mismatch', 'schema-mismatch', 'schema-mismatch', 'crashed-reducer', 'crashed-reducer'],
    ]);
  });

  it('go to a stream that is sent to while reading, too', async () => {
    const { sent, untilDone } = worldOf(
      records,
      (take) =>
        source()
          .writeStream(forEachBatch(take, { maxRows: 10 }))
          .deadLettersTo(kinesis({ streamName: 'letters' })),
      deadly,
    );
    await untilDone();
    expect(sent.map(({ data }) => (JSON.parse(String(data)) as DeadLetterRecord).sequenceNumber)).toEqual([
      ...['5', '6', '7', '1-101-main', '1-101-main'],
    ]);
  });
});
