/** What a seed stands for beside its faults: a pipeline, a stream, what is put into it and how it is resharded. */

import type { Request } from '../../../functions/core/driver.ts';
import type { KeptLimits } from '../../../functions/core/kept-partials.ts';
import type { PartSizes } from '../../../functions/core/shard-parts.ts';
import type { StateLimits } from '../../../functions/core/state/manifest.ts';
import type { Random } from '../random.ts';
import { drawAggregatedOutput } from './aggregated-output.ts';
import type { Calls } from './called-function.ts';
import { type CornerFields, withCorners } from './corners.ts';
import { type Deadly, type DeadlyKind, type DeadlyRow, deadlyKinds } from './deadly-code.ts';
import type { Delivery } from './delivery.ts';
import type { Detaching } from './detaching.ts';
import type { FurtherOutput } from './further-output.ts';
import type { KeptLetters } from './letter-keeping.ts';
import { drawLetterOutput } from './letter-output.ts';
import type { Operation } from './operations.ts';
import { drawReference, type ReferenceScenario } from './reference.ts';
import { changes, resultDraws } from './result-draws.ts';
import type { RowRule, TopRule } from './row-rules.ts';
import { drawSealedOutputs } from './sealed-outputs.ts';
import { streamCorners } from './stream-corners.ts';
import type { Waves } from './waves.ts';
import type { DaysOfZone } from './zones.ts';

export const scenarioKinds = ['windowed', 'per-batch', 'map-only', 'wide'] as const;
export type ScenarioKind = (typeof scenarioKinds)[number];

export type ConsumerType = 'GetRecords' | 'SubscribeToShard';

