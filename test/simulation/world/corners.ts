/**
 * Corners that few pipelines see: each is drawn from a stream of its own, so that none changes what another draws, and
 * lies over the scenario that the seed has anyway.
 */
import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';
import type { StreamCornerFields } from './stream-corners.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What corners add; a scenario without them has none of these. */
export type CornerFields = StreamCornerFields & {
  /** The operator stops the pipeline then, and starts it again so much later. Milliseconds after the start. */
  readonly stops?: readonly { readonly at: number; readonly forMs: number }[];
  /** From then on executions are asked to read to the tip and close all windows; the producer's end, if not given. */
  readonly closing?: { readonly from: number | 'the end of the events' };
  /** Until then executions are asked to end with this batch. */
  readonly untilBatch?: { readonly batch: number; readonly until: number };
  readonly stopWhenIdleMs?: number;
  /** Starts of the schedule; a minute if not given. */
  readonly scheduleMs?: number;
  /** This share of the events has one key. */
  readonly hotShare?: number;
  /** This share of the events is from far off in event time, or at no time that exists. */
  readonly farShare?: number;
  /** Each event has so many bytes that nobody asked for. */
  readonly fillBytes?: number;
  /** Its shards take what AWS says, and less than what the source gives out. */
  readonly isRealSink?: true;
  /** All events are put within a second. */
  readonly isBacklog?: boolean;
  /** Fractions, large numbers, unwelcome fields, each reason of dead letters, callbacks that change what they are given. */
  readonly oddValues?: true;
  /** JSON as it may be written: fields twice, escapes, what nobody reads. */
  readonly oddTexts?: true;
  /** Some events come together at full multiples of this; of 10 seconds, and 30 % of them, if not given. */
  readonly bursts?: { readonly everyMs: number; readonly share: number };
};

export type Corner = {
  readonly share: number;
  readonly draw: (random: Random, scenario: Scenario) => Partial<Scenario>;
};

export const corners: Readonly<Record<string, Corner>> = {
  'odd values': {
    share: 0.08,
    draw: (_, { oddShare }) => ({ oddValues: true, oddShare: Math.max(oddShare, 0.1) }),
  },
  stops: {
    share: 0.05,
    draw: (random, { durationMs }) => ({
      stops: Array.from({ length: random.int(1, 3) }, () => ({
        at: random.int(5_000, durationMs),
        forMs: random.span(1_000, 4 * minuteMs),
      })),
    }),
  },
  closing: {
    share: 0.05,
    draw: (random, { durationMs, idleTimeoutMs }) => ({
      // An execution that is asked for nothing never ends by itself: its successor would ask for nothing either.
      request: { untilCaughtUp: true },
      closing: { from: random.chance(0.6) ? 'the end of the events' : random.int(0, durationMs) },
      // Or windows are closed before anybody asks.
      idleTimeoutMs: random.chance(0.7) ? 20 * minuteMs : idleTimeoutMs,
    }),
  },
  'until batch': {
    share: 0.03,
    draw: (random, { durationMs }) => ({
      untilBatch: { batch: random.int(0, 12), until: random.int(minuteMs, Math.max(minuteMs, durationMs)) },
    }),
  },
  'stop when idle': {
    share: 0.04,
    draw: (random) => ({ stopWhenIdleMs: random.pick([1_000, 5_000, 20_000, minuteMs]) }),
  },
  'odd spans': {
    share: 0.05,
    draw: (random, scenario) =>
      random.weighted<Partial<Scenario>>([
        // What is right below and above where the loop leaves the trigger to the schedule.
        [3, triggerOf(random.pick([1, 137, 59_999, 60_000, 60_001, 10 * minuteMs]), scenario)],
        [2, { describeMs: random.pick([1, hourMs, dayMs]) }],
        [3, { windowMs: random.pick([1, 999, minuteMs + 1]), delayMs: random.pick([1, scenario.delayMs]) }],
        [2, { idleTimeoutMs: random.pick([1, 2 * minuteMs]) }],
        // Several shards, or each event is a batch of its own.
        [0.3, { maxFetch: 1, shards: Math.max(scenario.shards, 3), keys: Math.max(scenario.keys, 6) }],
      ]),
  },
  'clocks far off': { share: 0.02, draw: (random) => ({ maxClockSkewMs: random.pick([2_000, 10_000, minuteMs]) }) },
  'a hot shard': {
    share: 0.02,
    draw: (random) => ({
      shards: random.int(2, 4),
      keys: random.int(6, 20),
      hotShare: 0.9,
      silence: undefined,
      maxFetch: random.int(10, 20),
      events: random.int(260, 400),
    }),
  },
  'far event times': { share: 0.05, draw: (random) => ({ farShare: random.pick([0.01, 0.1]) }) },
  // Slower than what comes, so that many batches end before they are delivered.
  'a narrow sink': {
    share: 0.04,
    draw: (random, { kind }) => ({
      kind: random.chance(0.5) ? 'map-only' : kind,
      sinkRecordsASecond: random.pick([2, 3, 5, 10, 30]),
      sinkShards: random.int(1, 3),
      perRecord: random.pick([1, 1, 4, 30, 100]),
      maxFetch: random.pick([10, 100, 1_000]),
      isBacklog: random.chance(0.3),
    }),
  },
  // Many steps in one page, of more than a shard gives out in half a second.
  'large pages': {
    share: 0.003,
    draw: (random, { kind }) => ({
      kind: kind === 'wide' ? 'windowed' : kind,
      shards: random.int(1, 2),
      keys: random.int(2, 20),
      fillBytes: random.pick([1_000, 1_500, 2_500]),
      events: random.int(1_300, 2_000),
      perRecord: 1,
      maxFetch: random.pick([2_000, 10_000]),
      triggerMs: random.pick([8_000, 20_000]),
      isBacklog: true,
      silence: undefined,
    }),
  },
  'odd writing': { share: 0.05, draw: () => ({ oddTexts: true }) },
  'a real sink': { share: 0.004, draw: manyForOneShard },
  heavy: {
    share: 0.008,
    draw: (random, scenario) => (random.chance(0.5) ? manyShards(random, scenario) : manyDays(random)),
  },
};

