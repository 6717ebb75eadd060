/** READ-1, READ-2, READ-3: what pages become, and where the shard stands after. */
import { describe, expect, it } from 'vitest';
import type { PlannedShard, PlannedTask } from '../../../functions/core/model.ts';
import { aggregate } from '../../../functions/core/pack-events.ts';
import { type Position, positionMarginMs } from '../../../functions/core/position.ts';
import { openingPosition } from '../../../functions/core/read/resume-point.ts';
import { applied, takeStep } from '../../../functions/core/read/take-step.ts';
import { TaskRead } from '../../../functions/core/read/task-read.ts';
import { hasMoved } from '../../../functions/core/read/worth-storing.ts';
import type { Page } from '../../../functions/core/record.ts';
import type { StopReason } from '../../../functions/core/shard-result.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { placeAfter } from '../../simulation/checks/places.ts';
import {
  decompress,
  listed,
  md5,
  noon,
  page,
  planned,
  plannedTask,
  record,
  shardResult,
  utf8,
} from '../../support/builders.ts';
import { mapped, passedThrough, windowed } from '../../support/pipelines.ts';
import { ShardRead } from '../../support/shard-read.ts';

const limit = 10_000;

function open(given: Partial<PlannedShard> = {}, pipeline: Pipeline = mapped(), task: Partial<PlannedTask> = {}) {
  const shard = planned('shard', given);
  const read = new TaskRead({ pipeline, task: plannedTask([shard], task), streamName: 'source', md5, decompress });
  for (const { id } of read.outputs) read.limits.of(id)!.learn(1_048_576);
  return { read, shard: new ShardRead(read, shard), planned: shard };
}
/** Of all windows in the task's table. */
const startsIn = ({ table }: TaskRead) => table!.keys().flatMap(({ windows }) => windows.map(({ start }) => start));
const behind = (sequenceNumber: string, subSequenceNumber?: number) =>
  ({
    position: {
      kind: 'after-sequence-number',
      sequenceNumber,
      ...(subSequenceNumber === undefined ? {} : { subSequenceNumber }),
    },
  }) as const;
const kpl = (sequence: number, ids: readonly number[]) =>
  record(
    sequence,
    aggregate(
      ids.map((id) => ({ partitionKey: `key-${id}`, explicitHashKey: undefined, data: utf8(JSON.stringify({ id })) })),
      md5,
    ),
  );
const idsOf = (outputs: readonly { readonly data: string | Uint8Array }[]) =>
  outputs.map(({ data }) => JSON.parse(String(data)).twice / 2);

describe('the fate of events (READ-2)', () => {
  it('is exactly one for each, and all are counted', () => {
    const { shard } = open();
    const records = [
      record(1, { id: 1 }),
      record(2, { id: -1 }),
      record(3, { id: 13 }),
      record(4, { id: 'x' }),
      record(5, { id: 99 }),
      record(6, new Uint8Array()),
    ];
    const { taken } = shard.take(page(records), limit);
    expect(shard.counters).toEqual({ read: 6, counted: 1, filtered: 1, late: 0, deadLettered: 4, emitted: 1 });
    expect(taken.outputs).toHaveLength(1);
    expect(taken.deadLetters.map(({ sequenceNumber, reason }) => [sequenceNumber, reason])).toEqual([
      ['3', 'callback-failed'],
      ['4', 'schema-mismatch'],
      ['5', 'output-too-large'],
      ['6', 'empty-record'],
    ]);
    expect(taken.deadLetters[0]).toMatchObject({
      shardId: 'shard',
      subSequenceNumber: 0,
      partitionKey: 'key',
      arrivalTime: noon,
      message: 'unlucky',
      payload: records[2]?.data,
    });
  });

  it('includes late ones, and only counted ones are in the table', () => {
    const { read, shard } = open({}, windowed(), { watermark: 10 });
    const events = [5, 15, 25].map((at, index) => record(index + 1, { at, key: 'a', value: 1 }));
    shard.take(page([...events, record(4, { at: 99, key: 'a' })]), limit);
    expect(shard.counters).toMatchObject({ read: 4, counted: 2, late: 1, deadLettered: 1, emitted: 0 });
    expect(startsIn(read)).toEqual([10, 20]);
    expect(shard.result('caught-up').maxEventTime).toBe(25);
  });

  it('raises the mark for late events as well, never for dead ones', () => {
    const { shard } = open({}, windowed(), { watermark: 100 });
    shard.take(page([record(1, { at: 95, key: 'a', value: 1 }), record(2, { at: 500, key: 'a', value: 'x' })]), limit);
    expect(shard.result('caught-up').maxEventTime).toBe(95);
  });
});

