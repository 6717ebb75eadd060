/** UNMERGED-1, UNMERGED-2: an aggregate of the user's own that ends its reducer when it merges, in a window that closes and in one that stays open. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import type { RowInput } from '../../functions/core/evaluate-row.ts';
import { isolatedRunner } from '../../functions/core/isolated-code.ts';
import type { IsolatedReading } from '../../functions/core/isolated-reading.ts';
import { createJudge } from '../../functions/core/judge-event.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import { prepareReduce, reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import { newTrial } from '../../functions/core/row-trial.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { aggregate, count, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Isolation } from '../../functions/ports/isolation.ts';
import { reduceKeyGroup as reduceStep } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, decompress, md5, page, planned, plannedTask, record } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { ShardRead } from '../support/shard-read.ts';
import { windowsIn } from '../support/stored-windows.ts';

const minute = 60_000;
const boundless = requirePipeline(
  pipeline('own')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), key: z.string(), word: z.string() })))
    .withWatermark((event) => event.at, { delay: '0 seconds' })
    .groupBy({ key: (event) => event.key })
    .window(tumbling('10 milliseconds'))
    .aggregate({
      n: count(),
      words: aggregate({
        name: 'words',
        version: 1,
        empty: () => [] as string[],
        add: (words, { word }: { word: string }) => [...words, word],
        merge: (one, other) => [...one, ...other].sort(),
        result: (words) => words.join(' '),
      }),
    })
    .writeStream(kinesis({ streamName: 'out' })),
) as Pipeline & { readonly aggregation: Aggregation };

const window = (start: number, ...words: string[]) => [start, start + 10, [words.length, [words]]] as const;
/** 'a' closes in the first batch, 'deadly' in the first and in the second, 'z' in the second. */
const block = (word: string): SavedWindows => [
  [['a'], [window(0, word)]],
  [['deadly'], [window(0, word), window(10, word)]],
  [['z'], [window(10, word)]],
];

function worldOf() {
  const died = { kind: 'died', message: 'it runs without end' } as const;
  const isolation: Isolation = {
    open: (kind, setup) => {
      const run = isolatedRunner(kind, boundless, setup, decompress);
      return {
        run: (input) => {
          const { keyValues, unmerged } = input as RowInput;
          if (keyValues[0] === 'deadly' && unmerged!.words!.length > 1) return died;
          return { kind: 'answered', output: run(structuredClone(input)) };
        },
        close: () => {},
      };
    },
  };
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    { isolation },
  );
  const runtime = { pipeline: boundless, ports: memory.ports, md5, decompress, log: { info() {}, warn() {} } };
  const begin = async (batchId: number, watermarkOut: number, partials: readonly SavedWindows[]) => {
    const previous = { batchId: batchId - 1, ref: 7 };
    const body = batchBody({ batchId, ref: 7, previous, watermarkOut, fingerprint: boundless.fingerprint });
    await putSealed(memory, body, 0, partials);
  };
  const reduce = (batchId: number, again = true) =>
    reduceStep({ epoch: 7, batchId, ref: 7, keyGroup: 0, again }, runtime);
  return { memory, begin, reduce };
}

const rowsOf = ({ sent }: Memory) => sent.map(({ data }) => JSON.parse(String(data)));

it('is given up at its third death like a row; in the open window it has failed, and the rest goes on', async () => {
  const { memory, begin, reduce } = worldOf();
  await begin(0, 10, [block('one'), block('two')]);
  await memory.ports.rows.putTrial({ batchId: 0, ref: 7, keyGroup: 0 }, { ...newTrial, hasDied: true });
  for (const _ of [1, 2]) {
    expect(await reduce(0)).toMatchObject({ done: false });
    expect(memory.sent).toEqual([]);
    memory.now += minute;
  }
  expect(await reduce(0)).toMatchObject({ done: true, emitted: 1, rows: { results: 2 } });
  expect(rowsOf(memory)).toMatchObject([{ key: 'a', n: 2, words: 'one two', _sluice: { index: 0 } }]);
  const [letter] = memory.deadLetters;
  expect(letter).toMatchObject({ reason: 'crashed-reducer', subSequenceNumber: 1 });
  expect(JSON.parse(new TextDecoder().decode(letter!.payload))).toEqual({
    row: { key: 'deadly', windowStart: '1970-01-01T00:00:00.000Z', windowEnd: '1970-01-01T00:00:00.010Z', n: 2 },
    accumulators: { n: 2, words: [[['one']], [['two']]] },
  });
  const state = await memory.ports.states.loadState(0, 0, 7);
  expect(await windowsIn(memory.ports, boundless.aggregation, state)).toEqual([
    [['deadly'], [[10, 20, [2, { failed: { reason: 'crashed-reducer', message: expect.any(String) } }]]]],
    [['z'], [[10, 20, [2, [['one', 'two']]]]]],
  ]);

  await begin(1, 20, [[[['z'], [window(10, 'three')]]]]);
  expect(await reduce(1, false)).toMatchObject({ done: true, emitted: 1, rows: { results: 2 } });
  expect(rowsOf(memory).at(-1)).toMatchObject({ key: 'z', n: 3, words: 'one three two' });
  expect(memory.deadLetters.at(-1)).toMatchObject({
    reason: 'crashed-reducer',
    message: expect.stringContaining('aggregate words: user code has ended its reducer 3 times'),
  });
});

it('is not merged by a read whose user code runs apart, but by the reduce of what it saved', () => {
  const judge = createJudge(boundless, { batchId: 0, watermark: null, generation: 1, ref: 1 }, decompress);
  const reading = { deaths: [], stepEvents: 1 } as unknown as IsolatedReading;
  const shard = planned('shard');
  const read = new TaskRead({
    ...{ pipeline: boundless, task: plannedTask([shard]), streamName: 'in', md5, decompress },
    isolation: { judge, reading },
  });
  const events = ['two', 'one'].map((word, at) => record(at + 1, { at, key: 'a', word }));
  new ShardRead(read, shard).take(page(events), 100);
  const { windows: saved } = read.table!.saveByKeyGroup(1).get(0)!;
  expect(saved).toEqual([[['a'], [[0, 10, [2, { parts: [[['two']], [['one']]] }]]]]]);

  const group = { keyGroup: 0, before: [], blocks: [JSON.parse(JSON.stringify(saved)), block('three')] };
  const { outbox } = reduceKeyGroup(boundless, batchBody({ watermarkOut: 10 }), group);
  expect(JSON.parse(String(outbox[0]!.records[0]!.data))).toMatchObject({ key: 'a', n: 3, words: 'one three two' });
});

it('changes nothing in the places of rows, and asks nothing of windows with one part', () => {
  const body = batchBody({ watermarkOut: 10 });
  const of = (blocks: readonly SavedWindows[]) =>
    prepareReduce(boundless, body, { keyGroup: 0, before: [], blocks }).rows.map(({ index, keyValues, isOpen }) => [
      index,
      keyValues[0],
      isOpen === true ? 'stays open' : 'row',
    ]);
  const rows = [
    [0, 'a', 'row'],
    [1, 'deadly', 'row'],
  ];
  expect(of([block('one')])).toEqual(rows);
  expect(of([block('one'), block('two')])).toEqual([...rows, [2, 'deadly', 'stays open'], [3, 'z', 'stays open']]);
});
