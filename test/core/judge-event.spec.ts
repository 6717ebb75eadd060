import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decompress } from '../../functions/adapters/decompress.ts';
import { createJudge } from '../../functions/core/judge-event.ts';
import { bytes, count, type EventMeta, json, kinesis, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';

const meta = {
  streamName: 'in',
  shardId: 'shardId-0',
  partitionKey: 'p',
  explicitHashKey: undefined,
  sequenceNumber: '7',
  subSequenceNumber: 2,
  arrivalTime: new Date(100_000),
};
const task = { batchId: 3, ref: 5, watermark: 60_000, generation: 1 };
const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const events = pipeline('judged')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ key: z.string(), at: z.number(), value: z.number() })))
  .filter((event) => event.value >= 0);
const grouped = createJudge(
  requirePipeline(
    events
      .withWatermark((event) => event.at, { delay: '0 seconds' })
      .groupBy({ key: (event) => event.key })
      .window(tumbling('1 minute'))
      .aggregate({ events: count(), total: sum((event) => event.value) })
      .writeStream(kinesis({ streamName: 'out' })),
  ),
  task,
  decompress,
);

describe('what user code makes of an event', () => {
  it('is, with aggregation, a window, the key and one value for each aggregate', () => {
    expect(grouped(utf8({ key: 'a', at: 61_000, value: 5 }), meta, 'start')).toMatchObject({
      verdict: 'counted',
      eventTime: 61_000,
      grouped: { windows: [{ start: 60_000, end: 120_000 }], keyValues: ['a'], values: [undefined, 5] },
    });
  });

  it('is, without, a record with the identity of the event and of the read', () => {
    const judge = createJudge(
      requirePipeline(events.map(({ key }) => ({ key })).writeStream(kinesis({ streamName: 'out' }))),
      task,
      decompress,
    );
    const { verdict, records } = judge(utf8({ key: 'a', at: 1, value: 5 }), meta, 'start');
    expect(verdict).toBe('counted');
    expect(JSON.parse(String(records[0]?.record.data))).toMatchObject({
      key: 'a',
      _sluice: { shard: 'shardId-0', sequence: '7', sub: 2, base: 'start', generation: 1 },
    });
  });

  it('is the event itself where nothing maps it', () => {
    const judge = createJudge(
      requirePipeline(
        pipeline('passed')
          .readStream(kinesis({ streamName: 'in' }))
          .decode(bytes())
          .writeStream(kinesis({ streamName: 'out' })),
      ),
      task,
      decompress,
    );
    expect(judge(utf8('x'), meta, 'start').records[0]?.record).toEqual({
      partitionKey: 'p',
      explicitHashKey: undefined,
      data: utf8('x'),
    });
  });

  it.each([
    ['filtered', { key: 'a', at: 61_000, value: -1 }, 'filtered'],
    ['late', { key: 'a', at: 1, value: 1 }, 'late'],
    ['dead', { key: 'a' }, 'dead'],
  ])('is a verdict of its own: %s', (_, event, verdict) => {
    expect(grouped(utf8(event), meta, 'start').verdict).toBe(verdict);
  });

  it('can be copied to another thread, whatever it is', () => {
    for (const event of [{ key: 'a', at: 61_000, value: 5 }, { key: 'a', at: 1, value: 1 }, 'no event']) {
      const judgement = grouped(utf8(event), meta, 'start');
      expect(structuredClone(judgement)).toEqual(judgement);
    }
  });
});

describe('what user code does to what it is given', () => {
  const stream = () => pipeline('judged').readStream(kinesis({ streamName: 'in' }));
  const metaOf = () => ({ ...meta, arrivalTime: new Date(meta.arrivalTime) });
  const judged = (definition: unknown, data: Uint8Array) =>
    createJudge(requirePipeline(definition), task, decompress)(data, metaOf(), 'start');
  type Spoilt = { -readonly [Name in keyof EventMeta]: EventMeta[Name] };
  const spoil = (given: EventMeta): true => {
    given.arrivalTime.setUTCFullYear(1);
    Object.assign(given as Spoilt, { shardId: 'x', sequenceNumber: 'x', subSequenceNumber: 9, partitionKey: 'x' });
    return true;
  };

  it('leaves the bytes that pass through as they came', () => {
    const data = Uint8Array.of(1, 2, 3);
    const wipe = (event: Uint8Array): true => {
      event.fill(0);
      return true;
    };
    const { records } = judged(
      stream()
        .decode(bytes())
        .filter(wipe)
        .writeStream(kinesis({ streamName: 'out', partitionKey: (event) => String(wipe(event)) })),
      data,
    );
    expect([records[0]?.record.data, data]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)]);
  });

  it('leaves the identity and the keys of its record', () => {
    const { records } = judged(
      stream()
        .decode(bytes())
        .map((event, given) => ({ ok: spoil(given), bytes: event.length }))
        .writeStream(kinesis({ streamName: 'out' })),
      Uint8Array.of(1),
    );
    expect(records[0]?.record.partitionKey).toBe('p');
    expect(JSON.parse(String(records[0]?.record.data))._sluice).toMatchObject({
      shard: 'shardId-0',
      sequence: '7',
      sub: 2,
    });
  });

  it('leaves the arrival by which an event is from the future', () => {
    const { verdict, eventTime } = judged(
      stream()
        .decode(bytes())
        .filter((_, given) => spoil(given))
        .withWatermark(() => 100_500, { delay: '0 seconds', maxFutureTime: '1 second' })
        .groupBy({})
        .window(tumbling('1 minute'))
        .aggregate({ events: count() })
        .writeStream(kinesis({ streamName: 'out' })),
      Uint8Array.of(1),
    );
    expect({ verdict, eventTime }).toEqual({ verdict: 'counted', eventTime: 100_500 });
  });

  it.each([
    ['nothing', () => undefined],
    ['a map', () => new Map([['a', 1]])],
    ['numbers of 16 bits', () => Uint16Array.of(1)],
  ])('is no result that JSON has no form for: %s', (_, mapper) => {
    const { missed } = judged(
      stream()
        .decode(bytes())
        .map(mapper as () => unknown)
        .writeStream(kinesis({ streamName: 'out' })),
      Uint8Array.of(1),
    );
    expect(missed).toMatchObject([{ kind: 'refused', output: 'main', reason: 'invalid-result' }]);
  });
});