describe('what was read before', () => {
  it('is skipped by its sequence number, not counted again', () => {
    const { shard } = open({ position: { kind: 'at-timestamp', timestamp: 1, after: '9' } });
    const { taken } = shard.take(page([record(8, { id: 8 }), record(9, { id: 9 }), record(10, { id: 10 })]), limit);
    expect(idsOf(taken.outputs)).toEqual([10]);
    expect(shard.counters.read).toBe(1);
    expect(shard.result('caught-up')).toMatchObject({
      records: 1,
      events: 1,
      outcome: { to: { kind: 'after-sequence-number', sequenceNumber: '10' } },
    });
  });

  it('proves no tip, whatever its stamps are, and leaves the exact place behind it, where the next read begins', () => {
    const lastRead = { kind: 'at-timestamp', timestamp: noon - 120_000, after: '9' } as const;
    const { shard } = open({ position: lastRead, readThrough: noon, lastArrival: noon - 129_000 });
    const later = { serverTime: noon + 3_600_000 };
    const skipped = [record(8, { id: 8 }, noon - 119_999), record(9, { id: 9 }, noon - 129_000)];
    expect(shard.take(page(skipped, later), limit).stop).toBe('caught-up');
    const result = shard.result('caught-up');
    expect(result).toMatchObject({
      tipTime: null,
      readThrough: noon + 3_600_000,
      outcome: { to: { kind: 'after-sequence-number', sequenceNumber: '9' } },
    });
    const { shard: next } = open({ ...behind('9'), readThrough: noon, lastArrival: noon - 129_000 });
    next.take(page([], later), limit);
    expect(next.result('caught-up').tipTime).toBe(noon + 3_600_000);
  });

  it('is skipped event by event inside an aggregated record, up to the index', () => {
    const { shard } = open(behind('5', 1));
    const { taken } = shard.take(page([kpl(5, [1, 2, 3, 4]), kpl(6, [5, 6])]), limit);
    expect(idsOf(taken.outputs)).toEqual([3, 4, 5, 6]);
    expect(shard.counters.read).toBe(4);
    expect(taken.outputs.map(({ partitionKey }) => partitionKey)).toEqual(['key-3', 'key-4', 'key-5', 'key-6']);
  });

  it('is the whole record, if the index is its last', () => {
    const { shard } = open(behind('5', 3));
    expect(shard.take(page([kpl(5, [1, 2, 3, 4])]), limit).taken.outputs).toEqual([]);
    expect(shard.result('caught-up')).toMatchObject({
      events: 0,
      outcome: { to: { kind: 'after-sequence-number', sequenceNumber: '5' } },
    });
  });

  it('is an ordinary record whose only event, the first, was read', () => {
    const { shard } = open(behind('5', 0));
    const { taken } = shard.take(page([record(5, { id: 1 }), record(6, { id: 2 })]), limit);
    expect(idsOf(taken.outputs)).toEqual([2]);
    expect(shard.counters.read).toBe(1);
  });
});

