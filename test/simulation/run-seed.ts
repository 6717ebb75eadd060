/** From a seed to a run, and from a run that failed to the fewest faults that make it fail. */
import { mainOutput } from '../../functions/pipeline/outputs.ts';
import { letterOutput } from '../../functions/pipeline/side-outputs.ts';
import { drawAtNotes } from './faults/at-notes.ts';
import { drawAtSegments } from './faults/at-segments.ts';
import { drawAtWritesOfSink } from './faults/at-writes-of-sink.ts';
import { drawFaults, drawHollow } from './faults/draw-faults.ts';
import { drawStops } from './faults/draw-stops.ts';
import type { Fault } from './faults/fault.ts';
import { drawNewAggregates } from './faults/new-aggregates.ts';
import { drawNewModes } from './faults/new-modes.ts';
import { Random } from './random.ts';
import type { Calls } from './world/called-function.ts';
import { asReader, asSender, drawAtSends, withoutLoss } from './world/chain-scenario.ts';
import { withDelivery } from './world/delivery.ts';
import { drawAtDetaching, drawDetaching, drawDetachingOthers, drawGoingBack } from './world/detaching.ts';
import { drawKeptLetters } from './world/letter-keeping.ts';
import { mayHaveLetterOutput } from './world/letter-output.ts';
import {
  drawAtFences,
  drawAtOperations,
  drawAtRedrives,
  drawFences,
  drawOperations,
  drawRedrives,
  plainly,
} from './world/operations.ts';
import { changes } from './world/result-draws.ts';
import type { RunResult } from './world/run-result.ts';
import { consumerShares, drawScenario, type Scenario } from './world/scenario.ts';
import { createSdkClients } from './world/sdk-clients.ts';
import type { SentRecord } from './world/sent-records.ts';
import { drawSourceScenario } from './world/source-scenario.ts';
import { withWaves } from './world/waves.ts';
import { World } from './world/world.ts';

/**
 * What seeds are drawn from: all there is; pipelines that poll, that read by fan-out, or that go to and fro; or the source
 * alone, with much resharding and nothing that goes wrong but stops. Or all there is, and of results a live view beside the stream; or the first
 * output goes to a delivery stream of Firehose, to a function, or to one of the user's own before the stream. Or chains of
 * two pipelines, of which the second reads what the first has sent. Or results are files, in the place of the stream. Or an operator goes back to
 * earlier batches, and changes the number of key groups. Or dead letters are redriven. Or tasks and key groups come in waves.
 */
export const profiles = [
  'usual',
  'polling',
  'fan-out',
  'switching',
  'source',
  'view',
  'firehose',
  'lambda',
  'calls',
  'files',
  'chain',
  'operated',
  'detached',
  'detached-others',
  'detached-rewound',
  'redriven',
  'fenced',
  'kept-letters',
  'waves',
] as const;
export type Profile = (typeof profiles)[number];

const sharesOf = {
  usual: consumerShares,
  view: consumerShares,
  firehose: consumerShares,
  lambda: consumerShares,
  calls: consumerShares,
  chain: consumerShares,
  operated: consumerShares,
  detached: consumerShares,
  'detached-others': consumerShares,
  'detached-rewound': consumerShares,
  redriven: consumerShares,
  fenced: consumerShares,
  'kept-letters': consumerShares,
  waves: consumerShares,
  files: consumerShares,
  polling: { SubscribeToShard: 0, switches: 0 },
  'fan-out': { SubscribeToShard: 1, switches: 0 },
  switching: { SubscribeToShard: 0, switches: 1 },
  // Both ways of reading alike, once the usual seeds have both.
  source: consumerShares.SubscribeToShard === 0 ? consumerShares : { SubscribeToShard: 0.4, switches: 0.2 },
};

/** Those whose results are in streams alone. */
const isOperated: ReadonlySet<Profile> = new Set(['usual', 'polling', 'fan-out', 'switching', 'operated']);
/** The same, where letters are redriven and nobody goes back. */
const isRedriven: ReadonlySet<Profile> = new Set(['usual', 'redriven']);
/** Of scenarios without what does not go with operators between two batches. */
const arePlain: ReadonlySet<Profile> = new Set(['redriven', 'detached-rewound']);
const redrivenShare = 0.1;

const usualShare = 0.3;
/** Of those with a second output of results. */
const usualDetached = 0.15;

export type SeedOptions = {
  readonly profile?: Profile;
  /** Instead of those that the seed draws. */
  readonly faults?: readonly Fault[];
  readonly throughSdk?: boolean;
  readonly onTrace?: (line: string) => void;
};

