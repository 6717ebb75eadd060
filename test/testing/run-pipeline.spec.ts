/** The user's test kit gives what the engine would: results, late events, dead letters (WATERMARK-2, TABLE-1, EVENT-1). */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  bytes,
  count,
  json,
  kinesis,
  max,
  perMicroBatch,
  pipeline,
  runPipeline,
  sum,
  tumbling,
} from '../../functions/index.ts';

const source = kinesis({ streamName: 'source' });
const event = z.object({ at: z.number(), key: z.string() });

const counts = pipeline('counts')
  .readStream(source)
  .decode(json(event))
  .filter((each) => each.key !== 'skip')
  .withWatermark((each) => each.at, { delay: '5 milliseconds' })
  .groupBy({ key: (each) => each.key })
  .window(tumbling('10 milliseconds'))
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'sink' }));
const at = (time: number, key = 'a') => ({ at: time, key });

describe('a pipeline without keys', () => {
  const events = pipeline('all').readStream(source).decode(json(event)).groupBy({}).window(perMicroBatch());

  it('has one result a window', () => {
    const all = events
      .aggregate({ events: count(), last: max((each) => each.at) })
      .writeStream(kinesis({ streamName: 'sink' }));
    expect(runPipeline(all, { events: [at(1), at(2, 'b'), at(3)], eventsPerBatch: 2 }).results).toEqual([
      { batchId: 0, events: 2, last: 2 },
      { batchId: 1, events: 1, last: 3 },
    ]);
  });
});

it('refuses a callback that returns a promise', () => {
  const lookUp: (key: string) => unknown = () => Promise.reject(new Error('nobody waits for it'));
  const asks = pipeline('asks')
    .readStream(source)
    .decode(json(event))
    .filter((each) => lookUp(each.key) as boolean)
    .writeStream(kinesis({ streamName: 'sink' }));
  expect(() => runPipeline(asks, { events: [at(1)] })).toThrow(/^filter returned a promise/);
});

it('keeps ids of 64 bits apart where they are read as text, and refuses them as keys where not', () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const orders = ['1524831183200260097', '1524831183200260098'].map((id) => utf8(`{"user":${id}}`));
  const perUser = (options?: { largeIntegers: 'text' }) =>
    pipeline('per-user')
      .readStream(source)
      .decode(json(z.object({ user: z.union([z.number(), z.string()]) }), options))
      .groupBy({ user: (order) => order.user })
      .window(perMicroBatch())
      .aggregate({ orders: count() })
      .writeStream(kinesis({ streamName: 'sink' }));
  const { results } = runPipeline(perUser({ largeIntegers: 'text' }), { events: orders as never });
  expect(results.map(({ user, orders: of }) => [user, of])).toEqual([
    ['1524831183200260097', 1],
    ['1524831183200260098', 1],
  ]);
  const { deadLetters } = runPipeline(perUser(), { events: orders as never });
  expect(deadLetters.map(({ reason }) => reason)).toEqual(['invalid-key', 'invalid-key']);
});