describe('aggregated records', () => {
  it('count event by event and are named by their sub-sequence numbers', () => {
    const { shard } = open();
    const { taken } = shard.take(page([kpl(5, [1, 2])]), limit);
    expect(taken.outputs.map(({ data }) => JSON.parse(String(data))._sluice)).toMatchObject([
      { sequence: '5', sub: 0 },
      { sequence: '5', sub: 1 },
    ]);
    expect(shard.counters.read).toBe(2);
    expect(shard.result('caught-up')).toMatchObject({ records: 1, events: 2 });
  });

  it('that cannot be read are buried whole, as one event', () => {
    const body = utf8('\u0000nonsense');
    const { shard } = open();
    const { taken } = shard.take(
      page([record(5, Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, ...body, ...md5(body)))]),
      limit,
    );
    expect(taken.deadLetters).toMatchObject([{ reason: 'corrupt-aggregated-record', subSequenceNumber: 0 }]);
    expect(shard.counters).toMatchObject({ read: 1, deadLettered: 1 });
  });

  it('with a digest that does not fit are buried with their bytes, not taken for an event', () => {
    const damaged = Uint8Array.from(kpl(5, [1, 2]).data);
    damaged[20]! ^= 1;
    for (const pipeline of [mapped(), passedThrough()]) {
      const { shard } = open({}, pipeline);
      const { taken } = shard.take(page([record(5, damaged), record(6, { id: 3 })]), limit);
      expect(taken.deadLetters).toMatchObject([{ reason: 'corrupt-aggregated-record', payload: damaged }]);
      expect(shard.counters).toMatchObject({ read: 2, counted: 1, deadLettered: 1 });
    }
  });

  it('of nothing are passed, and the shard goes on', () => {
    const { shard } = open();
    shard.take(page([kpl(5, [])]), limit);
    expect(shard.counters.read).toBe(0);
    expect(shard.result('caught-up')).toMatchObject({
      records: 1,
      events: 0,
      outcome: { to: { sequenceNumber: '5' } },
    });
  });

  it('are taken whole, also past the budget: a position never lies inside one (READ-3)', () => {
    const { shard } = open({}, mapped({ maxFetchRecordsPerShard: 3 }));
    expect(shard.take(page([kpl(5, [1, 2]), kpl(6, [3, 4, 5])], { millisBehindLatest: 9 }), 3).stop).toBe(
      'budget-spent',
    );
    expect(shard.result('budget-spent')).toMatchObject({
      events: 5,
      outcome: { to: { kind: 'after-sequence-number', sequenceNumber: '6' } },
    });
    expect(shard.remaining).toBe(0);
  });
});

describe('a record of no bytes stops no shard and hides nothing behind it (B5 of the connector)', () => {
  const nothing = new Uint8Array();

  it.each([
    ['first', [0, 1, 2], 0],
    ['between others', [1, 0, 2], 1],
    ['last', [1, 2, 0], 2],
  ])('as the %s of a page', (_, sizes, at) => {
    const { shard } = open({}, passedThrough());
    const records = sizes.map((size, index) => record(index + 1, new Uint8Array(size)));
    const { taken } = shard.take(page(records), limit);
    expect(taken.outputs.map(({ data }) => data.length)).toEqual(sizes);
    expect(taken.outputs[at]!.data.length).toBe(0);
    expect(shard.counters.read).toBe(3);
    expect(placeAfter(shard.result('caught-up'))).toMatchObject({ sequenceNumber: '3' });
  });

  it('as the only one, batch after batch', () => {
    const { shard } = open(behind('1'), passedThrough());
    shard.take(page([record(2, nothing)]), limit);
    expect(shard.result('caught-up')).toMatchObject({
      records: 1,
      events: 1,
      outcome: { to: { sequenceNumber: '2' } },
    });
    const next = open(behind('2'), passedThrough()).shard;
    expect(next.take(page([record(2, nothing), record(3, nothing)]), limit).taken.outputs).toHaveLength(1);
  });

  it('as the only one, as a dead letter where bytes are needed', () => {
    const { shard } = open();
    expect(shard.take(page([record(1, nothing)]), limit).taken.deadLetters).toMatchObject([{ reason: 'empty-record' }]);
    expect(shard.result('caught-up')).toMatchObject({ events: 1, outcome: { to: { sequenceNumber: '1' } } });
  });
});

