/** Swarm: some seeds are calm, some hostile, some have one kind of fault only, since one kind can hide another. */
import type { Random } from '../random.ts';
import { type Scenario, skewedBeforeSilenceMs } from '../world/scenario.ts';
import { drawCrossing, drawLateParts } from './crossings.ts';
import {
  type CallFault,
  type CallFaultKind,
  callFaultKinds,
  type Fault,
  type FaultKind,
  fanOutFaultKinds,
  fanOutSpanKinds,
  hangKinds,
  outageKinds,
  type SpanFault,
  type SpanFaultKind,
  spanFaultKinds,
} from './fault.ts';
import { drawLostInARow } from './lost-in-a-row.ts';
import { drawMovesOfFiles } from './moves-of-files.ts';
import { canStrike, type Place, placesOf, sourceCalls, stepsOfOutboxes } from './places.ts';

/** Of the errors of a stream, from the first: the others ask for somebody to do something. */
const passingStreamErrors = 3;
const hourMs = 3_600_000;

export function drawFaults(random: Random, scenario: Scenario): Fault[] {
  const hangs = drawHangs(random.fork('hang'), scenario);
  // A retention that changes comes with an outage of its own.
  if (hangs.length > 0 && scenario.retentions === undefined && random.fork('hang alone').chance(0.5))
    return [...hangs, ...drawSwitches(random, scenario)];
  return [
    ...drawByMood(random, scenario),
    ...hangs,
    ...drawLostInARow(random.fork('lost in a row'), scenario),
    ...lostBeforeClosing(random.fork('closing'), scenario),
    ...drawServiceOutage(random.fork('service-outage'), scenario),
    ...drawOtherRules(random.fork('other rules'), scenario),
    ...drawMovesOfFiles(random.fork('moves of files'), scenario),
    ...drawAtTroubles(random.fork('at troubles'), scenario),
  ];
}

/** Deployments of another rule, each behind a seal that has the one before. */
function drawOtherRules(random: Random, { otherTop }: Scenario): CallFault[] {
  if (otherTop === undefined) return [];
  return Array.from({ length: random.int(1, 4) }, () => ({
    ...{ kind: 'deploy', size: 0, step: 'seal-batch', call: 'put-body' },
    ...{ when: 'after', occurrence: random.int(1, 25) },
  }));
}

/** At the notes of what keeps a batch up: none of them is worth a failed batch. */
function drawAtTroubles(random: Random, { sinkRecordsASecond }: Scenario): CallFault[] {
  if (sinkRecordsASecond === undefined || !random.chance(0.3)) return [];
  return Array.from({ length: random.int(1, 3) }, () => ({
    ...{ kind: random.pick(['lost', 'error', 'throttle', 'abort'] as const), size: 0, step: 'commit-batch' },
    ...{ call: random.pick(['load-trouble', 'put-trouble']), when: 'before', occurrence: random.int(1, 3) },
  }));
}

/** Rarely: a run may stand still all the while. */
function drawServiceOutage(random: Random, { durationMs }: Scenario): SpanFault[] {
  if (!random.chance(0.01)) return [];
  const [kind, size] = [random.pick(outageKinds), random.int(0, 1)];
  return [{ kind, size, from: random.int(0, durationMs), forMs: random.int(60_000, 600_000) }];
}

/** Of one service or of both in turn. */
function drawHangs(random: Random, { durationMs }: Scenario): SpanFault[] {
  if (!random.chance(0.025)) return [];
  return Array.from({ length: random.int(1, 4) }, () => ({
    kind: random.pick(hangKinds),
    size: random.int(0, 2),
    from: random.int(0, durationMs),
    forMs: random.span(3_000, 60_000),
  }));
}

