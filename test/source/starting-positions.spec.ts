/** START-1, START-2: a stream is taken up where another reader stopped, event by event; nothing is lost without being told. */
import { describe, expect, it } from 'vitest';
import { problemsOfStart } from '../../functions/core/starting-positions.ts';
import { listed, noon } from '../support/builders.ts';
import {
  at,
  count,
  idsPipeline,
  type PositionOptions,
  SimulatedRun,
  SimulatedStream,
  shardId,
  streamName,
} from '../support/simulated-stream.ts';

const caughtUp = { untilCaughtUp: true } as const;
const from = (startingPosition: unknown, source: PositionOptions = {}) =>
  idsPipeline({ ...source, startingPosition } as PositionOptions);
const inOrder = (ids: readonly number[]) => ids.toSorted((one, other) => one - other);

async function readFrom(stream: SimulatedStream, startingPosition: unknown, source: PositionOptions = {}) {
  const run = new SimulatedRun(stream);
  await run.execute(from(startingPosition, source), caughtUp);
  return run;
}

/** As Spark's offset log has it: everything is text. */
const saved = (iteratorType: string, iteratorPosition = '', sub = '-1', isLast = 'true') => ({
  iteratorType,
  iteratorPosition,
  subSequenceNumber: sub,
  isLast,
});
const metadata = { streamName, batchId: '7' };

