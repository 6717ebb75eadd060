/**
 * One step of a read: what it gives out, and what each of its events comes to, so that a step that was delivered in part
 * can be kept in part.
 */
import type { DeadLetter, KinesisRecord } from '../ports.ts';
import { countLetter, emptyTally, type Tally } from './dead-letter-tally.ts';
import { type Counters, type DataLoss, noCounts } from './model.ts';
import type { OutputRecord } from './output.ts';
import { afterSequenceNumber, type Position } from './position.ts';
import { later } from './watermark.ts';
import type { GroupedEvent } from './window-table.ts';

/** Bounds of a step: then the deadline is looked at, and what was given out is delivered. */
export const maxStepEvents = 4_000;
const maxStepItems = 1_000;
const maxStepBytes = 4_000_000;
/** Bytes that compressed payloads become: a kilobyte may become 10 MiB, and a thousand of them a minute's work. */
export const maxStepExpandedBytes = 67_108_864;

export type Taken = { readonly outputs: readonly OutputRecord[]; readonly deadLetters: readonly DeadLetter[] };

/** Places in what a step gave out. */
export type Undelivery = { readonly outputs: ReadonlySet<number>; readonly letters: ReadonlySet<number> };

export type Progress = {
  /** Behind the last record that was taken whole. */
  position: Position;
  /** The record of which some events were taken, up to `sub`. */
  insideOf: string | undefined;
  sub: number;
  records: number;
  bytes: number;
  events: number;
  outOfRange: number;
  readThrough: number | null;
  lastArrival: number | null;
  maxEventTime: number | null;
  dataLoss: DataLoss | null;
  letters: Tally;
  /** The end that was asked for was met. */
  isEnded: boolean;
  counters: { -readonly [Name in keyof Counters]: number };
};

export const newProgress = (position: Position): Progress => ({
  position,
  insideOf: undefined,
  sub: 0,
  records: 0,
  bytes: 0,
  events: 0,
  outOfRange: 0,
  readThrough: null,
  lastArrival: null,
  maxEventTime: null,
  dataLoss: null,
  letters: emptyTally,
  isEnded: false,
  counters: { ...noCounts },
});

export const copyOf = (progress: Progress): Progress => ({ ...progress, counters: { ...progress.counters } });

export const positionOf = ({ position, insideOf, sub }: Progress): Position =>
  insideOf === undefined ? position : afterSequenceNumber(insideOf, sub);

/** `through`: everything that arrived up to then was read. */
export type Closing = {
  /** Undefined: where it was. */
  readonly position: Position | undefined;
  readonly through: number;
  readonly ends: boolean;
};

/** One event in the order of the shard; or a record without one. */
export type Entry = {
  readonly record: KinesisRecord;
  readonly sub: number;
  fate: 'counted' | 'filtered' | 'late' | 'dead' | 'stray' | 'none';
  eventTime: number | undefined;
  /** Places in what the step gave out. */
  output: number | typeof none | typeof sentBefore;
  letter: number | typeof none;
  buried: DeadLetter | undefined;
  /** Counts once the step is delivered. */
  grouped: GroupedEvent | undefined;
  /** Of the first of its record in this read: everything that arrived up to then was read. */
  readonly opens: number | undefined;
  readonly loss: DataLoss | undefined;
  /** Of the last of its record that is taken. */
  readonly closes: Closing | undefined;
};

const none = -1;
/** The sink had it before this read began. */
export const sentBefore = -2;

export const entryOf = (
  record: KinesisRecord,
  {
    sub = 0,
    opens,
    loss,
    closes,
  }: {
    readonly sub?: number;
    readonly opens?: number | undefined;
    readonly loss?: DataLoss | undefined;
    readonly closes: Closing | undefined;
  },
): Entry => ({
  record,
  sub,
  fate: 'none',
  eventTime: undefined,
  output: none,
  letter: none,
  buried: undefined,
  grouped: undefined,
  opens,
  loss,
  closes,
});

/** What an event comes to. The only place where progress changes. */
export function account(progress: Progress, entry: Entry): void {
  const { record, opens, closes } = entry;
  if (opens !== undefined) {
    progress.records += 1;
    progress.bytes += record.data.length;
    progress.lastArrival = record.arrivalTime.getTime();
    progress.readThrough = later(progress.readThrough, opens);
    if (entry.loss !== undefined) progress.dataLoss = entry.loss;
  }
  countFate(progress, entry);
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

function countFate(progress: Progress, { fate, eventTime, output, buried }: Entry): void {
  const { counters } = progress;
  if (fate === 'none') return;
  if (fate === 'stray') {
    progress.outOfRange += 1;
    return;
  }
  progress.events += 1;
  counters.read += 1;
  counters[fate === 'dead' ? 'deadLettered' : fate] += 1;
  if (buried !== undefined) progress.letters = countLetter(progress.letters, buried);
  if (output !== none) counters.emitted += 1;
  if (eventTime !== undefined) progress.maxEventTime = later(progress.maxEventTime, eventTime);
}

export class ReadStep implements Taken {
  readonly outputs: OutputRecord[] = [];
  readonly deadLetters: DeadLetter[] = [];
  /** Those that count only once the step is delivered. */
  entries: Entry[] = [];
  /** Progress before the first of them. */
  before: Progress;
  #holds: boolean;
  #events = 0;
  #bytes = 0;
  #expandedBytes = 0;
  readonly #mostEvents: number;

  constructor(before: Progress, options: { readonly mostEvents: number; readonly holdsAll: boolean } = nothingHeld) {
    this.before = before;
    this.#mostEvents = options.mostEvents;
    this.#holds = options.holdsAll;
  }

  get holds(): boolean {
    return this.#holds;
  }

  get hasRoom(): boolean {
    const items = this.outputs.length + this.deadLetters.length;
    const hasBytes = this.#bytes < maxStepBytes && this.#expandedBytes < maxStepExpandedBytes;
    return items < maxStepItems && hasBytes && this.#events < this.#mostEvents;
  }

  /** From here on. */
  hold(progress: Progress): void {
    if (this.#holds) return;
    this.#holds = true;
    this.before = copyOf(progress);
  }

  give(output: OutputRecord, bytes: number): number {
    this.#bytes += bytes;
    return this.outputs.push(output) - 1;
  }

  expanded(bytes: number): void {
    this.#expandedBytes += bytes;
  }

  bury(letter: DeadLetter): number {
    this.#bytes += letter.payload.length;
    return this.deadLetters.push(letter) - 1;
  }

  add(entry: Entry): void {
    this.#events += 1;
    if (this.#holds) this.entries.push(entry);
  }
}

const nothingHeld = { mostEvents: 0, holdsAll: false };