function drawByMood(random: Random, scenario: Scenario): Fault[] {
  const mood = random.weighted<'calm' | 'one kind' | 'overlapping' | 'crossed' | 'mixed' | 'hostile'>([
    [8, 'calm'],
    [24, 'one kind'],
    [10, 'overlapping'],
    [12, 'crossed'],
    [26, 'mixed'],
    [20, 'hostile'],
  ]);
  const switches = drawSwitches(random, scenario);
  // Where nothing else goes wrong, nothing may come twice.
  const isNarrow = scenario.sinkRecordsASecond !== undefined || scenario.isRealSink === true;
  if (isNarrow && random.fork('narrow-sink').chance(0.5)) return switches;
  if (scenario.hasFiles === true && random.fork('files').chance(0.5))
    return [...drawAt(random.fork('at files'), scenario, callsOfFiles), ...switches];
  if (scenario.silence?.until === Number.POSITIVE_INFINITY && random.fork('lasting-silence').chance(0.85))
    return [...skewBeforeSilence(random, scenario), ...switches];
  const changes = scenario.retentions;
  // A change that comes after a day comes in an outage.
  if (changes !== undefined && (changes[0]!.at > hourMs || random.fork('retention').chance(0.5)))
    return [...switches, outageAround(random.fork('outage'), changes)];
  if (scenario.bucket !== undefined && random.fork('bucket').chance(0.15)) return switches;
  if (scenario.bucket !== undefined && random.fork('at bucket').chance(0.6))
    return [...drawAt(random.fork('calls of a bucket'), scenario, callsOfBucket, bucketFaultKinds), ...switches];
  if (scenario.shardParts !== undefined && random.fork('parts').chance(0.4))
    return [...switches, ...drawLateParts(random.fork('late parts'), scenario)];
  if (scenario.chunkBytes !== undefined && random.fork('chunks').chance(0.5))
    return [...switches, ...drawLateParts(random.fork('late parts'), scenario)];
  if (scenario.chunkBytes !== undefined && scenario.kind !== 'map-only' && random.fork('steps').chance(0.7))
    return [...switches, ...drawInSteps(random.fork('in steps'))];
  if (scenario.consumerType !== 'GetRecords' && random.chance(0.52))
    return [...drawAt(random, scenario, callsOfFanOut), ...switches];
  if (scenario.consumerType === 'GetRecords' && random.chance(0.075)) return drawAt(random, scenario, callsOfPolling);
  if (mood === 'calm') return switches;
  if (mood === 'crossed') return [...drawCrossing(random, scenario), ...drawCrossing(random, scenario), ...switches];
  const kinds = mood === 'one kind' ? [drawKind(random, scenario)] : mood === 'overlapping' ? overlapping : undefined;
  const count = mood === 'hostile' ? random.int(14, 40) : random.int(3, kinds === undefined ? 12 : 25);
  const faults = Array.from({ length: count }, () =>
    drawFault(random, scenario, random.pick(kinds ?? [drawKind(random, scenario)])),
  );
  const weather = kinds === undefined ? drawWeather(random, scenario) : [];
  return [
    ...faults.filter((fault) => fault !== undefined),
    ...weather,
    ...outageOf(random),
    ...skewBeforeSilence(random, scenario),
    ...wideSinkTrouble(scenario),
    ...switches,
  ];
}

function drawKind(random: Random, { consumerType }: Scenario): FaultKind {
  const polls = consumerType === 'GetRecords';
  if (random.chance(0.85)) return random.pick(polls ? callFaultKinds : [...callFaultKinds, ...fanOutFaultKinds]);
  const spans = spanFaultKinds.filter((kind) => kind !== 'time-jump');
  return random.pick(polls ? spans : [...spans, ...fanOutSpanKinds]);
}

function drawFault(random: Random, scenario: Scenario, kind: FaultKind): Fault | undefined {
  return isSpanKind(kind) ? drawSpan(random, scenario, kind) : drawStrike(random, scenario, kind);
}

const isSpanKind = (kind: FaultKind): kind is SpanFaultKind =>
  ([...spanFaultKinds, ...fanOutSpanKinds, ...outageKinds, ...hangKinds] as readonly string[]).includes(kind);

export function drawStrike(
  random: Random,
  scenario: Scenario,
  kind: CallFaultKind,
  isThere: (place: Place) => boolean = () => true,
): CallFault | undefined {
  const when = random.pick(['before', 'after'] as const);
  const possible = placesOf(scenario).filter((place) => isThere(place) && canStrike(kind, place, when));
  if (possible.length === 0) return undefined;
  // Steps alike, then writes before reads: what a step makes many of should not take all the strikes.
  const step = random.pick([...new Set(possible.map((place) => place.step))]);
  const there = possible.filter((place) => place.step === step);
  const writes = there.filter((place) => place.isWrite);
  const place = random.pick(writes.length > 0 && random.chance(0.6) ? writes : there);
  return {
    kind,
    size: sizeOf(random, kind),
    step: place.step,
    call: place.call,
    when,
    occurrence: random.int(1, Math.max(1, place.often)),
  };
}

