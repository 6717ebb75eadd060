/** ENDING-1: wherever a stream is cut, what one run ends with and another starts with makes the whole, once and in order. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { released } from '../support/builders.ts';
import {
  idsPipeline,
  type PositionOptions,
  SimulatedRun,
  SimulatedStream,
  streamName,
} from '../support/simulated-stream.ts';

type Step =
  | { readonly kind: 'put'; readonly key: string; readonly events: number }
  | { readonly kind: 'aggregate'; readonly key: string; readonly events: number }
  | { readonly kind: 'split' | 'merge'; readonly pick: number }
  | { readonly kind: 'pass'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), key, events: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('aggregate' as const), key, events: fc.integer({ min: 2, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('split' as const, 'merge' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 200_000 }) }) },
);

function play(stream: SimulatedStream, steps: readonly Step[]): void {
  for (const move of steps) {
    const open = stream.kinesis.truth(streamName).shards.filter(({ closedAt }) => closedAt === undefined);
    if (move.kind === 'put') stream.put(move.events, move.key);
    if (move.kind === 'aggregate') stream.putAggregate(move.events, move.key);
    if (move.kind === 'pass') stream.pass(move.ms);
    if (move.kind === 'split') stream.split(open[move.pick % open.length]!.number);
    if (move.kind === 'merge') {
      const one = open[move.pick % open.length]!;
      const other = open.find(({ hashRange }) => hashRange.start === one.hashRange.end + 1n);
      if (other !== undefined) stream.merge(one.number, other.number);
    }
  }
}

/** Answers that are short, empty far behind the tip, or fail. */
const moods = fc.record({
  pageRecords: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
  stretchMs: fc.constantFrom(21_600_000, Number.POSITIVE_INFINITY),
  failsEvery: fc.constantFrom(11, 23, Number.POSITIVE_INFINITY),
});

function setMood(stream: SimulatedStream, mood: { pageRecords: number; stretchMs: number; failsEvery: number }): void {
  let reads = 0;
  const { pageRecords, stretchMs, failsEvery } = mood;
  // Spread out, so that no turn has always the same luck.
  const failsReads = () => Math.imul(++reads, 2_654_435_761) >>> 0 < 2 ** 32 / failsEvery;
  Object.assign(stream.kinesis.quirks, { pageRecords, stretchMs, failsReads });
}

const budgets = fc.record({
  maxFetchRecordsPerShard: fc.integer({ min: 1, max: 12 }),
  getRecords: fc.record({ numberOfRecordsPerFetch: fc.integer({ min: 1, max: 8 }) }),
});

async function readAll(stream: SimulatedStream, source: PositionOptions, request = {}): Promise<SimulatedRun> {
  const run = new SimulatedRun(stream);
  let plans = 0;
  // Cut off and begun again: what is left is what the checkpoint says.
  const end = await run.execute(idsPipeline(source), request, () => ++plans > 3);
  if (end !== 'cut') return run;
  run.memory.head = released(run.memory.head!);
  await run.execute(idsPipeline(source), request);
  return run;
}

const partOf = ({ id, shardId, sub }: SimulatedRun['rows'][number]) => `${shardId} ${sub} ${id}`;

function mustTile(whole: SimulatedRun, before: SimulatedRun, after: SimulatedRun): void {
  const parts = [...before.rows, ...after.rows];
  expect(parts.map(partOf).sort()).toEqual(whole.rows.map(partOf).sort());
  for (const shardId of new Set(whole.rows.map((row) => row.shardId))) {
    const idsIn = (rows: SimulatedRun['rows']) => rows.filter((row) => row.shardId === shardId).map(({ id }) => id);
    expect(idsIn(parts)).toEqual(idsIn(whole.rows));
  }
}

it('at any time, over reshards, in batches of any size, with a restart', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      budgets,
      moods,
      async (shards, steps, share, source, mood) => {
        const stream = new SimulatedStream({ shards });
        const from = stream.now;
        play(stream, steps);
        const cut = new Date(Math.floor(from + share * (stream.now - from)) + 1).toISOString();
        stream.pass(60_000);
        const whole = await readAll(stream, source, { untilCaughtUp: true });
        setMood(stream, mood);
        const place = `AT_TIMESTAMP ${cut}` as never;
        const before = await readAll(stream, { ...source, endingPosition: place });
        const after = await readAll(stream, { ...source, startingPosition: place }, { untilCaughtUp: true });
        mustTile(whole, before, after);
      },
    ),
    { numRuns: 150 },
  );
});

it('at any event of any shards, inside aggregated records too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 }),
      budgets,
      moods,
      async (shards, steps, picks, source, mood) => {
        const stream = new SimulatedStream({ shards });
        play(stream, steps);
        stream.pass(60_000);
        const whole = await readAll(stream, source, { untilCaughtUp: true });
        setMood(stream, mood);
        const places = cutAnywhere(stream, picks);
        const before = await readAll(stream, { ...source, endingPosition: places } as never);
        const after = await readAll(stream, { ...source, startingPosition: places } as never, { untilCaughtUp: true });
        mustTile(whole, before, after);
      },
    ),
    { numRuns: 150 },
  );
});

/** A cut through every line of descent: a shard is cut only if all its parents lie before the cut whole. */
function cutAnywhere(stream: SimulatedStream, picks: readonly number[]): Record<string, string> {
  const places: Record<string, string> = {};
  const { shards } = stream.kinesis.truth(streamName);
  for (const [index, shard] of shards.entries()) {
    const pick = picks[index % picks.length]!;
    if (!shard.parents.every((parent) => places[parent] === 'SHARD_END')) continue;
    const isWhole = shard.closedAt !== undefined && pick % 2 === 0;
    const record = shard.records[pick % Math.max(1, shard.records.length)];
    if (isWhole) places[shard.shardId] = 'SHARD_END';
    else if (record === undefined) places[shard.shardId] = 'TRIM_HORIZON';
    else if (pick % 3 === 0) places[shard.shardId] = `AFTER_SEQUENCE_NUMBER ${record.sequenceNumber}.${pick % 5}`;
    else places[shard.shardId] = `${pick % 3 === 1 ? 'AT' : 'AFTER'}_SEQUENCE_NUMBER ${record.sequenceNumber}`;
  }
  return places;
}