describe('events of no bytes', () => {
  const nothing = new Uint8Array();
  const packed = record(
    2,
    aggregate(
      [nothing, utf8('x'), nothing].map((data) => ({ partitionKey: 'k', explicitHashKey: undefined, data })),
      md5,
    ),
  );

  it('are events like any others, alone and in aggregated records', () => {
    const { shard } = open({}, passedThrough());
    const { taken } = shard.take(page([record(1, nothing), packed, record(3, nothing)]), limit);
    expect(taken.outputs.map(({ data }) => data.length)).toEqual([0, 0, 1, 0, 0]);
    expect(shard.counters).toMatchObject({ read: 5, counted: 5 });
    expect(placeAfter(shard.result('caught-up'))).toMatchObject({ sequenceNumber: '3' });
  });

  it('that cannot be decoded are dead letters, each under its own index', () => {
    const { shard } = open();
    const { taken } = shard.take(page([record(1, nothing), packed]), limit);
    expect(taken.deadLetters.map((letter) => [letter.sequenceNumber, letter.subSequenceNumber, letter.reason])).toEqual(
      [
        ['1', 0, 'empty-record'],
        ['2', 0, 'empty-record'],
        ['2', 1, 'invalid-json'],
        ['2', 2, 'empty-record'],
      ],
    );
    expect(shard.counters).toMatchObject({ read: 4, deadLettered: 4 });
  });
});

describe('events that a KPL sends again to the shard that owns them', () => {
  const half = { start: '0', end: String(2n ** 127n - 1n) };
  /** Explicit hash keys say which half each event is of: one of the others is of the upper. */
  const packed = (sequence: number, ids: readonly number[], partitionKey = 'a') => ({
    ...record(
      sequence,
      aggregate(
        ids.map((id) => ({
          partitionKey: `key-${id}`,
          explicitHashKey: id >= 100 ? String(2n ** 127n) : '5',
          data: utf8(JSON.stringify({ id })),
        })),
        md5,
      ),
    ),
    partitionKey,
  });

  it('are left out: not read, not sent, but counted, and the others keep their index', () => {
    const { shard } = open({ hashRange: half });
    const { taken } = shard.take(page([packed(5, [100, 1, 101, 2]), packed(6, [102])]), limit);
    expect(idsOf(taken.outputs)).toEqual([1, 2]);
    expect(taken.outputs.map(({ data }) => JSON.parse(String(data))._sluice.sub)).toEqual([1, 3]);
    expect(shard.counters).toEqual({ read: 2, counted: 2, filtered: 0, late: 0, deadLettered: 0, emitted: 2 });
    expect(shard.result('caught-up')).toMatchObject({
      records: 2,
      events: 2,
      resentElsewhere: 3,
      outcome: { to: { kind: 'after-sequence-number', sequenceNumber: '6' } },
    });
  });

  it('are left out wherever the read begins in a record', () => {
    const { shard } = open({ hashRange: half, ...behind('5', 1) });
    shard.take(page([packed(5, [100, 1, 101, 2])]), limit);
    expect(shard.result('caught-up')).toMatchObject({ events: 1, resentElsewhere: 1 });
  });

  it('raise no mark, and are no events of the table', () => {
    const { read, shard } = open({ hashRange: half }, windowed());
    const data = aggregate(
      [5, 99].map((at) => ({
        partitionKey: 'k',
        explicitHashKey: at === 99 ? String(2n ** 127n) : '5',
        data: utf8(JSON.stringify({ at, key: 'a', value: 1 })),
      })),
      md5,
    );
    shard.take(page([{ ...record(1, data), partitionKey: 'a' }]), limit);
    expect(shard.result('caught-up')).toMatchObject({ maxEventTime: 5, resentElsewhere: 1 });
    expect(startsIn(read)).toEqual([0]);
  });

  it('count with the step that left them out, once it is applied', () => {
    const { shard } = open({ hashRange: half });
    const given = page([packed(5, [100, 1])]);
    const step = takeStep(shard.reader, shard.state, given, 0);
    expect(shard.result('failed')).toMatchObject({ records: 0, resentElsewhere: 0 });
    shard.state = applied(step, given);
    expect(shard.result('failed')).toMatchObject({ records: 1, resentElsewhere: 1 });
  });

  it('are those of KPL records alone: no other producer sends anything again', () => {
    const { shard } = open({ hashRange: half });
    const elsewhere = record(7, { id: 4 });
    const { taken } = shard.take(
      page([packed(5, [100, 1], 'key-100'), packed(6, [101], ''), { ...elsewhere, partitionKey: 'a' }]),
      limit,
    );
    expect(idsOf(taken.outputs)).toEqual([100, 1, 101, 4]);
    expect(shard.result('caught-up').resentElsewhere).toBe(0);
  });
});