export type Scenario = CornerFields & {
  readonly kind: ScenarioKind;
  readonly machine: 'EXPRESS' | 'STANDARD';
  /** 'switches': each deployment reads in the other way. */
  readonly consumerType: ConsumerType | 'switches';
  /** An idle shard is heard of so often. */
  readonly idleEventMs: number;
  /** What the schedule starts executions with. */
  readonly request: Request;
  readonly shards: number;
  readonly sinkShards: number;
  /** What is left of a sink shard's capacity; all of it, if not said. */
  readonly sinkRecordsASecond?: number;
  readonly parallelism: number;
  readonly shardsPerTask: number | 'auto';
  readonly maxFetch: number;
  readonly triggerMs: number;
  readonly describeMs: number;
  readonly delayMs: number;
  readonly windowMs: number;
  /** Windows overlap: one begins each so often. */
  readonly slideMs?: number;
  /** Windows are sessions. */
  readonly gapMs?: number;
  /** There is one for each key, of all time; the key is forgotten so long after its latest event. */
  readonly ttlMs?: number;
  /** Windows are days. */
  readonly zone?: DaysOfZone;
  /** When the run begins, if not when all do. */
  readonly startsAt?: number;
  /** Results are corrected for so long; 0 is asked for as well. */
  readonly latenessMs?: number;
  /** Nobody is told of rows that hold no more. */
  readonly ignoresRetractions?: true;
  /** When results are given out; 'append' if not said. */
  readonly mode?: 'update' | 'complete';
  /** That of each other deployment. */
  readonly otherMode?: 'append' | 'update';
  /** Late events have an output of their own. */
  readonly hasLateOutput?: true;
  /** Each other deployment has one aggregate more and one less. */
  readonly otherAggregates?: true;
  /** What reducers have of memory, until the operator is told that it does not do; as much as it takes if not said. */
  readonly reducerBytes?: number;
  /** Of a pipeline without aggregation, ids of outputs that are sent to after the seal; the others are sent to while it reads. */
  readonly sealed?: readonly string[];
  /** What is kept of dead letters, if the pipeline says so. */
  readonly keptLetters?: KeptLetters;
  /** Dead letters have an output of their own. */
  readonly hasLetterOutput?: true;
  /** A result is of what has come since the one before. */
  readonly discards?: true;
  /** `groupBy({})` */
  readonly isOneGroup?: true;
  readonly rowRule?: RowRule;
  /** Of events of a key that are less than this apart one passes (`dropDuplicates`), in the place of windows. */
  readonly withinMs?: number;
  /** The same before windows: of events of a key and a part of it, which then are grouped by key. */
  readonly distinctMs?: number;
  /** Of each window so many rows are given out, in this order. */
  readonly top?: TopRule;
  /** What every other deployment has in its place. */
  readonly otherTop?: TopRule;
  /** Events become several elements, or none. */
  readonly hasElements?: true;
  /** A result becomes several rows, or none. */
  readonly hasSeveralRows?: true;
  readonly idleTimeoutMs: number;
  readonly minBatchesToRetain: number;
  /** Values over so many bytes lie in chunks; as the product has it if not said. */
  readonly chunkBytes?: number;
  /** How states are cut into segments and merged; as the product does if not said. */
  readonly stateLimits?: StateLimits;
  /** False: no aggregate is of the user's own, so what is open is added to without being read. */
  readonly hasOwnCode?: false;
  /** Checkpoints lie in parts, however few there are. */
  readonly shardParts?: PartSizes;
  /** Of more shards than this a block leaves out idle ones; as the product has it if not said. */
  readonly fewShards?: number;
  /** What outputs have acknowledged is noted so often while shards are read; as the product has it if not said. */
  readonly noteEveryMs?: number;
  /** What an executor counts in memory before it stores a part of its block; as the product has it if not said. */
  readonly tableBytes?: number;
  /** Which partial aggregates blocks keep; as the product has it if not said. */
  readonly keptLimits?: KeptLimits;
  /** False: plans are items, also small ones. */
  readonly passesPlans?: false;
  /** Bytes that blocks may keep and the body has in itself; as the product has it if not said. */
  readonly mostKeptInBody?: number;
  /** What is larger is an object in a bucket, where orphans are looked for so often. Absent: there is none. */
  readonly bucket?: { readonly leastObjectBytes: number; readonly sweepEveryMs: number };
  /** Of a key, one record in a request to a sink. */
  readonly ordered?: true;
  /** The schema does not show which fields it reads: payloads are read as a whole. */
  readonly hasOpaqueSchema?: true;
  readonly retentionMs: number;
  readonly failOnDataLoss: boolean;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  /** Every execution reads what is there when it begins, and ends. */
  readonly availableNow: boolean;
  readonly events: number;
  readonly keys: number;
  readonly durationMs: number;
  /** One record each so often, instead of some in bursts and some at any time. */
  readonly everyMs?: number;
  readonly large?: LargeRecords;
  /** The consumer is another account's, whose owner alone may register it and see its tags. */
  readonly hasGivenConsumer?: boolean;
  /** Events are put in aggregated records of up to this many. */
  readonly perRecord: number;
  /** Share of events that are malformed, from the future, filtered, or later than the watermark's delay allows. */
  readonly oddShare: number;
  /** The sink's or the row's callback throws for the last key. */
  readonly hasPoison: boolean;
  readonly maxClockSkewMs: number;
  /** The first so many keys are silent for minutes, milliseconds after the start, while the others go on. */
  readonly silence: { readonly from: number; readonly until: number; readonly keys: number } | undefined;
  /**
   * Of the last records before a silence for good, where stamps are off: from as far ahead as they may be to as far behind.
   * In any order if not said.
   */
  readonly lastStamps?: 'falling';
  /** Of calls of functions; 0.03 if not said. */
  readonly coldShare?: number;
  /** Milliseconds after the start. */
  readonly reshards: readonly { readonly at: number; readonly kind: 'split' | 'merge' | 'scale' | 'split-sink' }[];
  /**
   * With several events a record: the producer packs events of several keys by its own map of the shards, and sends
   * again what arrived elsewhere.
   */
  readonly isKpl: boolean;
  /** Those that depend on the order of events, sketches and lists, beside the plain ones. */
  readonly moreAggregates?: true;
  /** A record that kills its executor. */
  readonly deadly?: Deadly;
  readonly deadlyRow?: DeadlyRow;
  /** What user code takes for each row; no time if not said. */
  readonly rowMs?: number;
  /** The first output has several records in one of the stream. */
  readonly aggregates?: true;
  /** What callbacks are given beside events and rows. */
  readonly reference?: ReferenceScenario;
  /** There is a second output. */
  readonly further?: FurtherOutput;
  /** The first output goes to something else than a stream. */
  readonly delivery?: Delivery;
  /** The source is what another pipeline has sent, and repeats of that are dropped. */
  readonly deduplicates?: true;
  /** Results are put into a table as well, which holds the latest version of each. */
  readonly hasView?: true;
  /** Results go to a function of the user's own, part by part, which puts them into the stream. */
  readonly calls?: Calls;
  /** There without aggregation the keys of the latest events are too long for a table. */
  readonly hasLongKeys?: true;
  /** Results are written as files, and not to the stream. */
  readonly hasFiles?: true;
  /** And each deployment puts them to another place, in other folders. */
  readonly movesFiles?: true;
  /** What is done between two batches, one after the other. */
  readonly operations?: readonly Operation[];
  /** An output's sink takes nothing for a while, and an operator detaches it. */
  readonly detached?: Detaching;
  /** Tasks and key groups run in nested executions. */
  readonly waves?: Waves;
  /** The share of events that code throws at until it is mended. */
  readonly brokenShare?: number;
  /** The share of these that mended code does not come back from, when it is given their letters. */
  readonly deadlyLetters?: { readonly how: DeadlyKind; readonly share: number };
  /** The operator deletes the source, and creates it again under its name so much later. Milliseconds after the start. */
  readonly remade?: { readonly at: number; readonly afterMs: number; readonly shards: number };
};