describe('runPipeline', () => {
  it('gives rows without identities, windows by time, then keys', () => {
    const { results, late, deadLetters, filtered } = runPipeline(counts, {
      events: [at(15), at(1, 'b'), at(1), at(2), at(3, 'skip')],
    });
    expect(results).toEqual([
      { key: 'a', windowStart: '1970-01-01T00:00:00.000Z', windowEnd: '1970-01-01T00:00:00.010Z', events: 2 },
      { key: 'b', windowStart: '1970-01-01T00:00:00.000Z', windowEnd: '1970-01-01T00:00:00.010Z', events: 1 },
      { key: 'a', windowStart: '1970-01-01T00:00:00.010Z', windowEnd: '1970-01-01T00:00:00.020Z', events: 1 },
    ]);
    expect([late, deadLetters, filtered]).toEqual([[], [], 1]);
  });

  it.each([
    [14, []],
    [15, [at(9)]],
  ])('after a batch up to %i, an event at 9 of the next batch is late: %j', (latest, expected) => {
    expect(runPipeline(counts, { events: [at(latest), at(9)], eventsPerBatch: 1 }).late).toEqual(expected);
  });

  it('does not take the watermark back for an older event (WATERMARK-2)', () => {
    expect(runPipeline(counts, { events: [at(100), at(1), at(50)], eventsPerBatch: 1 }).late).toEqual([at(1), at(50)]);
  });

  it('never has late events within one batch', () => {
    expect(runPipeline(counts, { events: [at(1000), at(1)] }).late).toEqual([]);
  });

  it('leaves open windows out when asked to', () => {
    const { results } = runPipeline(counts, { events: [at(1), at(15), at(15)], closeWindows: false });
    expect(results).toMatchObject([{ windowStart: '1970-01-01T00:00:00.000Z', events: 1 }]);
  });

  it('buries what cannot be read, with its reason, and takes bytes as they are', () => {
    const broken = new TextEncoder().encode('{');
    const { deadLetters } = runPipeline(counts, { events: [broken, { at: 'x', key: 'a' } as never] });
    expect(deadLetters).toMatchObject([
      { event: broken, reason: 'invalid-json' },
      { event: { at: 'x' }, reason: 'schema-mismatch' },
    ]);
  });

  it('knows no future unless it is told when events arrived', () => {
    const future = [at(Date.UTC(2100, 0))];
    expect(runPipeline(counts, { events: future }).results).toHaveLength(1);
    expect(runPipeline(counts, { events: future, arrivalTime: new Date(0) }).deadLetters).toMatchObject([
      { reason: 'event-time-in-future' },
    ]);
  });

  it('buries an event whose window has no ISO date, instead of failing at its close', () => {
    const first = [at(-8_640_000_000_000_000)];
    const long = pipeline('long')
      .readStream(source)
      .decode(json(event))
      .withWatermark((each) => each.at, { delay: '0 seconds' })
      .groupBy({ key: (each) => each.key })
      .window(tumbling('7 days'))
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'sink' }));
    expect(runPipeline(long, { events: first })).toMatchObject({
      results: [],
      deadLetters: [{ reason: 'invalid-event-time' }],
    });
  });

  it('gives mapped events as they are, and buries those whose partition key fails', () => {
    const doubled = pipeline('doubled')
      .readStream(source)
      .decode(json(z.number()))
      .map((value) => value * 2)
      .writeStream(
        kinesis({
          streamName: 'sink',
          partitionKey: (value) => {
            if (value === 26) throw new Error('unlucky');
            return String(value);
          },
        }),
      );
    const { results, deadLetters } = runPipeline(doubled, { events: [1, 13, 2] });
    expect(results).toEqual([2, 4]);
    expect(deadLetters).toEqual([{ event: 13, reason: 'callback-failed', message: 'unlucky' }]);
  });

  it('buries what the sink was not said to take', () => {
    const grown = (maxRecordBytes?: number) =>
      pipeline('grown')
        .readStream(source)
        .decode(json(z.number()))
        .map((size) => ({ text: 'x'.repeat(size) }))
        .writeStream(kinesis({ streamName: 'sink', ...(maxRecordBytes === undefined ? {} : { maxRecordBytes }) }));
    const fates = (maxRecordBytes?: number) => {
      const { results, deadLetters } = runPipeline(grown(maxRecordBytes), { events: [1, 2_000_000, 6_000_000] });
      return [results.length, deadLetters.map(({ reason }) => reason)];
    };
    expect(fates()).toEqual([1, ['output-too-large', 'output-too-large']]);
    expect(fates(4_000_000)).toEqual([2, ['output-too-large']]);
    expect(fates(10_485_760)).toEqual([3, []]);
  });

  it('hands bytes through', () => {
    const through = pipeline('through')
      .readStream(source)
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'sink' }));
    expect(runPipeline(through, { events: [Uint8Array.of(1, 2)] }).results).toEqual([Uint8Array.of(1, 2)]);
  });

  it('numbers micro-batches from 0', () => {
    const perBatch = pipeline('per-batch')
      .readStream(source)
      .decode(json(event))
      .groupBy({ key: (each) => each.key })
      .window(perMicroBatch())
      .aggregate({ events: count(), total: sum((each) => each.at) })
      .filter((row) => row.total !== 0)
      .writeStream(kinesis({ streamName: 'sink' }));
    expect(runPipeline(perBatch, { events: [at(1), at(2), at(0)], eventsPerBatch: 2 }).results).toEqual([
      { key: 'a', batchId: 0, events: 2, total: 3 },
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN])(
    'refuses batches of %d events, which would never end or lose some',
    (eventsPerBatch) => {
      expect(() => runPipeline(counts, { events: [at(1)], eventsPerBatch })).toThrow(
        expect.objectContaining({ name: 'InvalidInput' }),
      );
    },
  );
});