describe('when a read stops', () => {
  const stopOf = (given: Partial<Page>, records = [record(1, { id: 1 })], asked = limit) =>
    open({}, mapped({ maxFetchRecordsPerShard: 2 })).shard.take(page(records, given), asked).stop;

  it('is at the tip', () => expect(stopOf({})).toBe('caught-up'));
  it('is not at a full page: that proves no tip', () => expect(stopOf({}, [record(1, { id: 1 })], 1)).toBeUndefined());
  it('is not behind the tip', () => expect(stopOf({ millisBehindLatest: 1 })).toBeUndefined());
  it('is when the budget is spent', () =>
    expect(stopOf({}, [record(1, { id: 1 }), record(2, { id: 2 })], 2)).toBe('budget-spent'));
  it('is at the end of the shard before all else', () =>
    expect(stopOf({ end: { children: [] } })).toBe('end-of-shard'));

  it('leaves so much to ask for', () => {
    const { shard } = open({}, mapped({ maxFetchRecordsPerShard: 3 }));
    expect(shard.remaining).toBe(3);
    shard.take(page([record(1, { id: 1 })], { millisBehindLatest: 1 }), 3);
    expect(shard.remaining).toBe(2);
  });
});

describe('the position after', () => {
  const resultOf = (given: Partial<PlannedShard>, pages: readonly Page[], stop: StopReason = 'caught-up') => {
    const { shard } = open(given);
    for (const each of pages) shard.take(each, limit);
    return shard.result(stop);
  };

  it('is the last record that was read', () => {
    expect(resultOf({}, [page([record(1, { id: 1 })]), page([record(2, { id: 2 })]), page([])])).toMatchObject({
      from: { kind: 'trim-horizon' },
      outcome: { to: { sequenceNumber: '2' } },
      tipTime: noon,
    });
  });

  it('of an empty shard is a margin before the tip, and remembers the last record', () => {
    const timestamp = noon - positionMarginMs;
    expect(placeAfter(resultOf({}, [page([])]))).toEqual({ kind: 'at-timestamp', timestamp });
    expect(placeAfter(resultOf(behind('5'), [page([])]))).toEqual({ kind: 'at-timestamp', timestamp, after: '5' });
  });

  it('of an empty stretch is a margin before what Kinesis has shown', () => {
    const result = resultOf(behind('5'), [page([], { millisBehindLatest: 3_600_000 })]);
    expect(result).toMatchObject({
      outcome: { to: { kind: 'at-timestamp', timestamp: noon - 3_600_000 - positionMarginMs, after: '5' } },
      tipTime: null,
      readThrough: noon - 3_600_000,
    });
  });

  it('is where it was without a single page', () => {
    expect(resultOf(behind('5'), [])).toMatchObject({
      ...{ outcome: { to: behind('5').position } },
      readThrough: null,
      tipTime: null,
    });
  });

  it('is the end, with the children Kinesis named', () => {
    const children = [listed('child', 'shard')];
    const pages = [page([record(1, { id: 1 })], { end: { children } })];
    expect(resultOf({}, pages, 'end-of-shard').outcome).toEqual({ kind: 'end-of-shard', children });
  });

  it('is read through the last arrival behind the tip, the time of the answer at it; the tip is proved by an empty one', () => {
    expect(resultOf({}, [page([record(1, { id: 1 }, noon - 500)], { millisBehindLatest: 400 })])).toMatchObject({
      readThrough: noon - 500,
      tipTime: null,
      millisBehindLatest: 400,
    });
    expect(resultOf({}, [page([record(1, { id: 1 }, noon - 500)])])).toMatchObject({
      readThrough: noon,
      // The shard may have been closed since.
      tipTime: noon - 500,
    });
    expect(resultOf({}, [page([])])).toMatchObject({ tipTime: noon, openAt: noon });
    expect(resultOf({}, [page([record(1, { id: 1 }, noon - 500)])])).not.toHaveProperty('openAt');
    expect(resultOf({}, [page([record(1, { id: 1 }, noon + 500)], { millisBehindLatest: 1 })]).readThrough).toBe(noon);
  });
});