export function drawRun(
  seed: number,
  profile: Profile = 'usual',
): { readonly scenario: Scenario; readonly faults: readonly Fault[] } {
  const random = new Random(seed);
  if (profile === 'source') {
    const scenario = drawSourceScenario(random.fork('scenario'), sharesOf.source);
    return { scenario, faults: drawStops(random.fork('faults'), scenario) };
  }
  const anyScenario = drawScenario(random.fork('scenario'), sharesOf[profile]);
  const drawn = arePlain.has(profile) ? plainly(anyScenario) : inWaves(profile, anyScenario, random);
  if (profile === 'chain') {
    const reader = asReader(random.fork('reader'), drawn);
    const scenario = { ...reader, ...drawOperations(random.fork('operations'), reader, usualShare) };
    const faults = [
      ...drawFaults(random.fork('faults'), scenario),
      ...drawAtOperations(random.fork('at operations'), scenario),
    ];
    return { scenario, faults: withoutLoss(faults) };
  }
  const delivered =
    profile === 'calls' ? withCallsOf(drawn, random.fork('calls')) : inProfile(profile, drawn, random.fork('delivery'));
  const operated = isOperated.has(profile)
    ? { ...delivered, ...drawOperations(random.fork('operations'), delivered, profile === 'operated' ? 1 : usualShare) }
    : delivered;
  const isDetached = profile === 'detached' || profile === 'detached-rewound';
  const detached =
    isDetached || profile === 'usual'
      ? {
          ...operated,
          ...drawDetaching(random.fork('detaching'), operated, {
            share: isDetached ? 1 : usualDetached,
            forces: isDetached,
          }),
        }
      : profile === 'detached-others'
        ? { ...operated, ...drawDetachingOthers(random.fork('detaching'), operated) }
        : operated;
  const rewound =
    profile === 'detached-rewound' ? { ...detached, ...drawGoingBack(random.fork('going back'), detached) } : detached;
  const redriven =
    rewound.detached === undefined && isRedriven.has(profile)
      ? { ...rewound, ...drawRedrives(random.fork('redrives'), rewound, profile === 'redriven' ? 1 : redrivenShare) }
      : rewound;
  const scenario = { ...redriven, ...besidesIn(profile, redriven, random) };
  const atItsWrites = drawAtWritesOfSink(random.fork('at writes'), scenario);
  if (atItsWrites.length > 0) return { scenario, faults: atItsWrites };
  const faults = drawFaults(random.fork('faults'), scenario);
  const besides = [
    drawHollow(random.fork('hollow'), scenario),
    drawAtSegments(random.fork('at segments'), scenario),
    drawAtNotes(random.fork('at notes'), scenario),
    drawNewModes(random.fork('new modes'), scenario),
    drawNewAggregates(random.fork('new aggregates'), scenario),
    drawAtOperations(random.fork('at operations'), scenario),
    drawAtDetaching(random.fork('at detaching'), scenario),
    drawAtRedrives(random.fork('at redrives'), scenario),
    drawAtFences(random.fork('at fences'), scenario),
  ];
  return { scenario, faults: [...faults, ...besides.flat()] };
}

const inWaves = (profile: Profile, scenario: Scenario, random: Random): Scenario =>
  profile === 'waves' ? withWaves(scenario, random.fork('waves')) : scenario;

function besidesIn(profile: Profile, scenario: Scenario, random: Random): Partial<Scenario> {
  if (profile === 'fenced') return drawFences(random.fork('fences'), scenario);
  return profile === 'kept-letters' ? drawKeptLetters(random.fork('kept letters'), scenario) : {};
}

function inProfile(profile: Profile, drawn: Scenario, random: Random): Scenario {
  if (profile === 'view') return withViewOf(drawn, random.fork('long keys'));
  if (profile === 'files') return withFilesOf(drawn, random.fork('moves'));
  if (profile === 'firehose') return withDelivery(random, 'firehose', drawn);
  return profile === 'lambda' ? withDelivery(random, 'function', drawn) : drawn;
}

/** In the place of a stream that is as wide as it has to be. */
const withFilesOf = (scenario: Scenario, random: Random): Scenario =>
  (scenario.kind === 'map-only' && scenario.sealed?.includes('main') !== true) ||
  scenario.sinkRecordsASecond !== undefined ||
  scenario.isRealSink === true
    ? scenario
    : { ...scenario, hasFiles: true, ...(random.chance(0.4) ? { movesFiles: true } : {}) };

/** Events are called with after the seal: what executors may not ask for is not drawn. */
function withCallsOf(scenario: Scenario, random: Random): Scenario {
  const { kind, oddValues, large, sealed = [] } = scenario;
  if (oddValues !== undefined) return scenario;
  const calls = { maxRows: random.int(0, 8) };
  const killing = withKillingCalls({ ...scenario, calls }, random.fork('killing'));
  if (killing !== undefined) return killing;
  if (kind !== 'map-only') return withCallsOfSides({ ...scenario, calls }, random);
  if (large !== undefined) return scenario;
  return withCallsOfSides({ ...scenario, calls, sealed: [...new Set([mainOutput, ...sealed])] }, random);
}

