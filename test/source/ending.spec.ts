/** ENDING-1 to ENDING-4: a run stops exactly at its end, across batches and executions, and goes on exactly from there. */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import { noon } from '../support/builders.ts';
import {
  at,
  count,
  idsPipeline,
  type PositionOptions,
  SimulatedRun,
  SimulatedStream,
  shardId,
} from '../support/simulated-stream.ts';

const end = (endingPosition: unknown, source: PositionOptions = {}) =>
  idsPipeline({ ...source, endingPosition } as PositionOptions);

describe('an end at a time', () => {
  it('takes what arrived before it and nothing of it or later, in any number of batches', async () => {
    const stream = new SimulatedStream();
    stream.put(10);
    const cut = stream.now + 1;
    stream.put(10);
    stream.pass(60_000);
    const run = new SimulatedRun(stream);
    expect(await run.execute(end(at(cut), { maxFetchRecordsPerShard: 3 }))).toBe('ended');
    expect(run.ids).toEqual(count(10));
    expect((await run.bodies()).length).toBeGreaterThan(3);
  });

  it('and a start at the same time read everything once, whatever the order of the stamps', async () => {
    const stream = new SimulatedStream();
    const skews = [0, 400, -300, 250, 0, -400, 350, 0, -100, 0];
    stream.kinesis.quirks.arrivalSkewMs = () => skews[Math.floor(stream.now) % skews.length]!;
    stream.put(40);
    stream.pass(60_000);
    for (const offset of [0, 5, 17, 23, 38]) {
      const cut = noon + offset;
      const [before, after] = [new SimulatedRun(stream), new SimulatedRun(stream)];
      await before.execute(end(at(cut)));
      await after.execute(idsPipeline({ startingPosition: at(cut) }), { untilCaughtUp: true });
      expect([...before.ids, ...after.ids], `cut ${offset}`).toEqual(count(40));
    }
  });

  it('in a quiet shard is passed at the tip, two minutes later: stamps are not exact', async () => {
    const stream = new SimulatedStream();
    stream.put(2);
    const cut = stream.now + 2_000;
    const run = new SimulatedRun(stream);
    expect(await run.execute(end(at(cut)))).toBe('ended');
    expect(run.ids).toEqual(count(2));
    expect(stream.now).toBeGreaterThanOrEqual(cut + 120_000);
    stream.put(1);
    expect(await run.execute(end(at(cut)))).toBe('ended');
    expect(run.ids).toEqual(count(2));
  });

  it('leaves children unread whose parent had records past it, and reads those of a parent that ended before', async () => {
    const stream = new SimulatedStream();
    stream.put(3);
    stream.split(0);
    stream.put(3, 'a');
    const cut = stream.now + 1;
    stream.put(2, 'a');
    const grown = stream.kinesis.truth('source').shards.findIndex(({ records }) => records.length === 5);
    stream.split(grown);
    stream.put(4, 'a');
    stream.pass(60_000);
    const run = new SimulatedRun(stream);
    expect(await run.execute(end(at(cut)))).toBe('ended');
    expect(run.ids).toEqual(count(6));
    const after = new SimulatedRun(stream);
    await after.execute(idsPipeline({ startingPosition: at(cut) }), { untilCaughtUp: true });
    expect(after.ids).toEqual(count(12, 6));
  });

  it('is not reached by what the sink did not take', async () => {
    const stream = new SimulatedStream();
    stream.put(1_500);
    const cut = stream.now + 1;
    stream.put(10);
    stream.pass(60_000);
    const run = new SimulatedRun(stream);
    const { send } = run.memory.ports.sink('main');
    let sends = 0;
    const sink = {
      send: async (...given: Parameters<typeof send>) => {
        if (++sends === 2) throw new SluiceError('TemporaryFailure', 'throttled');
        return send(...given);
      },
    };
    Object.assign(run.memory.ports, { sink: () => sink });
    expect(await run.execute(end(at(cut)))).toBe('ended');
    expect(run.ids).toEqual(count(1_500));
  });

  it('that is moved on later goes on where it was, and so does having none', async () => {
    const stream = new SimulatedStream();
    stream.put(5);
    const first = stream.now + 1;
    stream.put(5);
    const second = stream.now + 1;
    stream.put(5);
    stream.pass(60_000);
    const run = new SimulatedRun(stream);
    await run.execute(end(at(first)));
    expect(run.takeIds()).toEqual(count(5));
    await run.execute(end(at(second)));
    expect(run.takeIds()).toEqual(count(10, 5));
    await run.execute(idsPipeline(), { untilCaughtUp: true });
    expect(run.takeIds()).toEqual(count(15, 10));
  });
});

describe('an end in a shard', () => {
  it('inside an aggregated record is exact, and a start there goes on with the next event', async () => {
    const stream = new SimulatedStream();
    stream.put(2);
    const number = stream.putAggregate(6);
    stream.put(2);
    for (const sub of [0, 2, 5]) {
      const place = { [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${number}.${sub}` };
      const [before, after] = [new SimulatedRun(stream), new SimulatedRun(stream)];
      expect(await before.execute(end(place))).toBe('ended');
      expect(before.ids).toEqual(count(3 + sub));
      await after.execute(idsPipeline({ startingPosition: place } as PositionOptions), { untilCaughtUp: true });
      expect(after.ids).toEqual(count(10, 3 + sub));
      // The same pipeline without its end goes on exactly there too.
      before.takeIds();
      await before.execute(idsPipeline(), { untilCaughtUp: true });
      expect(before.ids).toEqual(count(10, 3 + sub));
    }
  });

  it.each([
    ['AFTER_SEQUENCE_NUMBER', 4],
    ['AT_SEQUENCE_NUMBER', 3],
  ])('%s stops behind or before the record', async (word, expected) => {
    const stream = new SimulatedStream();
    const numbers = stream.put(6);
    const run = new SimulatedRun(stream);
    expect(await run.execute(end({ [shardId(0)]: `${word} ${numbers[3]}` }, { maxFetchRecordsPerShard: 2 }))).toBe(
      'ended',
    );
    expect(run.ids).toEqual(count(expected));
  });

  it('reads the ancestors of named shards whole, and nothing else that is not named', async () => {
    const stream = new SimulatedStream({ shards: 2 });
    const shards = () => stream.kinesis.truth('source').shards;
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) stream.put(2, key);
    stream.split(0);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) stream.put(2, key);
    const named = shards()[2]!;
    const place = { [named.shardId]: `AFTER_SEQUENCE_NUMBER ${named.records[0]!.sequenceNumber}` };
    const run = new SimulatedRun(stream);
    expect(await run.execute(end(place))).toBe('ended');
    const byShard = new Map<string, number>();
    for (const row of run.rows) byShard.set(row.shardId, (byShard.get(row.shardId) ?? 0) + 1);
    expect(Object.fromEntries(byShard)).toEqual({ [shardId(0)]: shards()[0]!.records.length, [named.shardId]: 1 });
  });

  it('waits for a record that is still to come', async () => {
    const stream = new SimulatedStream();
    const [number] = stream.put(1);
    const later = `${BigInt(number!) + 10n ** 6n}`;
    const run = new SimulatedRun(stream);
    let turns = 0;
    expect(await run.execute(end({ [shardId(0)]: `AFTER_SEQUENCE_NUMBER ${later}` }), {}, () => ++turns > 5)).toBe(
      'cut',
    );
    expect(run.ids).toEqual([0]);
  });
});