describe('after retention may have passed', () => {
  const lagging = { ...behind('5'), readThrough: 7, start: 'after-gap' } as const;

  it('the shard is opened at its oldestRetainedBatch, and reports the gap exactly, once', () => {
    const { shard } = open(lagging);
    expect(openingPosition(shard.reader.shard)).toEqual({ kind: 'trim-horizon', after: '5' });
    shard.take(page([record(8, { id: 8 }, noon - 9), record(9, { id: 9 })]), limit);
    expect(shard.result('caught-up').dataLoss).toEqual({
      source: 'main',
      shardId: 'shard',
      lastRead: '5',
      readThrough: 7,
      firstAvailable: { sequenceNumber: '8', arrivalTime: noon - 9 },
    });
  });

  it('nothing was lost if the last record read is there still', () => {
    const { shard } = open(lagging);
    shard.take(page([record(5, { id: 5 }), record(8, { id: 8 })]), limit);
    expect(shard.result('caught-up').dataLoss).toBeNull();
    expect(shard.counters.read).toBe(1);
  });

  it('nothing was lost either if it is the record in whose middle the position lies', () => {
    const { shard } = open({ ...behind('5', 0), start: 'after-gap' });
    expect(shard.take(page([kpl(5, [1, 2]), record(6, { id: 3 })]), limit).taken.outputs).toHaveLength(2);
    expect(shard.result('caught-up').dataLoss).toBeNull();
  });

  it('a shard in which nothing is left may have lost all: it says so as it goes on', () => {
    const { shard } = open(lagging);
    shard.take(page([]), limit);
    expect(shard.result('caught-up')).toMatchObject({
      dataLoss: { shardId: 'shard', lastRead: '5', readThrough: 7, firstAvailable: null },
      outcome: { to: { kind: 'at-timestamp', after: '5' } },
    });
  });

  it('so does one that ends without a record, and one that was not read yet says nothing', () => {
    const { shard } = open(lagging);
    expect(shard.result('failed').dataLoss).toBeNull();
    shard.take(page([], { end: { children: [] } }), limit);
    expect(shard.result('end-of-shard')).toMatchObject({
      dataLoss: { firstAvailable: null },
      outcome: { kind: 'end-of-shard' },
    });
  });
});

