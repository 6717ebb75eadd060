/** `deadLettersTo`: what goes there of events and rows, and by which way (LETTER-1, LETTER-2). */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import {
  checkPipeline,
  count,
  type DeadLetterRecord,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  runPipeline,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { EventIdentity, ResultIdentity } from '../../functions/sinks/identity.ts';
import { batchBody, md5, noon, page, planned, plannedTask, record } from '../support/builders.ts';
import { ShardRead } from '../support/shard-read.ts';

const events = pipeline('numbers')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ id: z.number() })));
const sink = kinesis({ streamName: 'out' });
const letterSink = kinesis({ streamName: 'letters' });
const mapped = events
  .map(({ id }) => {
    if (id === 13) throw new Error('unlucky');
    return { id };
  })
  .writeStream(sink)
  .deadLettersTo(letterSink);
const grouped = events
  .groupBy({ id: ({ id }) => id })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .map((row) => {
    if (row.id === 7) throw new Error('seven');
    return row;
  })
  .writeStream(sink)
  .deadLettersTo(letterSink);

const run = (definition: unknown, batches: readonly unknown[], options: object = {}) =>
  runPipeline(definition as never, { batches, ...options } as never) as unknown as readonly {
    readonly deadLetters: readonly object[];
    readonly outputs: Readonly<Record<string, { readonly results: readonly DeadLetterRecord[] }>>;
  }[];
const lettersIn = (...given: Parameters<typeof run>) =>
  run(...given).flatMap(({ outputs }) => outputs['dead-letters']!.results);

describe('the letter of an event', () => {
  it.each([
    ['without grouping', mapped],
    ['with it', grouped],
  ])('%s goes there with its reason, place and bytes, and is a letter all the same', (_, definition) => {
    const [batch] = run(definition, [[{ id: 1 }, { id: 'x' }, { id: 2 }]]);
    expect(batch!.outputs['dead-letters']!.results).toEqual([
      {
        ...{ reason: 'schema-mismatch', message: expect.stringContaining('id') },
        ...{ payload: { text: '{"id":"x"}' }, payloadBytes: 10, partitionKey: 'test' },
        ...{ source: 'main', shardId: expect.any(String), sequenceNumber: expect.stringMatching(/^\d+$/) },
        ...{ subSequenceNumber: 0, arrivalTime: expect.stringMatching(/^\d{4}-/) },
      },
    ]);
    expect(batch!.deadLetters).toMatchObject([{ event: { id: 'x' }, reason: 'schema-mismatch' }]);
  });

  it('of each shard and key group goes there, in the order of places', () => {
    const shards = { one: [{ id: 'a' }, { id: 'b' }], two: [{ id: 'c' }] };
    const letters = lettersIn(grouped, [{ shards }], { parallelism: 1 });
    expect(letters.map(({ payload }) => payload)).toEqual(['a', 'b', 'c'].map((id) => ({ text: `{"id":"${id}"}` })));
    expect(lettersIn(grouped, [{ shards }], { parallelism: 5 })).toHaveLength(3);
  });
});

describe('the letter of a row', () => {
  it('goes there with what it was made of, under the identity of the row', () => {
    const letters = lettersIn(grouped, [[{ id: 7 }, { id: 8 }]]);
    expect(letters).toMatchObject([
      {
        ...{ reason: 'callback-failed', message: 'seven', partitionKey: '', source: 'results', shardId: 'group-0' },
        arrivalTime: null,
      },
    ]);
    expect(JSON.parse((letters[0]!.payload as { text: string }).text)).toEqual({ id: 7, batchId: 0, events: 1 });
  });

  it('is stored with the step of the row, and counted of its output', () => {
    const checked = requirePipeline(grouped) as Pipeline & { readonly aggregation: Aggregation };
    const blocks = [[7, 8].map((id) => [[id], [[1, 2, [3]]]] as const)];
    const body = batchBody({ batchId: 1, watermarkIn: null, watermarkOut: 2 });
    const state = reduceKeyGroup(checked, body, { keyGroup: 0, before: [], blocks });
    expect(state.outputs).toEqual({
      main: { emitted: 1, filtered: 0, refused: 1 },
      'dead-letters': { emitted: 1, filtered: 0, refused: 0 },
    });
    expect(state.steps).toMatchObject([{ records: { main: 1, 'dead-letters': 1 }, refused: 1 }]);
    const [, letters] = state.outbox;
    const { _sluice } = JSON.parse(letters!.records[0]!.data as string) as { _sluice: ResultIdentity };
    expect(_sluice).toMatchObject({ output: 'dead-letters', batch: 1, group: 0, index: 0, key: '[7]', row: 0 });
    expect(letters!.records[0]!.partitionKey).toBe('[7]');
  });
});

