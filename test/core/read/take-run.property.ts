/** RUN-1 to RUN-3, SENT-RUN-1: however a page is cut, what runs of events come to is what their events come to one after the other. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import type { PlannedShard } from '../../../functions/core/model.ts';
import { destinationOf } from '../../../functions/core/output.ts';
import { aggregate } from '../../../functions/core/pack-events.ts';
import type { Undelivered } from '../../../functions/core/read/effects.ts';
import { positionOf } from '../../../functions/core/read/progress.ts';
import { beginRead, type ReadState } from '../../../functions/core/read/read-state.ts';
import { sentPlacesOf } from '../../../functions/core/read/sent-so-far.ts';
import { ShardReader } from '../../../functions/core/read/shard-reader.ts';
import type { Step } from '../../../functions/core/read/step.ts';
import { applied, takeStep } from '../../../functions/core/read/take-step.ts';
import { TaskRead } from '../../../functions/core/read/task-read.ts';
import type { KinesisRecord, Page } from '../../../functions/core/record.ts';
import { count, json, kinesis, pipeline, session, sum, tumbling } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { Random } from '../../simulation/random.ts';
import { decompress, md5, noon, page, planned, plannedTask, record, utf8 } from '../../support/builders.ts';
import { inOneBuffer } from '../../support/in-one-buffer.ts';

const sink = kinesis({ streamName: 'out' });
/** What callbacks were given, in the order in which they were asked. */
let asked: unknown[] = [];
const schema = z.object({ at: z.number(), key: z.string(), value: z.number() }).transform((event) => {
  asked.push(event);
  return event.value === 8 ? (undefined as unknown as typeof event) : event;
});
const readings = pipeline('readings')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(schema))
  .filter((event) => {
    asked.push(event);
    return event !== undefined && event.value !== 1;
  })
  .withWatermark(({ at }) => at, { delay: '10 milliseconds', maxFutureTime: '10000 days' })
  .filter(({ value }) => value !== 2);
const aggregates = {
  events: count(),
  total: sum(({ value }: { readonly value: number }) => value / 7),
};
const pipelines = [
  readings
    .groupBy({ key: ({ key }) => key })
    .window(tumbling('10 milliseconds'))
    .aggregate(aggregates)
    .writeStream(sink),
  readings
    .groupBy({ shard: (_, { subSequenceNumber }) => subSequenceNumber % 3, key: ({ key }) => key })
    .window(session('10 milliseconds'))
    .sideOutputLate(kinesis({ streamName: 'late' }))
    .aggregate(aggregates)
    .writeStream(sink),
  readings.map(({ key, value }) => ({ key, value })).writeStream(sink),
  readings
    .map(({ key, value }, { partitionKey }) => ({ key, value, partitionKey }))
    .writeStream(kinesis({ streamName: 'out', partitionKey: ({ key }: { readonly key: string }) => key }))
    .deadLettersTo(kinesis({ streamName: 'letters' })),
  readings.writeStream(sink),
].map((each) => requirePipeline(each));

const positions: readonly Partial<PlannedShard>[] = [
  {},
  { position: { kind: 'after-sequence-number', sequenceNumber: '12' } },
  { position: { kind: 'after-sequence-number', sequenceNumber: '12', subSequenceNumber: 1 } },
  { position: { kind: 'trim-horizon', after: '11' }, start: 'after-gap' },
  { endsAt: { kind: 'at-timestamp', timestamp: noon + 9, provesEndFrom: noon + 100 } },
  { endsAt: { kind: 'after-sequence-number', sequenceNumber: '16' } },
  { endsAt: { kind: 'after-sequence-number', sequenceNumber: '16', subSequenceNumber: 1 } },
];

function drawPage(random: Random): Page {
  const event = () =>
    utf8(
      JSON.stringify({
        at: random.int(80, 130),
        key: random.pick(['a', 'b', 'c']),
        value: random.weighted<unknown>([
          [20, random.int(0, 9)],
          [1, 'none'],
        ]),
      }),
    );
  const packed = (): Uint8Array => {
    const events = Array.from({ length: random.int(2, 6) }, (_, at) => ({
      ...{ partitionKey: `key-${random.int(1, 40)}-${at}`, explicitHashKey: undefined, data: event() },
    }));
    const bytes = aggregate(events, md5);
    if (random.chance(0.1)) bytes[9]! ^= 1;
    return bytes;
  };
  const records = Array.from({ length: random.int(1, 30) }, (_, at): KinesisRecord => {
    const given = record(at + 10, random.chance(0.25) ? packed() : event(), noon + at + random.int(-2, 2));
    return { ...given, partitionKey: random.chance(0.5) ? 'a' : 'key' };
  });
  return page(records, { serverTime: noon + random.int(0, 30) });
}