describe('the end of a closed shard', () => {
  const end = { end: { children: [] } };

  it('proves no tip: what its children hold may be as old as its closing (W1)', () => {
    const { shard } = open(behind('5'));
    shard.take(page([], end), limit);
    expect(shard.result('end-of-shard')).toMatchObject({ tipTime: null, readThrough: null });
  });

  it('is read through to its last record only, so that its children are not taken for read', () => {
    const { shard } = open(behind('5'));
    shard.take(page([record(6, { id: 6 }, noon - 500)], end), limit);
    expect(shard.result('end-of-shard').readThrough).toBe(noon - 500);
  });
});

describe('outputs of events', () => {
  it('carry the event they came from and where the attempt started', () => {
    const { shard } = open(behind('5'));
    const { taken } = shard.take(page([record(6, { id: 3 })]), limit);
    expect(taken.outputs[0]).toMatchObject({ partitionKey: 'key' });
    expect(String(taken.outputs[0]?.data)).toBe(
      '{"twice":6,"filler":"","_sluice":{"v":1,"pipeline":"mapped","output":"main","generation":1,"source":"main","shard":"shard","sequence":"6","sub":0,"index":0,"base":"5"}}',
    );
  });

  it('are the bytes themselves without map', () => {
    const { shard } = open({}, passedThrough());
    const sent = record(1, Uint8Array.of(0xff, 1));
    expect(shard.take(page([sent]), limit).taken.outputs).toEqual([
      { partitionKey: 'key', explicitHashKey: undefined, data: sent.data },
    ]);
  });
});

describe('hasMoved: whether a read is worth a block', () => {
  type Given = Parameters<typeof shardResult>[1];
  const stoppedAt = (to: Position) => ({ to });
  const quiet: Given = { records: 0, events: 0, tipTime: noon, outcome: stoppedAt({ kind: 'trim-horizon' }) };
  const calm = { readThrough: noon - 1000, idleSince: noon - 500, mark: 0 };
  const moved = (shard: Partial<PlannedShard>, result: Given, task: Partial<PlannedTask> = {}) => {
    const given = planned('shard', { ...calm, ...shard });
    return hasMoved(windowed(), plannedTask([given], task), given, shardResult('shard', { ...quiet, ...result }));
  };

  it.each<[string, Partial<PlannedShard>, Given, Partial<PlannedTask>, boolean]>([
    ['nothing', {}, {}, {}, false],
    ['a record', {}, { records: 1 }, {}, true],
    ['the end', {}, { outcome: { kind: 'end-of-shard' } }, {}, true],
    ['a new shard', { isNew: true }, { tipTime: null }, {}, true],
    ['no tip, and no step towards it', {}, { tipTime: null }, { nextWindowClose: -1 }, false],
    [
      'a step over an empty stretch',
      {},
      { tipTime: null, outcome: stoppedAt({ kind: 'at-timestamp', timestamp: 5 }) },
      {},
      true,
    ],
    ['a position a tick short of due', { readThrough: noon - 599_999 }, {}, {}, false],
    ['a position that is due', { readThrough: noon - 600_000 }, {}, {}, true],
    [
      'a position that is due, without a proof of the tip',
      { readThrough: noon - 600_000 },
      { tipTime: null },
      {},
      true,
    ],
    [
      'the exact place behind what was skipped',
      {},
      { tipTime: null, outcome: stoppedAt(behind('5').position) },
      {},
      true,
    ],
    ['the first quiet tip under an open window', { idleSince: null }, {}, { nextWindowClose: noon }, true],
    ['the first quiet tip with nothing open', { idleSince: null }, {}, {}, false],
    ['quiet a tick short of the timeout', { idleSince: noon - 999 }, {}, { nextWindowClose: noon - 5 }, false],
    [
      'quiet for the timeout, and a window could close',
      { idleSince: noon - 1000 },
      {},
      { nextWindowClose: noon - 5 },
      true,
    ],
    ['quiet for the timeout, and none could', { idleSince: noon - 1000 }, {}, { nextWindowClose: noon - 4 }, false],
    [
      'a mark that was past it already',
      { idleSince: noon - 1000, watermark: noon - 5 },
      {},
      { nextWindowClose: noon - 5 },
      false,
    ],
    ['no mark yet', { idleSince: noon - 1000, watermark: null }, {}, { nextWindowClose: -8e15 }, true],
  ])('%s', (_, shard, result, task, expected) => {
    expect(moved(shard, result, task)).toBe(expected);
  });
});