/** A row ends both of two functions, a minute apart each time, and is given up by both: of pipelines that nothing else is asked of. */
function withKillingCalls(scenario: Scenario & { readonly calls: Calls }, random: Random): Scenario | undefined {
  const { kind, further, large, deadly, deadlyRow, sinkRecordsASecond, scheduleMs, isOneGroup } = scenario;
  const others = [further, large, deadly, deadlyRow, sinkRecordsASecond, scheduleMs, isOneGroup];
  // Of windows that overlap more rows would be given up at once than may be.
  const { rowRule, hasSeveralRows, top, withinMs, reference, silence, hasLateOutput, slideMs } = scenario;
  const more = [rowRule, hasSeveralRows, top, withinMs, reference, silence, hasLateOutput, slideMs];
  const isPlain = [...others, ...more].every((corner) => corner === undefined) && !changes(scenario);
  if ((kind !== 'windowed' && kind !== 'per-batch') || !isPlain || !random.chance(0.1)) return undefined;
  return {
    ...scenario,
    deadlyRow: { how: 'exit', at: [random.int(0, scenario.durationMs >> 1)] },
    further: { refuses: false },
    hasLetterOutput: true,
    calls: { ...scenario.calls, kills: true, ...(random.chance(0.5) ? { sides: true } : {}) },
  };
}

/** Of some the function is called with late events and letters as well: letters have an output more often than elsewhere. */
function withCallsOfSides(scenario: Scenario & { readonly calls: Calls }, random: Random): Scenario {
  const hasLetterOutput = scenario.hasLetterOutput === true || (mayHaveLetterOutput(scenario) && random.chance(0.2));
  if ((!hasLetterOutput && scenario.hasLateOutput !== true) || !random.chance(0.8)) return scenario;
  const { kind, sealed = [] } = scenario;
  return {
    ...scenario,
    ...(hasLetterOutput ? { hasLetterOutput } : {}),
    ...(hasLetterOutput && kind === 'map-only' ? { sealed: [...new Set([...sealed, letterOutput])] } : {}),
    calls: { ...scenario.calls, sides: true },
  };
}

/** Of whole results, of which the latest stands for all, and of values that an item may have. */
function withViewOf(scenario: Scenario, random: Random): Scenario {
  const { kind, discards, oddValues, large, sealed = [] } = scenario;
  if (discards === true || oddValues !== undefined) return scenario;
  if (kind !== 'map-only') return { ...scenario, hasView: true };
  if (large !== undefined) return scenario;
  const long = random.chance(0.5) ? ({ hasLongKeys: true } as const) : {};
  return { ...scenario, hasView: true, ...long, sealed: [...new Set([mainOutput, ...sealed])] };
}

/** What the first pipeline of a chain has sent by its end, when all that slept has woken up. */
async function runSender(seed: number): Promise<RunResult & { readonly sent: readonly SentRecord[] }> {
  const random = new Random(seed).fork('sender');
  const scenario = asSender(drawScenario(random.fork('scenario')));
  const faults = [...drawFaults(random.fork('faults'), scenario), ...drawAtSends(random.fork('sends'), scenario)];
  const sent: SentRecord[] = [];
  const run = await new World({ seed, scenario, faults, onSent: (records) => sent.push(...records) }).run();
  return { ...run, sent };
}

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<RunResult> {
  const { scenario, faults } = drawRun(seed, options.profile);
  const sender = options.profile === 'chain' ? await runSender(seed) : undefined;
  if (sender !== undefined && sender.violations.length > 0) return sender;
  const { onTrace, throughSdk } = options;
  return new World({
    seed,
    scenario,
    faults: options.faults ?? faults,
    ...(sender === undefined ? {} : { sent: sender.sent }),
    ...(onTrace === undefined ? {} : { onTrace }),
    ...(throughSdk ? { sdk: await createSdkClients(seed) } : {}),
  }).run();
}

const maxTries = 60;
/** Of all tries together; those of a large stream cost as much as a hundred others. */
const maxRequests = 150_000;

/** Leaves out halves, quarters and so on to single faults, as long as the same promise stays broken. */
export async function shrink(
  seed: number,
  faults: readonly Fault[],
  options: SeedOptions = {},
): Promise<readonly Fault[]> {
  const first = await runSeed(seed, { ...options, faults });
  const invariant = first.violations[0]?.invariant;
  if (invariant === undefined) return faults;
  let left = faults;
  let tries = 0;
  let { requests } = first;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length && tries < maxTries && requests < maxRequests; ) {
      const candidate = [...left.slice(0, at), ...left.slice(at + size)];
      tries += 1;
      const run = await runSeed(seed, { ...options, faults: candidate });
      requests += run.requests;
      if (run.violations[0]?.invariant === invariant) left = candidate;
      else at += size;
    }
  }
  return left;
}