/** Without a trigger to speak of each second has its batches: a few tens of seconds have plenty of them. */
function triggerOf(triggerMs: number, { durationMs, silence, reshards }: Scenario): Partial<Scenario> {
  if (triggerMs > minuteMs / 2 || silence !== undefined) return { triggerMs };
  const shorter = Math.min(durationMs, 20_000);
  return { triggerMs, durationMs: shorter, reshards: reshards.filter(({ at }) => at <= shorter) };
}

/** The limits of AWS, and a backlog in up to forty shards for one shard of the sink. */
function manyForOneShard(random: Random): Partial<Scenario> {
  const perRecord = random.pick([1, 100, 2_500]);
  const sinkShards = random.pick([1, 1, 1, 2, 4]);
  return {
    kind: 'map-only',
    isRealSink: true,
    // From one to forty for each of the sink's.
    shards: random.pick([1, 2, 5, 10, 20, 40]) * (perRecord === 1 ? sinkShards : 1),
    sinkShards,
    keys: 40,
    perRecord,
    events: perRecord === 1 ? 2_400 : 5_000,
    maxFetch: 10_000,
    isKpl: false,
    isBacklog: true,
    oddShare: 0,
    hasPoison: false,
    silence: undefined,
  };
}

function manyShards(random: Random, { kind }: Scenario): Partial<Scenario> {
  return {
    shards: random.int(40, 48),
    sinkShards: random.int(1, 8),
    silence: undefined,
    keys: kind === 'per-batch' ? 300 : random.int(400, 600),
    parallelism: random.int(1, 8),
    events: random.int(600, 900),
    maxFetch: 2_000,
    shardsPerTask: random.pick<number | 'auto'>([1, 1, 20, 'auto']),
  };
}

/** Weeks in which hardly anything comes, and longer stretches than retention in which nothing does. */
function manyDays(random: Random): Partial<Scenario> {
  const scheduleMs = random.pick([2, 4, 6]) * hourMs;
  return {
    scheduleMs,
    triggerMs: scheduleMs,
    durationMs: random.int(10, 20) * dayMs,
    retentionMs: random.pick([2, 3, 7]) * dayMs,
    bursts: { everyMs: random.int(2, 5) * dayMs, share: 0.95 },
    windowMs: random.pick([hourMs, dayMs]),
    delayMs: random.pick([0, hourMs]),
    silence: undefined,
  };
}

/** The scenario with those corners that are drawn. */
export function withCorners(random: Random, scenario: Scenario, among = corners): Scenario {
  let result = scenario;
  for (const [name, { share, draw }] of Object.entries(among)) {
    const own = random.fork(name);
    if (own.chance(share)) result = { ...result, ...draw(own, result) };
  }
  return result;
}
