/** How far the read of a shard has come, and what each event adds to that. */

import type { Output } from '../../pipeline/pipeline.ts';
import { letterOutput } from '../../pipeline/side-outputs.ts';
import type { ToCarry } from '../carried.ts';
import { type Counters, noCounts } from '../counters.ts';
import type { DeadLetter } from '../dead-letter.ts';
import { countLetter, emptyTally, type Tally } from '../dead-letter-tally.ts';
import type { GroupedEvent } from '../grouped-event.ts';
import type { JudgedElements } from '../judge-elements.ts';
import type { Missed } from '../output.ts';
import { countOfOne, noOutputCount, type OutputCount, type OutputCounts } from '../output-counts.ts';
import { afterSequenceNumber, type Position } from '../position.ts';
import type { KinesisRecord } from '../record.ts';
import type { RepeatCounts } from '../repeats/named-memory.ts';
import type { DataLoss } from '../shard-result.ts';
import { later } from '../watermark.ts';

export type ReadProgress = {
  /** Behind the last record that was taken whole. */
  position: Position;
  /** The record of which some events were taken, up to `sub`. */
  insideOf: string | undefined;
  sub: number;
  records: number;
  bytes: number;
  events: number;
  resentElsewhere: number;
  /** Undefined: nobody looks for repeats. */
  repeats: { -readonly [Name in keyof RepeatCounts]: number } | undefined;
  readThrough: number | null;
  lastArrival: number | null;
  maxEventTime: number | null;
  dataLoss: DataLoss | null;
  letters: Tally;
  /** The end that was asked for was met. */
  isEnded: boolean;
  counters: { -readonly [Name in keyof Counters]: number };
  /** Of each output, in their order; empty where there is one. */
  outputs: readonly ProgressOfOutput[];
};

type ProgressOfOutput = { readonly output: string } & { -readonly [Name in keyof OutputCount]: number };

/** `outputs`: those that it counts. */
export const newProgress = (position: Position, outputs: readonly Pick<Output, 'id'>[]): ReadProgress => ({
  position,
  insideOf: undefined,
  sub: 0,
  records: 0,
  bytes: 0,
  events: 0,
  resentElsewhere: 0,
  repeats: undefined,
  readThrough: null,
  lastArrival: null,
  maxEventTime: null,
  dataLoss: null,
  letters: emptyTally,
  isEnded: false,
  counters: { ...noCounts },
  outputs: outputs.length > 1 ? outputs.map(({ id }) => ({ output: id, ...noOutputCount })) : [],
});

export const copyOf = (progress: ReadProgress): ReadProgress => ({
  ...progress,
  counters: { ...progress.counters },
  repeats: progress.repeats && { ...progress.repeats },
  outputs: progress.outputs.map((counts) => ({ ...counts })),
});

export const outputCountsOf = ({ outputs }: ReadProgress): OutputCounts =>
  Object.fromEntries(outputs.map(({ output, ...counts }) => [output, counts]));

export const positionOf = ({ position, insideOf, sub }: ReadProgress): Position =>
  insideOf === undefined ? position : afterSequenceNumber(insideOf, sub);

/** What the last event of a record adds. `through`: everything that arrived up to then was read. */
export type Closing = {
  /** Undefined: where it was. */
  readonly position: Position | undefined;
  readonly through: number;
  readonly ends: boolean;
};

/** What the first event of a record in this read adds. */
export type Opening = {
  /** Everything that arrived up to then was read. */
  readonly through: number;
  readonly loss: DataLoss | undefined;
};

/**
 * counted, filtered, late, dead   one of them for each event that was read
 * resent                          an event that its producer sends again, to the shard that owns it
 * repeated                        an event that its sender has sent again, and that was taken before
 * none                            a record without an event that is taken
 */
export type EventOutcome = 'counted' | 'filtered' | 'late' | 'dead' | 'resent' | 'repeated' | 'none';

/** By output. */
export type SentRecords = ReadonlyMap<string, number>;

/** One event in the order of the shard; or a record without one. */
export type Entry = {
  readonly record: KinesisRecord;
  readonly sub: number;
  outcome: EventOutcome;
  eventTime: number | undefined;
  /** Where repeats are looked for: it has no identity. */
  isUnidentified: boolean;
  /** Of the step, how many identities were taken before it. */
  readonly takenBefore: number;
  /** Place in what the step gives out. */
  output: number | typeof none | typeof sentBefore | typeof inBlock;
  /** Ids of the outputs that are sent it, that of letters among them. */
  takers: readonly string[];
  letter: number | typeof none;
  buried: DeadLetter | undefined;
  /** Of one that came to the outputs, where there are several: those that do not get it. */
  missed: readonly Missed[] | undefined;
  /** How many records each of them gets, where that may be several. */
  sent: SentRecords | undefined;
  /** Counts once the step is delivered. */
  grouped: GroupedEvent | undefined;
  /** Of one that `flatMap` has made elements of; those that count are in the place of `grouped`. */
  elements: JudgedElements | undefined;
  /** What of it travels in the block, once the step is delivered. */
  carries: readonly ToCarry[];
  readonly opens: Opening | undefined;
  readonly closes: Closing | undefined;
};