describe('what a result says of the read itself', () => {
  it('is when Kinesis answered last, also if time ran out in the middle of the answer, and what the reader counted', () => {
    const { shard } = open();
    expect(shard.result('deadline')).not.toHaveProperty('answeredAt');
    shard.takeSome(page([record(1, { id: 1 })], { serverTime: noon + 7 }), 0);
    const usage = { calls: 3, throttles: 2, readableAt: noon + 5_000 };
    expect(shard.result('deadline', usage)).toMatchObject({ answeredAt: noon + 7, ...usage });
    shard.endPage(page([], { serverTime: noon + 9 }), limit);
    expect(shard.result('caught-up')).toMatchObject({ answeredAt: noon + 9 });
  });
});

describe('the end of a run, at a time (ENDING-2)', () => {
  const endsAt = { kind: 'at-timestamp', timestamp: noon + 120_000, provesEndFrom: noon - 1_000 } as const;
  const openToEnd = () => open({ endsAt }).shard;

  it('is reached where nothing is left at the tip', () => {
    const shard = openToEnd();
    expect(shard.take(page([]), limit).stop).toBe('ended');
    expect(shard.result('ended')).toMatchObject({ outcome: { kind: 'ended', endedAt: endsAt } });
  });

  it('is not reached by the last records of a shard that may be closed: its children come with the page after', () => {
    const shard = openToEnd();
    expect(shard.take(page([record(1, { id: 1 })]), limit).stop).toBeUndefined();
    const end = { children: [listed('child', 'shard')] };
    expect(shard.take(page([], { end }), limit).stop).toBe('end-of-shard');
    expect(shard.result('end-of-shard')).toMatchObject({ outcome: { kind: 'end-of-shard', ...end } });
  });

  it('is asked for in the next batch, where the last records were all that this one may read', () => {
    const { shard } = open({ endsAt }, mapped({ maxFetchRecordsPerShard: 1 }));
    expect(shard.take(page([record(1, { id: 1 })]), 1_000).stop).toBe('budget-spent');
    expect(shard.result('budget-spent')).toMatchObject({ outcome: { kind: 'budget-spent', to: behind('1').position } });
  });

  it('is reached by them if anything but the end of the shard follows', () => {
    const shard = openToEnd();
    shard.take(page([record(1, { id: 1 })]), limit);
    expect(shard.take(page([record(2, { id: 2 })]), limit).stop).toBe('ended');
    expect(shard.result('ended')).toMatchObject({ records: 2, outcome: { kind: 'ended', endedAt: endsAt } });
  });

  it('is not reached at a tip from before the run', () => {
    const shard = openToEnd();
    expect(shard.take(page([], { serverTime: noon - 2_000 }), limit).stop).toBe('caught-up');
  });
});

it('what was found sent is kept for the next read, and not beyond the end of the shard', () => {
  const read = (end: Page['end']) => {
    const { shard } = open();
    shard.knowSent([
      ['1', 0, '1', 0],
      ['3', 0, '3', 0],
    ]);
    const records = [record(1, { id: 1 }), record(2, { id: 2 })];
    shard.take(page(records, { end }), limit);
    const { outcome } = shard.result(end === undefined ? 'caught-up' : 'end-of-shard');
    return 'sentAhead' in outcome ? outcome.sentAhead?.[0]?.runs : undefined;
  };
  expect(read(undefined)).toEqual([['3', 0, '3', 0]]);
  expect(read({ children: [] })).toBeUndefined();
});