describe('a place in a shard', () => {
  it.each([
    ['AFTER_SEQUENCE_NUMBER', '', 4],
    ['AT_SEQUENCE_NUMBER', '', 3],
  ])('%s starts behind or before the record', async (word, suffix, first) => {
    const stream = new SimulatedStream();
    const numbers = stream.put(8);
    expect((await readFrom(stream, { [shardId(0)]: `${word} ${numbers[3]}${suffix}` })).ids).toEqual(count(8, first));
  });

  it('AT_TIMESTAMP starts at the fraction of a second, whatever the zone', async () => {
    const stream = new SimulatedStream();
    stream.now = noon + 249;
    stream.put(2);
    stream.pass(5_000);
    const time = '2026-03-01T13:00:00.251+01:00';
    for (const start of [`AT_TIMESTAMP ${time}`, { [shardId(0)]: `AT_TIMESTAMP ${time}` }])
      expect((await readFrom(stream, start)).ids).toEqual([1]);
  });

  it('SHARD_END reads nothing of the shard, and its children whole', async () => {
    const stream = new SimulatedStream();
    stream.put(5);
    stream.split(0);
    stream.put(5, 'a');
    expect((await readFrom(stream, { [shardId(0)]: 'SHARD_END' })).ids).toEqual(count(10, 5));
  });

  it('may stand in JSON text', async () => {
    const stream = new SimulatedStream();
    const numbers = stream.put(8);
    const text = JSON.stringify({ [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${numbers[5]}` });
    expect((await readFrom(stream, text)).ids).toEqual([6, 7]);
  });
});

describe('shards that are not named', () => {
  it('are read after their parents if a named one is among those, and not at all if they came before one', async () => {
    const stream = new SimulatedStream();
    stream.put(4);
    stream.split(0);
    const [one] = stream.put(3, 'a');
    const [named] = stream.kinesis
      .truth(streamName)
      .shards.slice(1)
      .filter(({ records }) => records.length > 0);
    stream.split(named!.number);
    stream.put(3, 'a');
    const other = [1, 2].find((number) => number !== named!.number)!;
    const place = { [named!.shardId]: `AFTER_SEQUENCE_NUMBER ${one}`, [shardId(other)]: 'TRIM_HORIZON' };
    expect((await readFrom(stream, place)).ids).toEqual(count(10, 5));
    stream.pass(60_000);
    expect((await readFrom(stream, { ...place, others: 'LATEST' })).ids).toEqual(count(10, 5));
  });

  it('and are related to none start at the beginning, or where `others` says', async () => {
    const stream = new SimulatedStream({ shards: 2 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) stream.put(2, key);
    const [first, second] = stream.kinesis.truth(streamName).shards;
    expect(Math.min(first!.records.length, second!.records.length)).toBeGreaterThan(0);
    const place = { [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${first!.records.at(-1)!.sequenceNumber}` };
    expect((await readFrom(stream, place)).ids).toHaveLength(second!.records.length);
    stream.pass(60_000);
    expect((await readFrom(stream, { ...place, others: 'LATEST' })).ids).toEqual([]);
    expect((await readFrom(stream, { ...place, others: at(noon) })).ids).toHaveLength(second!.records.length);
  });
});

describe("the Spark connector's checkpoint", () => {
  it('is taken up inside an aggregated record, at its end, at a time and at the beginning', async () => {
    const stream = new SimulatedStream();
    stream.put(1);
    const number = stream.putAggregate(5);
    stream.put(2);
    const cases = [
      [saved('AFTER_SEQUENCE_NUMBER', number, '1', 'false'), 3],
      [saved('AFTER_SEQUENCE_NUMBER', number, '4', 'true'), 6],
      [saved('AT_SEQUENCE_NUMBER', number, '2', 'false'), 4],
      [saved('AT_SEQUENCE_NUMBER', number), 1],
      [saved('AT_TIMESTAMP', String(noon + 2)), 1],
      [saved('TRIM_HORIZON'), 0],
    ] as const;
    for (const [shard, first] of cases) {
      const checkpoint = { metadata, [shardId(0)]: shard };
      expect((await readFrom(stream, checkpoint)).ids, JSON.stringify(shard)).toEqual(count(8, first));
      expect((await readFrom(stream, JSON.stringify(checkpoint))).ids).toEqual(count(8, first));
    }
  });

  it("may have the committer's form: numbers, booleans and the shard's own id", async () => {
    const stream = new SimulatedStream();
    const number = stream.putAggregate(5);
    const shard = {
      shardId: shardId(0),
      iteratorType: 'AFTER_SEQUENCE_NUMBER',
      iteratorPosition: number,
      subSequenceNumber: 2,
      isLast: false,
    };
    expect((await readFrom(stream, { metadata, [shardId(0)]: shard })).ids).toEqual([3, 4]);
  });

  it('that was saved in the middle of a reshard loses nothing: parents at their end, children as yet unknown', async () => {
    const stream = new SimulatedStream({ shards: 2 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) stream.put(2, key);
    const [first, second] = stream.kinesis.truth(streamName).shards;
    const [wasRead, half] = [first!.records.length, second!.records[1]!.sequenceNumber];
    stream.split(0);
    for (const key of ['a', 'b', 'c', 'd', 'e']) stream.put(2, key);
    const checkpoint = {
      metadata,
      [shardId(0)]: saved('SHARD_END'),
      [shardId(1)]: saved('AFTER_SEQUENCE_NUMBER', half),
    };
    const run = await readFrom(stream, checkpoint);
    const skipped = new Set(run.rows.map(({ id }) => id));
    expect(inOrder(run.ids)).toHaveLength(20 - wasRead - 2);
    expect(skipped.size).toBe(run.ids.length);
  });
});

it('a time that is a moment ahead of Kinesis is waited for, one further ahead refused', async () => {
  const stream = new SimulatedStream();
  const started = (start: number) => new SimulatedRun(stream).execute(from(at(start)), caughtUp);
  await expect(started(stream.now + 500)).rejects.toMatchObject({ name: 'TemporaryFailure' });
  await expect(started(stream.now + 120_000)).rejects.toMatchObject({ name: 'InvalidPipeline' });
});

it('the end of a closed shard that an emulator puts before its beginning refuses no number', () => {
  const problems = (last: string) => {
    const shard = { ...listed(shardId(0)), sequenceNumbers: { first: '1000', last } };
    const place = { kind: 'after-sequence-number', sequenceNumber: '1500' } as const;
    return problemsOfStart({ [shardId(0)]: place }, { listed: [shard], serverTime: 0 });
  };
  expect(problems('922')).toEqual([]);
  expect(problems('1400')).toHaveLength(1);
});

describe('refused before anything is saved or read', () => {
  const refused = async (stream: SimulatedStream, start: unknown, source: PositionOptions = {}) => {
    const run = new SimulatedRun(stream);
    const error = await run.execute(from(start, source), caughtUp).catch((thrown: unknown) => thrown as Error);
    expect(run.memory.head).toBeUndefined();
    expect(stream.calls.some(({ operation }) => operation === 'GetRecords')).toBe(false);
    return error as Error;
  };

  it('is what the shards can not mean, all of it at once', async () => {
    const stream = new SimulatedStream({ shards: 3 });
    const [number] = stream.put(1, 'a');
    const holder = stream.kinesis.truth(streamName).shards.find(({ records }) => records.length > 0)!.number;
    const [one, other] = [0, 1, 2].filter((shard) => shard !== holder) as [number, number];
    const error = await refused(stream, {
      [shardId(holder)]: `AT_SEQUENCE_NUMBER ${BigInt(number!) / 2n}`,
      [shardId(one)]: 'SHARD_END',
      [shardId(other)]: at(stream.now + 60_000),
    });
    expect(error).toMatchObject({ name: 'InvalidPipeline' });
    expect(error.message).toMatch(
      `source.startingPosition.${shardId(holder)}: ${BigInt(number!) / 2n} is not a number`,
    );
    expect(error.message).toMatch(`source.startingPosition.${shardId(one)}: SHARD_END is not allowed`);
    expect(error.message).toMatch(`source.startingPosition.${shardId(other)}: 2026-03-01T12:01:00`);
  });

  it('are shards of which the stream has none', async () => {
    const error = await refused(new SimulatedStream(), { [shardId(7)]: 'TRIM_HORIZON' });
    expect(error.message).toMatch(`the stream has none of the shards ${shardId(7)}`);
  });

  it('is an end in a shard that is not there', async () => {
    const stream = new SimulatedStream();
    const error = await refused(stream, 'TRIM_HORIZON', { endingPosition: { [shardId(7)]: 'SHARD_END' } } as never);
    expect(error.message).toMatch(`source.endingPosition.${shardId(7)}: the stream has no such shard`);
  });
});

describe('a place that retention has passed', () => {
  const hour = 3_600_000;

  async function aged() {
    const stream = new SimulatedStream({ retentionMs: 24 * hour });
    const numbers = stream.put(3);
    stream.pass(20 * hour);
    stream.put(2);
    stream.pass(5 * hour);
    return { stream, place: { [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${numbers[0]}` } };
  }

  it.each([false, true])(
    'is a loss, told with the first record that is left (numbers refused: %s)',
    async (refuses) => {
      const { stream, place } = await aged();
      stream.kinesis.quirks.refusesTrimmed = refuses;
      const run = await readFrom(stream, place);
      expect(run.ids).toEqual([3, 4]);
      const [loss] = (await run.bodies()).flatMap(({ dataLoss }) => dataLoss);
      const left = stream.kinesis.truth(streamName).shard(shardId(0)).records[3]!;
      expect(loss).toEqual({
        source: 'main',
        shardId: shardId(0),
        lastRead: place[shardId(0)]!.split(' ')[1],
        readThrough: null,
        firstAvailable: { sequenceNumber: left.sequenceNumber, arrivalTime: left.arrivalTime },
      });
    },
  );

  it('stops a pipeline that fails on loss, before anything is written', async () => {
    const { stream, place } = await aged();
    const run = new SimulatedRun(stream);
    await expect(run.execute(from(place, { failOnDataLoss: true }), caughtUp)).rejects.toMatchObject({
      name: 'DataLoss',
    });
    expect(run.ids).toEqual([]);
  });

  it('is none while the record itself is there, even if nothing follows it', async () => {
    const stream = new SimulatedStream({ retentionMs: 24 * hour });
    const [number] = stream.put(1);
    stream.pass(23 * hour);
    const run = await readFrom(stream, { [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${number}` }, { failOnDataLoss: true });
    expect((await run.bodies()).flatMap(({ dataLoss }) => dataLoss)).toEqual([]);
  });

  it('with its whole shard is a loss too, and the children are read from their beginning', async () => {
    const stream = new SimulatedStream({ retentionMs: 24 * hour });
    const [number] = stream.put(2);
    stream.split(0);
    stream.pass(25 * hour);
    stream.put(2, 'a');
    const place = { [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${number}`, [shardId(1)]: 'TRIM_HORIZON' };
    const run = await readFrom(stream, place);
    expect(run.ids).toEqual([2, 3]);
    expect((await run.bodies()).flatMap(({ dataLoss }) => dataLoss)).toEqual([
      { source: 'main', shardId: shardId(0), lastRead: number, readThrough: null, firstAvailable: null },
    ]);
    const strict = new SimulatedRun(stream);
    await expect(strict.execute(from(place, { failOnDataLoss: true }), caughtUp)).rejects.toMatchObject({
      name: 'DataLoss',
    });
  });
});