/** Half answers, at calls of all kinds: in some runs one or two, in some many in a row. */
export function drawHollow(random: Random, scenario: Scenario): CallFault[] {
  // What a silence for good shows is seen where nothing but stamps goes wrong.
  const isWatched = scenario.silence?.until === Number.POSITIVE_INFINITY;
  if (!random.chance(isWatched ? 0.05 : 0.2)) return [];
  const count = random.pick([2, 5, 12, 30]);
  const calls = random.chance(0.4) ? sourceCalls : undefined;
  const isThere = ({ call }: Place): boolean => calls === undefined || calls.has(call);
  return Array.from({ length: count }, () => drawStrike(random, scenario, 'hollow', isThere)).filter(
    (fault) => fault !== undefined,
  );
}

export function sizeOf(random: Random, kind: CallFaultKind): number {
  if (kind === 'hollow') return random.int(0, 9_999);
  if (kind === 'zombie') return random.chance(0.1) ? random.span(hourMs, 40 * hourMs) : random.span(200, 900_000);
  if (kind === 'sleeper') return random.span(1, 60);
  if (kind === 'slow') return random.span(100, 9_000);
  if (kind === 'throttle' || kind === 'partial' || kind === 'quota') return random.int(1, 6);
  if (kind === 'stream-error') return random.int(0, passingStreamErrors - 1);
  return 0;
}

const spanSizes: Readonly<Record<SpanFaultKind, (random: Random) => number>> = {
  // Up to the margin of idle positions.
  skew: (random) => (random.chance(0.5) ? random.span(100, 110_000) : random.int(40_000, 118_000)),
  'stale-listing': (random) => random.span(500, 40_000),
  stretch: (random) => random.span(5_000, 60_000),
  'short-pages': (random) => random.int(1, 5),
  'sick-shard': (random) => random.int(0, 2),
  'refused-trimmed': () => 1,
  'refused-continuation': () => 1,
  'kinesis-outage': () => 1,
  'dynamodb-outage': () => 1,
  'lambda-outage': () => 1,
  'kinesis-hang': (random) => random.int(0, 2),
  'dynamodb-hang': (random) => random.int(0, 2),
  'sink-refusals': (random) => random.int(5, 60),
  'no-schedule': () => 1,
  'late-schedule': (random) => random.int(1_000, 50_000),
  'double-schedule': () => 1,
  'cold-starts': (random) => random.int(500, 2_800),
  'invoke-throttle': () => 1,
  'ttl-sweep': () => 1,
  'stale-reads': (random) => random.int(500, 5_000),
  'time-jump': () => 1,
};

function drawSpan(random: Random, scenario: Scenario, kind: SpanFaultKind): SpanFault {
  const from = random.int(0, scenario.durationMs);
  return { kind, size: spanSizes[kind](random), from, forMs: random.int(5_000, 90_000) };
}

/** Of any kind, where shards and their consumer are read: there are many other places, and these would have few. */
const callsOfFanOut: readonly (readonly [weight: number, call: string])[] = [
  [30, 'event'],
  [20, 'subscribe'],
  [16, 'describe-consumer'],
  [24, 'list-tags'],
  [10, 'register'],
];
const callsOfPolling: typeof callsOfFanOut = [
  [1, 'open'],
  [1, 'read'],
];

const callsOfFiles: typeof callsOfFanOut = [
  [4, 'put-file'],
  [3, 'put-names'],
  [2, 'put-list'],
  [1, 'load-names'],
];

const callsOfBucket: typeof callsOfFanOut = [
  [4, 'put-object'],
  [3, 'get-object'],
  [3, 'delete-objects'],
  [2, 'list-objects'],
  [1, 'put-sweep'],
];
const anywhereKinds = [...callFaultKinds, ...fanOutFaultKinds].filter(
  (kind) => kind !== 'partial' && kind !== 'expired',
);
/** What a bucket does more often than others: limits, and answers that are lost or lack something. */
const bucketFaultKinds: readonly CallFaultKind[] = [
  ...callFaultKinds,
  ...Array.from({ length: 4 }, () => ['hollow', 'throttle', 'lost'] as const).flat(),
];

/** Where the source is read, files are written, or large values lie, and nowhere else. */
function drawAt(
  random: Random,
  scenario: Scenario,
  calls: typeof callsOfFanOut,
  kinds: readonly CallFaultKind[] = anywhereKinds,
): CallFault[] {
  return Array.from({ length: random.int(10, 40) }, () => {
    const there = random.weighted(calls);
    return drawStrike(random, scenario, random.pick(kinds), ({ call }) => call === there);
  }).filter((fault) => fault !== undefined);
}