/** Outputs above a MiB, of so many events, to a stream that was set to take so much; their inputs are as large, or small. */
export type LargeRecords = { readonly share: number; readonly sinkKiB: number; readonly areInputs: boolean };

export const sourceName = 'source';
export const sinkName = 'sink';
export const givenConsumerName = 'for-us';
export const maxFutureMs = 600_000;
/** For so long before a silence stamps may be out of order. */
export const skewedBeforeSilenceMs = 10_000;

export type ConsumerShares = { readonly SubscribeToShard: number; readonly switches: number };

/** How many of all seeds read by fan-out, and how many go to and fro between fan-out and polling. */
export const consumerShares: ConsumerShares = { SubscribeToShard: 0.25, switches: 0.1 };

export function drawScenario(random: Random, shares = consumerShares): Scenario {
  const kind = random.weighted<ScenarioKind>([
    [62, 'windowed'],
    [14, 'per-batch'],
    [21, 'map-only'],
    [2, 'wide'],
  ]);
  const shards = random.pick([1, 1, 2, 2, 2, 3, 4]);
  const maxFetch = kind === 'wide' ? 2_000 : random.int(8, 40);
  const drawnTriggerMs = random.pick([
    0, 2_000, 4_000, 5_000, 5_000, 6_000, 8_000, 8_000, 10_000, 12_000, 20_000, 90_000,
  ]);
  const keys = kind === 'wide' ? 700 : random.int(1, 8);
  const passing = kind !== 'wide' && keys > 1 && random.chance(0.08) ? drawSilence(random, keys) : undefined;
  const lasting = drawLastingSilence(random.fork('lasting-silence'), { kind, keys, shards });
  const silence = lasting ?? passing;
  const watched = lasting === undefined ? {} : drawWatched(random.fork('watched-silence'));
  // Minutes of batches that hardly find anything.
  const slowTriggerMs = silence === undefined ? drawnTriggerMs : Math.max(drawnTriggerMs, 5_000);
  const { triggerMs = slowTriggerMs } = watched;
  const durationMs = Math.max(random.int(14_000, 20_000) + triggerMs * random.int(7, 10), endOf(silence));
  const scenario: Scenario = withCorners(random.fork('corners'), {
    kind,
    ...drawConsumer(random.fork('consumer'), shares),
    machine: random.chance(0.85) ? 'EXPRESS' : 'STANDARD',
    request: random.chance(0.12) ? { untilCaughtUp: true } : {},
    shards,
    sinkShards: random.int(1, 2),
    parallelism: kind === 'wide' ? 1 : random.pick([1, 1, 2, 2, 3]),
    shardsPerTask: random.pick<number | 'auto'>([1, 2, 3, 'auto']),
    maxFetch,
    triggerMs,
    describeMs: random.pick([0, 1_000, 10_000, 60_000]),
    delayMs: random.pick([0, 2_000, 10_000]),
    windowMs: random.pick([5_000, 10_000, 30_000]),
    idleTimeoutMs: random.pick([5_000, 15_000, 40_000]),
    minBatchesToRetain: random.pick([2, 3, 5, 10, 100]),
    retentionMs: 86_400_000,
    failOnDataLoss: random.chance(0.2),
    startingPosition: random.pick(['TRIM_HORIZON', 'TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
    events: kind === 'wide' ? random.int(1_300, 1_500) : random.int(205, 260),
    keys,
    silence,
    durationMs,
    perRecord: random.chance(0.3) ? random.int(2, 5) : 1,
    oddShare: random.chance(0.6) ? 0.08 : 0,
    hasPoison: random.chance(0.12),
    maxClockSkewMs: random.pick([0, 100, 400]),
    // A silent shard is to stay one.
    reshards: drawReshards(random, durationMs).filter(() => lasting === undefined),
    isKpl: random.chance(0.7),
    availableNow: random.fork('available-now').chance(0.08),
    ...drawNarrowSink(random.fork('narrow-sink'), kind),
    ...drawChunks(random.fork('chunks')),
    ...drawShardParts(random.fork('shard-parts')),
    ...drawParts(random.fork('parts-of-blocks'), kind),
    ...drawFewShards(random.fork('idle-shards')),
    ...drawNotes(random.fork('notes'), kind),
    ...(random.fork('ordered').chance(0.2) ? { ordered: true } : {}),
    ...(random.fork('opaque-schema').chance(0.4) ? { hasOpaqueSchema: true } : {}),
    ...drawDeadly(random.fork('deadly'), durationMs),
    ...drawDeadlyRow(random.fork('deadly-row'), kind, durationMs),
    ...watched,
    ...drawManyEnds(random.fork('many-ends'), kind, silence !== undefined),
  });
  const drawn = {
    ...withCorners(random.fork('stream-corners'), scenario, streamCorners),
    ...drawLarge(random.fork('large-records'), scenario),
    ...drawGivenConsumer(random.fork('given-consumer'), scenario),
    ...drawSliding(random.fork('sliding'), scenario),
    ...drawMoreAggregates(random.fork('more-aggregates'), scenario),
  };
  const remade = { ...drawn, ...drawRemade(random.fork('remade'), drawn) };
  const results = withCorners(random.fork('results'), remade, resultDraws);
  const written = { ...results, ...drawFurther(random.fork('further-output'), results) };
  const lettered = { ...written, ...drawLetterOutput(random.fork('letter-output'), written) };
  const all = { ...lettered, ...drawSealedOutputs(random.fork('sealed-outputs'), lettered) };
  const equipped = { ...all, ...drawReference(random.fork('reference'), all) };
  const aggregated = {
    ...equipped,
    ...drawAggregatedOutput(random.fork('aggregated-output'), equipped),
    ...drawStateLimits(random.fork('state-limits'), equipped),
  };
  return {
    ...aggregated,
    ...drawBucket(random.fork('bucket'), aggregated),
    ...drawKept(random.fork('kept'), aggregated),
    ...drawApart(random.fork('apart')),
  };
}

/** Small scenarios would have nearly all plans passed on, and all that blocks keep in bodies. */
const drawApart = (random: Random): Pick<Scenario, 'passesPlans' | 'mostKeptInBody'> => ({
  ...(random.chance(0.4) ? { passesPlans: false } : {}),
  ...(random.chance(0.5) ? { mostKeptInBody: random.pick([0, random.int(80, 400)]) } : {}),
});

/** So that of a block some lie in it and others apart. Of few keys almost all are small. */
function drawKept(random: Random, { kind }: Scenario): Partial<Pick<Scenario, 'keptLimits'>> {
  if (kind === 'map-only' || !random.chance(0.6)) return {};
  return { keptLimits: { mostOfGroup: random.pick([0, random.int(40, 150)]), mostOfBlock: random.int(60, 400) } };
}

/** Most values are above these sizes, and are purged soon. */
function drawBucket(
  random: Random,
  { chunkBytes }: Scenario,
): Partial<Pick<Scenario, 'bucket' | 'minBatchesToRetain'>> {
  if (chunkBytes !== undefined || !random.chance(0.05)) return {};
  const bucket = { leastObjectBytes: random.int(20, 300), sweepEveryMs: random.span(5_000, 120_000) };
  return { bucket, minBatchesToRetain: random.int(2, 3) };
}

/** Whose records are small, and whose code lets them live. */
function drawFurther(random: Random, scenario: Scenario): Partial<Scenario> {
  const { kind, large, deadly, deadlyRow, oddValues, scheduleMs, sinkRecordsASecond } = scenario;
  const isPlain = [large, deadly, deadlyRow, oddValues, scheduleMs].every((corner) => corner === undefined);
  // One has what the other is held up with.
  const isHeldUp = kind === 'map-only' && sinkRecordsASecond !== undefined;
  if (!isPlain || !random.chance(isHeldUp ? 0.6 : 0.2)) return {};
  const refuses = kind !== 'map-only' && random.chance(0.5);
  const isByEvents = kind !== 'map-only' && random.chance(changes(scenario) ? 0.6 : 0.1);
  return { further: { refuses, ...(isByEvents ? { isByEvents } : {}) } };
}

/** Of a stream that nothing else happens to afterwards. */
function drawRemade(random: Random, scenario: Scenario): Partial<Scenario> {
  const { durationMs, reshards, large, deadly, deadlyRow, numbers, retentions, scheduleMs, hasGivenConsumer } =
    scenario;
  const isPlain = [large, deadly, deadlyRow, numbers, retentions, scheduleMs, hasGivenConsumer].every(
    (corner) => corner === undefined,
  );
  if (!isPlain || !random.chance(0.025)) return {};
  const at = random.int(2_000, Math.floor(durationMs * 0.7));
  return {
    // Keys go to other shards then, also to such as had nothing yet.
    remade: { at, afterMs: random.chance(0.8) ? random.span(1_500, 15_000) : 120_000, shards: random.int(1, 4) },
    shards: random.int(2, 5),
    keys: random.int(1, 3),
    hasPoison: false,
    reshards: reshards.filter((reshard) => reshard.at < at),
    isKpl: false,
    silence: undefined,
    describeMs: random.pick([1_000, 10_000, 60_000, 600_000]),
  };
}

function drawMoreAggregates(random: Random, { kind }: Scenario): Partial<Scenario> {
  const isGrouped = kind === 'windowed' || kind === 'per-batch';
  return isGrouped && random.chance(0.15) ? { moreAggregates: true } : {};
}

/** Megabytes take time to make, to parse and to compare: few seeds, and few events of each. */
function drawLarge(random: Random, { kind, perRecord, shards, scheduleMs }: Scenario): Partial<Scenario> {
  const isPlain = kind === 'map-only' && perRecord === 1 && shards < 10 && scheduleMs === undefined;
  if (!isPlain || !random.chance(0.04)) return {};
  const share = random.pick([0.01, 0.02]);
  return { large: { share, sinkKiB: random.pick([1_024, 2_048, 3_072]), areInputs: random.chance(0.5) } };
}

/** Of few events in coarse panes there are none: mostly few keys. Rows that take time, and those that die, would be many. */
function drawSliding(random: Random, scenario: Scenario): Partial<Pick<Scenario, 'slideMs' | 'keys'>> {
  const { kind, windowMs, deadlyRow, sinkRecordsASecond, scheduleMs, silence, keys, shards } = scenario;
  const isPlain = [deadlyRow, sinkRecordsASecond, scheduleMs, silence].every((corner) => corner === undefined);
  if (kind !== 'windowed' || !isPlain || windowMs % 1_000 !== 0 || shards >= 10 || !random.chance(0.1)) return {};
  // The last two do not divide the window.
  const share = random.pick([1 / 2, 1 / 5, 1 / 10, 1 / 10, 1 / 20, 3 / 5, 3 / 10]);
  return { slideMs: windowMs * share, keys: random.chance(0.7) ? Math.min(keys, 2) : keys };
}

function drawGivenConsumer(random: Random, { consumerType }: Scenario): Partial<Scenario> {
  return consumerType !== 'GetRecords' && random.chance(0.1) ? { hasGivenConsumer: true } : {};
}

/** Wide windows that close into it at once take dozens of rounds. */
function drawNarrowSink(random: Random, kind: ScenarioKind): Partial<Scenario> {
  if (kind === 'map-only' || !random.chance(kind === 'wide' ? 0.4 : 0.03)) return {};
  const closesAtOnce = { windowMs: 120_000, parallelism: random.pick([1, 4]) };
  return { sinkRecordsASecond: random.int(2, 4), ...(kind === 'wide' ? closesAtOnce : {}) };
}

/** Nothing closes before the stream is over, and then what is open closes bit by bit, without a block. */
function drawManyEnds(
  random: Random,
  kind: ScenarioKind,
  isSilent: boolean,
): Partial<Pick<Scenario, 'windowMs' | 'delayMs' | 'parallelism'>> {
  if (kind !== 'windowed' || isSilent || !random.chance(0.02)) return {};
  return { windowMs: random.int(1, 3) * 100, delayMs: random.int(6, 15) * 10_000, parallelism: random.int(1, 2) };
}

/** What is in one item elsewhere lies in many, and is purged soon. */
function drawChunks(random: Random): Partial<Pick<Scenario, 'chunkBytes' | 'minBatchesToRetain'>> {
  return random.chance(0.05) ? { chunkBytes: random.int(150, 900), minBatchesToRetain: random.int(2, 3) } : {};
}

/** So small that what thousands of batches bring about elsewhere comes about in some twenty. */
function drawStateLimits(
  random: Random,
  { kind, otherMode }: Scenario,
): Partial<Pick<Scenario, 'stateLimits' | 'hasOwnCode'>> {
  if (kind === 'map-only' || !random.chance(0.7)) return {};
  const mostMerged = { entries: random.int(2, 12), share: 0, ofYoungest: 0, chars: random.pick([400, 33_554_432]) };
  // What is added unread is read in another mode.
  const share = otherMode === undefined ? 0.4 : 0.8;
  const ownCode = kind === 'windowed' && random.fork('own code').chance(share) ? { hasOwnCode: false as const } : {};
  return {
    ...ownCode,
    stateLimits: {
      mostInlineChars: random.pick([0, 0, 300, 2_000]),
      pageEntries: random.int(1, 5),
      mostPageChars: random.pick([60, 1_048_576]),
      fanIn: random.int(2, 4),
      mostYounger: random.pick([1, 1, 3]),
      mostMerged,
      turns: random.int(1, 3),
      mostReadWhole: random.pick([0, 500, 262_144]),
    },
  };
}

/** Groups of two or three, so that few shards have several, and a list of changes that is soon full. */
function drawShardParts(random: Random): Partial<Pick<Scenario, 'shardParts' | 'minBatchesToRetain'>> {
  if (!random.chance(0.12)) return {};
  const shardParts = { mostInBody: 0, ofGroup: random.int(1, 3), ofChanges: random.int(0, 3) };
  return { shardParts, ...(random.chance(0.7) ? { minBatchesToRetain: random.int(2, 4) } : {}) };
}

/** One idle shard beside another is left out, or any. */
const drawFewShards = (random: Random): Pick<Scenario, 'fewShards'> =>
  random.chance(0.07) ? { fewShards: random.int(0, 1) } : {};

/** After each step, or after some: reads are over so soon that hardly one is noted otherwise. */
function drawNotes(random: Random, kind: ScenarioKind): Pick<Scenario, 'noteEveryMs'> {
  return kind === 'map-only' && random.chance(0.25) ? { noteEveryMs: random.pick([0, 0, 100]) } : {};
}

/** A key or some at a time. */
function drawParts(random: Random, kind: ScenarioKind): Partial<Pick<Scenario, 'tableBytes'>> {
  return kind === 'map-only' || !random.chance(0.15) ? {} : { tableBytes: random.int(300, 4_000) };
}

/** Rarely: each death takes a function's whole time, and three of an event take minutes. */
function drawDeadly(random: Random, durationMs: number): Partial<Pick<Scenario, 'deadly' | 'isKpl' | 'perRecord'>> {
  if (!random.chance(0.03)) return {};
  const events = random.pick([1, 1, 2, 3]);
  // A KPL packs as it likes: several of one record come in records of one key.
  const together = events === 1 ? {} : { isKpl: false, perRecord: random.int(events, 5) };
  return { ...together, deadly: { how: random.pick(deadlyKinds), at: random.int(0, durationMs >> 1), events } };
}

function drawDeadlyRow(random: Random, kind: ScenarioKind, durationMs: number): Pick<Scenario, 'deadlyRow'> {
  if (kind === 'map-only' || !random.chance(0.03)) return {};
  const at = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.int(0, durationMs >> 1));
  return { deadlyRow: { how: random.pick(deadlyKinds), at } };
}

/** Longer than the margin of idle positions. */
function drawSilence(random: Random, keys: number): NonNullable<Scenario['silence']> {
  const from = random.int(15_000, 40_000);
  return { from, until: from + random.int(130_000, 200_000), keys: random.int(1, keys - 1) };
}

/** All keys but one fall silent for good, so whole shards do; what the last key does holds windows open meanwhile. */
function drawLastingSilence(
  random: Random,
  { kind, keys, shards }: Pick<Scenario, 'kind' | 'keys' | 'shards'>,
): NonNullable<Scenario['silence']> | undefined {
  if (kind !== 'windowed' || keys === 1 || shards === 1 || !random.chance(0.14)) return undefined;
  return { from: random.int(15_000, 40_000), until: Number.POSITIVE_INFINITY, keys: keys - 1 };
}

/** Windows that close often, of a pipeline that is asked for nothing else: what holds them open for a minute shows. */
function drawWatched(random: Random): Partial<Scenario> {
  if (random.chance(0.2)) return {};
  return {
    triggerMs: 5_000,
    windowMs: 5_000,
    idleTimeoutMs: random.pick([5_000, 15_000]),
    request: {},
    availableNow: false,
    perRecord: 1,
    ...(random.chance(0.9) ? readAlone : {}),
  };
}

/**
 * A position two minutes behind the tip lies among the last records, whose stamps have it begin at some that were read before.
 * No other shard of the task has news, with which a better position would be written down.
 */
const readAlone = { shardsPerTask: 1, lastStamps: 'falling' } as const;

/** A lasting silence is looked at for longer than the margin of idle positions. */
function endOf(silence: Scenario['silence']): number {
  if (silence === undefined) return 0;
  return silence.until < Number.POSITIVE_INFINITY ? silence.until : silence.from + 200_000;
}

export function drawConsumer(random: Random, shares: ConsumerShares): Pick<Scenario, 'consumerType' | 'idleEventMs'> {
  const consumerType = random.weighted<Scenario['consumerType']>([
    [shares.SubscribeToShard, 'SubscribeToShard'],
    [shares.switches, 'switches'],
    [1 - shares.SubscribeToShard - shares.switches, 'GetRecords'],
  ]);
  return { consumerType, idleEventMs: random.pick([1_000, 5_000]) };
}

function drawReshards(random: Random, durationMs: number): Scenario['reshards'] {
  const count = random.chance(0.52) ? random.pick([1, 1, 2, 2, 3, 4]) : 0;
  return Array.from({ length: count }, () => ({
    at: random.int(2_000, durationMs),
    kind: random.weighted<'split' | 'merge' | 'split-sink'>([
      [5, 'split'],
      [4, 'merge'],
      [1, 'split-sink'],
    ]),
  })).sort((one, other) => one.at - other.at);
}
