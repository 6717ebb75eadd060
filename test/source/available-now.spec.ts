/** A run of what is available now: what the stream held when it began is read whole, and then it ends. */
import { expect, it } from 'vitest';
import { noon, released, sourceOf } from '../support/builders.ts';
import { count, idsPipeline, SimulatedRun, SimulatedStream } from '../support/simulated-stream.ts';

const now = { availableNow: true } as const;
/** Batches of a few events, so that much happens while a run goes on. */
const small = { maxFetchRecordsPerShard: 4 } as const;

/** Something is put whenever the source is called: the tip is never reached. */
function keepPutting(stream: SimulatedStream, key = 'key'): void {
  stream.beforeCall = (operation) => {
    if (operation === 'GetRecords') stream.put(2, key);
  };
}

it('ends though data keeps coming, with all that was there before', async () => {
  const stream = new SimulatedStream();
  stream.put(50);
  stream.pass(60_000);
  keepPutting(stream);
  const run = new SimulatedRun(stream);
  expect(await run.execute(idsPipeline(small, now))).toBe('ended');
  const ids = run.takeIds();
  expect(ids).toEqual(count(ids.length));
  expect(ids.length).toBeGreaterThanOrEqual(50);
  // What arrived two seconds after the start or later is the next run's.
  const { timestamp } = sourceOf(run.memory.head!).runBound!;
  const { records } = stream.kinesis.truth('source').shard('shardId-000000000000');
  expect(ids).toHaveLength(records.filter(({ arrivalTime }) => arrivalTime < timestamp).length);
});

it('leaves nothing out between one run and the next', async () => {
  const stream = new SimulatedStream({ shards: 2 });
  const run = new SimulatedRun(stream);
  const pipeline = idsPipeline(small, now);
  for (let round = 0; round < 5; round++) {
    for (const key of ['a', 'b', 'c', 'd']) stream.put(3, key);
    expect(await run.execute(pipeline)).toBe('ended');
    expect([...run.ids].sort((one, other) => one - other)).toEqual(count(12 * (round + 1)));
    stream.pass(3_600_000);
  }
});

it('reads what came since the run before, be it in the same second', async () => {
  const stream = new SimulatedStream();
  stream.callMs = 1;
  const run = new SimulatedRun(stream);
  const pipeline = idsPipeline({ getRecords: { fetchInterval: '0 seconds' } }, now);
  for (let round = 0; round < 2; round++) {
    stream.put(1);
    expect(await run.execute(pipeline)).toBe('ended');
    expect(run.ids).toEqual(count(round + 1));
  }
  expect(stream.now - noon).toBeLessThan(1_000);
});

it('does not wait for the trigger between its batches', async () => {
  const stream = new SimulatedStream();
  stream.put(40);
  stream.pass(60_000);
  const before = stream.now;
  await new SimulatedRun(stream).execute(idsPipeline(small, { ...now, every: '1 hour' }));
  expect(stream.now - before).toBeLessThan(60_000);
});

it('that is cut off is gone on with to the same end by the next execution, and the one after begins anew', async () => {
  const stream = new SimulatedStream();
  stream.put(20);
  stream.pass(60_000);
  const run = new SimulatedRun(stream);
  const pipeline = idsPipeline(small, now);
  let plans = 0;
  expect(await run.execute(pipeline, {}, () => ++plans > 2)).toBe('cut');
  const end = sourceOf(run.memory.head!).runBound;
  run.memory.head = released(run.memory.head!);
  stream.pass(300_000);
  stream.put(20);
  expect(await run.execute(pipeline)).toBe('ended');
  expect(sourceOf(run.memory.head!).runBound).toEqual(end);
  expect(run.takeIds()).toEqual(count(20));
  expect(await run.execute(pipeline)).toBe('ended');
  expect(run.takeIds()).toEqual(count(40, 20));
});

it('follows a reshard that happened before it, and leaves one that happens meanwhile to the next run', async () => {
  const stream = new SimulatedStream();
  stream.put(6);
  stream.split(0);
  for (const key of ['a', 'b', 'c', 'd']) stream.put(2, key);
  stream.pass(60_000);
  const run = new SimulatedRun(stream);
  const pipeline = idsPipeline(small, now);
  let isSplit = false;
  stream.beforeCall = (operation) => {
    if (operation !== 'GetRecords' || isSplit) return;
    isSplit = true;
    stream.pass(5_000);
    stream.split(1);
    for (const key of ['a', 'b', 'c', 'd']) stream.put(2, key);
  };
  expect(await run.execute(pipeline)).toBe('ended');
  const first = run.takeIds();
  expect(first.toSorted((one, other) => one - other)).toEqual(expect.arrayContaining(count(14)));
  expect(await run.execute(pipeline)).toBe('ended');
  expect([...first, ...run.ids].toSorted((one, other) => one - other)).toEqual(count(22));
});

it('of an empty stream ends too', async () => {
  const stream = new SimulatedStream({ shards: 3 });
  expect(await new SimulatedRun(stream).execute(idsPipeline({}, now))).toBe('ended');
});

it('begins anew after the pipeline has followed its stream in between', async () => {
  const stream = new SimulatedStream({ shards: 2 });
  const run = new SimulatedRun(stream);
  stream.put(1, 'a');
  expect(await run.execute(idsPipeline({}, now))).toBe('ended');
  stream.pass(3_600_000);
  for (const key of ['a', 'b', 'c', 'd']) stream.put(1, key);
  // Deployed without it for a while: what it reads goes past the end of the last run.
  expect(await run.execute(idsPipeline(), { untilCaughtUp: true })).toBe('caught-up');
  stream.pass(3_600_000);
  for (const key of ['a', 'b', 'c', 'd']) stream.put(1, key);
  expect(await run.execute(idsPipeline({}, now))).toBe('ended');
  expect([...run.ids].sort((one, other) => one - other)).toEqual(count(9));
});