/** Where rows are stored in steps, and loaded to be sent. */
function drawInSteps(random: Random): CallFault[] {
  const kinds = callFaultKinds.filter((kind) => kind !== 'partial' && kind !== 'expired');
  // Where nothing goes wrong, nothing may come twice.
  return Array.from({ length: random.chance(0.2) ? 0 : random.int(1, 12) }, () => {
    const { step, call, isWrite, often } = random.weighted(
      stepsOfOutboxes.map((place) => [place.isWrite ? 3 : 1, place]),
    );
    const kind = random.pick(kinds);
    const when = kind === 'throttle' || !isWrite || random.chance(0.5) ? 'before' : 'after';
    return { kind, size: sizeOf(random, kind), step, call, when, occurrence: random.int(1, often) };
  });
}

/** Deployments that read in the other way than the code before. */
export function drawSwitches(random: Random, { consumerType }: Scenario): CallFault[] {
  if (consumerType !== 'switches') return [];
  return Array.from({ length: random.int(2, 4) }, () => ({
    kind: 'deploy',
    size: 0,
    step: 'plan-batch',
    call: 'invoke',
    when: 'after',
    occurrence: random.int(2, 25),
  }));
}

/** Two invocations with the same work at the same time. */
const overlapping: readonly FaultKind[] = [
  'sleeper',
  'sleeper',
  'sleeper',
  'zombie',
  'doubled',
  'slow',
  'halt',
  'twin',
];

/** Some lie over most of a run. */
function drawWeather(random: Random, scenario: Scenario): SpanFault[] {
  return lastingKinds
    .filter(() => random.chance(0.12))
    .map((kind) => {
      const from = random.int(0, scenario.durationMs >> 1);
      return {
        kind,
        size: spanSizes[kind](random),
        from,
        forMs: random.int(scenario.durationMs >> 2, scenario.durationMs),
      };
    });
}

const lastingKinds: readonly SpanFaultKind[] = [
  'skew',
  'stale-listing',
  'stretch',
  'short-pages',
  'sick-shard',
  'stale-reads',
];

/** A pipeline that stood still for hours or days: retention, expiry and idle positions are passed over. */
function outageOf(random: Random): SpanFault[] {
  if (!random.chance(0.07)) return [];
  const from = random.int(20_000, 150_000);
  const forMs = random.chance(0.4) ? random.int(25 * hourMs, 60 * hourMs) : random.span(hourMs, 60 * hourMs);
  const sweep: SpanFault = { kind: 'ttl-sweep', size: 1, from: from + Math.floor(forMs * random.next()), forMs: 1 };
  return [{ kind: 'time-jump', size: 1, from, forMs }, ...(random.chance(0.7) ? [sweep] : [])];
}

/** Longer than the retention was, and at times shorter than it is: what is left tells which of the two holds. */
function outageAround(random: Random, [first]: NonNullable<Scenario['retentions']>): SpanFault {
  const isWithin = first!.at > hourMs;
  const from = isWithin ? random.int(20_000, 60_000) : random.int(10_000, first!.at + 150_000);
  return { kind: 'time-jump', size: 1, from, forMs: random.int(isWithin ? 40 : 20, 80) * hourMs };
}

/** The last stamps before a silence are out of order: a position two minutes behind the tip lies among them. */
function skewBeforeSilence(random: Random, { silence }: Scenario): SpanFault[] {
  if (silence === undefined || random.chance(0.1)) return [];
  const from = Math.max(0, silence.from - skewedBeforeSilenceMs);
  return [{ kind: 'skew', size: random.int(90_000, 118_000), from, forMs: silence.from - from }];
}

/** Who is to close windows finds a batch that another has sealed at the tip, a lease before. */
function lostBeforeClosing(random: Random, { closing, kind }: Scenario): CallFault[] {
  if (closing === undefined || kind === 'map-only' || random.chance(0.4)) return [];
  return Array.from({ length: random.int(2, 5) }, () => ({
    kind: 'halt',
    size: 0,
    step: 'commit-batch',
    call: random.pick(['load-body', 'put-progress']),
    when: 'before',
    occurrence: random.int(2, 18),
  }));
}

/** An outbox of several requests of which only the first goes through: the note of what was sent counts then. */
function wideSinkTrouble(scenario: Scenario): CallFault[] {
  if (scenario.kind !== 'wide') return [];
  const fault = { kind: 'throttle', size: 4, step: 'reduce-key-group', call: 'send', when: 'before' } as const;
  return [2, 8, 14].map((occurrence) => ({ ...fault, occurrence }));
}