/** The same records, as views of one buffer. */
function inOne(given: Page, random: Random): Page {
  const gaps = [...given.records, undefined].map(() => utf8(random.pick(['', '"', '","PartitionKey":"', '0', '}'])));
  const payloads = inOneBuffer(
    given.records.map(({ data }) => data),
    (index) => gaps[index]!,
  );
  const { bytes, places, stride, first } = payloads;
  const records = given.records.map((each, index) => ({
    ...each,
    data: bytes.subarray(places[index * stride + first], places[index * stride + first + 1]),
  }));
  return { ...given, records, payloads };
}

/** Each of them, with this chance. */
const someOf = (places: Iterable<number>, chance: number, random: Random): ReadonlySet<number> =>
  new Set([...places].filter(() => random.chance(chance)));

/** What of a step is not delivered. */
function drawMissing({ outputs, deadLetters }: Step['effects'], ids: readonly string[], random: Random): Undelivered {
  const chance = random.chance(0.6) ? 0 : random.pick([0.05, 0.5]);
  const [places] = outputs.map(({ places }) => someOf(places, chance, random));
  return {
    outputs: new Map(places === undefined ? [] : [[ids[0]!, places]]),
    letters: someOf(deadLetters.keys(), chance, random),
  };
}

/** What is known after a page, and what was given out step by step. */
function taken(definition: (typeof pipelines)[number], shard: PlannedShard, given: Page, seed: number, runs: boolean) {
  const random = new Random(seed);
  asked = [];
  const task = plannedTask([shard], { watermark: 100 });
  const read = new TaskRead({ pipeline: definition, task, streamName: 'in', md5, decompress });
  expect(read.takesRuns).toBe(true);
  if (!runs) Object.assign(read, { takesRuns: false });
  const reader = new ShardReader(read, shard);
  const steps: unknown[] = [];
  let state: ReadState = beginRead(reader);
  let isWhole = true;
  for (let at = 0; at < given.records.length && isWhole; ) {
    const step = takeStep(reader, state, given, at, random.int(1, 12));
    const { deadLetters, outputs } = step.effects;
    const missing = drawMissing(step.effects, reader.ids, random);
    isWhole = missing.letters.size + (missing.outputs.get('main')?.size ?? 0) === 0;
    state = applied(step, given, isWhole ? undefined : missing);
    const inside = step.open !== undefined && step.open.next < step.open.end && step.open.next;
    steps.push([step.next, deadLetters, outputs, inside]);
    at = step.next;
  }
  const { open: _, progress, sent, ...rest } = state;
  // A place inside a record is none once that is read.
  const known = { ...rest, progress: { ...progress, insideOf: undefined, sub: 0 }, position: positionOf(progress) };
  const partials = Array.from(read.partials(), ([group, { windows, ...others }]) => [group, [...windows], others]);
  const acknowledged = sent.map(({ own, ...others }) => ({ ...others, own: own.runs }));
  return {
    asked,
    steps,
    known,
    acknowledged,
    places: sentPlacesOf(sent),
    partials,
    buried: read.buried,
    bytes: read.table?.bytes,
  };
}

it('of a page nothing is decoded ahead twice, though each late event ends a run', () => {
  const late = Array.from({ length: 20 }, (_, at) =>
    record(at + 10, utf8(JSON.stringify({ at: 50, key: 'a', value: 3 })), noon),
  );
  const shard = planned('shard');
  const task = plannedTask([shard], { watermark: 100 });
  const read = new TaskRead({ pipeline: pipelines[1]!, task, streamName: 'in', md5, decompress });
  let times = 0;
  const { ahead } = read.judge;
  Object.assign(read.judge, {
    ahead: (...of: Parameters<NonNullable<typeof ahead>>) => {
      times += 1;
      return ahead!(...of);
    },
  });
  const reader = new ShardReader(read, shard);
  const step = takeStep(reader, beginRead(reader), inOne(page(late), new Random(1)), 0, 100);
  expect(step.progress.counters.counted).toBe(20);
  expect(times).toBe(1);
});

it('a run is its events, one after the other', () => {
  let counted = 0;
  let behind = 0;
  for (let seed = 1; seed <= 2_000; seed++) {
    const random = new Random(seed);
    const definition = random.pick(pipelines);
    const hashRange = random.chance(0.5) ? { start: '0', end: String(2n ** 127n) } : undefined;
    const sentAhead = [{ to: destinationOf(definition.outputs[0]!), runs: [['12', 0, '14', 1]] as const }];
    const shard = planned('shard', {
      ...{ ...(hashRange && { hashRange }), ...random.pick(positions) },
      ...(random.chance(0.2) ? { sentAhead } : {}),
    });
    const given = drawPage(random);
    const inRuns = taken(definition, shard, random.chance(0.7) ? inOne(given, random) : given, seed, true);
    expect(inRuns, `seed ${seed}`).toEqual(taken(definition, shard, given, seed, false));
    counted += inRuns.known.progress.counters.counted;
    if (inRuns.acknowledged.some(({ ahead }) => ahead.length > 0)) behind += 1;
  }
  expect(counted).toBeGreaterThan(12_000);
  expect(behind).toBeGreaterThan(100);
});
