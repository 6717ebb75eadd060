/** How far the read of a shard has come, and what events add to that: the only place where it changes with them. */

import type { Output } from '../../pipeline/pipeline.ts';
import { letterOutput } from '../../pipeline/side-outputs.ts';
import { type Counters, noCounts } from '../counters.ts';
import { countLetter, emptyTally, type Tally } from '../dead-letter-tally.ts';
import type { JudgedElements } from '../judge-elements.ts';
import type { Missed } from '../output.ts';
import { countOfOne, noOutputCount, type OutputCount, type OutputCounts } from '../output-counts.ts';
import { afterSequenceNumber, type Position } from '../position.ts';
import type { KinesisRecord } from '../record.ts';
import type { RepeatCounts } from '../repeats/named-memory.ts';
import type { DataLoss } from '../shard-result.ts';
import { later } from '../watermark.ts';
import { type Closing, type Entry, none, type Opening, type SentRecords } from './entry.ts';

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

/** Adds an entry. `progress` is the caller's own copy, here as in what follows. */
export function account(progress: ReadProgress, entry: Entry): void {
  const { record, sub, opens, closes } = entry;
  if (opens !== undefined) beginRecord(progress, record, opens);
  countOutcome(progress, entry);
  if (closes === undefined) stayInside(progress, record, sub);
  else closeRecord(progress, closes);
}

/** Events of which there is no more to say than this. */
export type Run = {
  counted: number;
  /** Of those, to the one output that they are sent to. */
  sent: number;
  filtered: number;
  late: number;
  resent: number;
  /** Minus infinity: none has an event time. */
  maxEventTime: number;
};
export const newRun = (): Run => ({ counted: 0, sent: 0, filtered: 0, late: 0, resent: 0, maxEventTime: -Infinity });

/** What an entry of each of them would. */
export function countRun(progress: ReadProgress, { counted, sent, filtered, late, resent, maxEventTime }: Run): void {
  const { counters, outputs } = progress;
  const read = counted + filtered + late;
  progress.events += read;
  progress.resentElsewhere += resent;
  counters.read += read;
  counters.counted += counted;
  counters.emitted += sent;
  counters.filtered += filtered;
  counters.late += late;
  for (const counts of outputs) if (counts.output !== letterOutput) counts.emitted += sent;
  if (maxEventTime > -Infinity) progress.maxEventTime = later(progress.maxEventTime, maxEventTime);
}

export function beginRecord(progress: ReadProgress, { data, arrivalMs }: KinesisRecord, opens: Opening): void {
  beginRecords(progress, { records: 1, bytes: data.length, lastArrival: arrivalMs }, opens.through);
  if (opens.loss !== undefined) progress.dataLoss = opens.loss;
}

/** `through`: everything that arrived up to then was read. */
export function beginRecords(
  progress: ReadProgress,
  { records, bytes, lastArrival }: { readonly records: number; readonly bytes: number; readonly lastArrival: number },
  through: number,
): void {
  progress.records += records;
  progress.bytes += bytes;
  progress.lastArrival = lastArrival;
  progress.readThrough = later(progress.readThrough, through);
}

export function closeRecord(progress: ReadProgress, closes: Closing): void {
  progress.insideOf = undefined;
  progress.position = closes.position ?? progress.position;
  progress.readThrough = later(progress.readThrough, closes.through);
  progress.isEnded = closes.ends;
}

/** After its event `sub`. */
export function stayInside(progress: ReadProgress, { sequenceNumber }: KinesisRecord, sub: number): void {
  progress.insideOf = sequenceNumber;
  progress.sub = sub;
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