/** Nothing. */
export const none = -1;
/** All that take it had it before this read began. */
export const sentBefore = -2;
/** Only those take it whose records travel in the block. */
export const inBlock = -3;
const noTakers: readonly string[] = Object.freeze([]);

const nothingToCarry: readonly ToCarry[] = Object.freeze([]);

export const entryOf = (
  record: KinesisRecord,
  sub: number,
  opens: Opening | undefined,
  closes: Closing | undefined,
  takenBefore = 0,
): Entry => ({
  record,
  sub,
  outcome: 'none',
  eventTime: undefined,
  isUnidentified: false,
  takenBefore,
  output: none,
  takers: noTakers,
  letter: none,
  buried: undefined,
  missed: undefined,
  sent: undefined,
  grouped: undefined,
  elements: undefined,
  carries: nothingToCarry,
  opens,
  closes,
});

/** Adds an entry. The only place where progress changes with events; `progress` is the caller's own copy. */
export function account(progress: ReadProgress, entry: Entry): void {
  const { record, opens, closes } = entry;
  if (opens !== undefined) {
    progress.records += 1;
    progress.bytes += record.data.length;
    progress.lastArrival = record.arrivalMs;
    progress.readThrough = later(progress.readThrough, opens.through);
    if (opens.loss !== undefined) progress.dataLoss = opens.loss;
  }
  countOutcome(progress, entry);
  if (closes === undefined) {
    progress.insideOf = record.sequenceNumber;
    progress.sub = entry.sub;
    return;
  }
  progress.insideOf = undefined;
  progress.position = closes.position ?? progress.position;
  progress.readThrough = later(progress.readThrough, closes.through);
  progress.isEnded = closes.ends;
}

function countOutcome(progress: ReadProgress, entry: Entry): void {
  const { outcome, eventTime, buried, missed } = entry;
  const { counters } = progress;
  if (outcome === 'none') return;
  if (outcome === 'resent') {
    progress.resentElsewhere += 1;
    return;
  }
  if (outcome === 'repeated') {
    if (progress.repeats !== undefined) progress.repeats.repeated += 1;
    return;
  }
  if (entry.isUnidentified && progress.repeats !== undefined) progress.repeats.unidentified += 1;
  progress.events += 1;
  counters.read += 1;
  if (entry.elements === undefined || outcome === 'dead') countEvent(counters, entry);
  else countElements(counters, entry.elements, entry.output);
  if (buried !== undefined) progress.letters = countLetter(progress.letters, buried);
  if (buried !== undefined) countWrittenLetter(progress);
  if (missed !== undefined) countOutputs(progress, missed, entry.sent);
  if (eventTime !== undefined) progress.maxEventTime = later(progress.maxEventTime, eventTime);
}

function countEvent(counters: ReadProgress['counters'], { outcome, output }: Entry): void {
  counters[outcome === 'dead' ? 'deadLettered' : (outcome as 'counted' | 'filtered' | 'late')] += 1;
  if (output !== none && outcome === 'counted') counters.emitted += 1;
}

function countElements(counters: ReadProgress['counters'], elements: JudgedElements, output: Entry['output']): void {
  counters.passed = (counters.passed ?? 0) + 1;
  counters.counted += elements.counted;
  counters.late += elements.late;
  if (output !== none) counters.emitted += elements.emitted;
}

function countOutputs({ outputs }: ReadProgress, missed: readonly Missed[], sent: SentRecords | undefined): void {
  for (const counts of outputs) {
    if (counts.output === letterOutput) continue;
    const why = missed.find(({ output }) => output === counts.output);
    if (sent !== undefined) add(counts, countOfOne(sent.get(counts.output) ?? 0, why));
    else counts[why === undefined ? 'emitted' : why.kind] += 1;
  }
}

function countWrittenLetter({ outputs }: ReadProgress): void {
  for (const counts of outputs) if (counts.output === letterOutput) counts.emitted += 1;
}

function add(counts: ProgressOfOutput, { emitted, filtered, refused, made = 0 }: OutputCount): void {
  counts.emitted += emitted;
  counts.filtered += filtered;
  counts.refused += refused;
  if (made > 0) counts.made = (counts.made ?? 0) + made;
}