describe('a read that sends letters itself', () => {
  const checked = requirePipeline(mapped);
  const task = plannedTask([planned('a')], { generation: 4 });
  const reading = (shard = planned('a')) =>
    new ShardRead(
      new TaskRead({ pipeline: checked, task, streamName: 'in', md5, decompress: () => ({}) as never }),
      shard,
    );
  const records = [
    record(1, { id: 1 }, noon),
    record(2, { id: 'x' }, noon),
    record(3, { id: 13 }, noon),
    record(4, { id: 4 }, noon),
  ];
  const sentBy = (read: ShardRead) => {
    const step = read.takeSome(page(records), 0);
    return step.taken;
  };
  const letterPlaces = (read: ShardRead, from = 0) => {
    const { letters } = read.takeSome(page(records.slice(from)), 0).taken;
    return letters.map(({ data }) => (JSON.parse(data as string) as { _sluice: EventIdentity })._sluice.sequence);
  };

  it('gives out a record for each letter, under the place of its event and where the try began', () => {
    const { letters, deadLetters } = sentBy(reading());
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['schema-mismatch', 'callback-failed']);
    expect(letters.map(({ data }) => (JSON.parse(data as string) as { _sluice: EventIdentity })._sluice)).toEqual(
      ['2', '3'].map((sequence) => ({
        ...{ v: 1, pipeline: 'numbers', output: 'dead-letters', generation: 4, source: 'main', shard: 'a' },
        ...{ sequence, sub: 0, index: 0, base: 'TRIM_HORIZON' },
      })),
    );
  });

  it('ends before an event whose letter the sink has not taken, and the next try sends it again', () => {
    const read = reading();
    sentBy(read);
    read.delivered({ outputs: new Map(), letters: new Set([0]) });
    expect(read.counters).toMatchObject({ read: 1, deadLettered: 0, emitted: 1 });
    const { outcome } = read.result('deadline');
    if (outcome.kind === 'end-of-shard') throw new Error('it goes on');
    expect(outcome).toMatchObject({
      to: { sequenceNumber: '1' },
      sentAhead: [
        { to: 'main out   ', runs: [['4', 0, '4', 0]] },
        { to: 'dead-letters letters   ', runs: [['3', 0, '3', 0]] },
      ],
    });
    const next = reading(planned('a', { position: outcome.to, sentAhead: outcome.sentAhead! }));
    // That of 3, which the sink has, is not sent again, and counts now.
    expect(letterPlaces(next, 1)).toEqual(['2']);
    expect(next.counters).toMatchObject({ read: 3, deadLettered: 2, emitted: 1 });
  });

  it('counts each letter of its output once', () => {
    const read = reading();
    sentBy(read);
    read.delivered();
    expect(read.state.progress.outputs).toEqual([
      { output: 'main', emitted: 2, filtered: 0, refused: 0 },
      { output: 'dead-letters', emitted: 2, filtered: 0, refused: 0 },
    ]);
  });

  it('is a destination of its own', () => {
    const plain = requirePipeline(events.writeStream(sink));
    const without = new ShardRead(
      new TaskRead({ pipeline: plain, task, streamName: 'in', md5, decompress: () => ({}) as never }),
      planned('a'),
    );
    const letters = { id: 'dead-letters', to: 'dead-letters letters   ' };
    expect(reading().reader.destinations).toEqual([...without.reader.destinations, letters]);
  });
});

describe('what is refused', () => {
  const problems = (definition: unknown) => {
    const checked = checkPipeline(definition);
    return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
  };

  it.each([
    [null, /^deadLettersTo: null is not allowed; use /],
    [
      kinesis({ streamName: 'letters', partitionKey: () => 'k' }),
      /^deadLettersTo: 'kinesis' is not allowed; use a sink without callbacks/,
    ],
    [kinesis({ streamName: 'in' }), /^deadLettersTo.streamName: 'in' is not allowed; use another stream/],
  ])('a sink that is none, runs callbacks, or is what is read: %o', (given, message) => {
    expect(problems(events.writeStream(sink).deadLettersTo(given as never))).toEqual([expect.stringMatching(message)]);
  });

  it('another output of its name', () => {
    const definition = mapped.writeStream(kinesis({ streamName: 'copy' }), { name: 'dead-letters' });
    expect(problems(definition)).toEqual([
      "outputs[1].name: 'dead-letters' is not allowed; use another name: dead-letters is the output that deadLettersTo names",
    ]);
  });
});
