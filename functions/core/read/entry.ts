/** One event of a step in the order of the shard, with all that there may be to say of it until the step is delivered. */

import type { ToCarry } from '../carried.ts';
import type { DeadLetter } from '../dead-letter.ts';
import type { GroupedEvent } from '../grouped-event.ts';
import type { JudgedElements } from '../judge-elements.ts';
import type { Missed } from '../output.ts';
import type { Position } from '../position.ts';
import type { KinesisRecord } from '../record.ts';
import type { DataLoss } from '../shard-result.ts';

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
