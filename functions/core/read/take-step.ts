/**
 * The read of a shard as a fold: `takeStep(state, page) → { state, effects }`, delivered, then applied.
 *
 * READ-1 A step is taken event by event, also inside an aggregated record. What it gives out is delivered before the next
 *    step; of what was delivered in part, `applied` keeps the events before the first that was not: counts, marks,
 *    aggregates and the position say the same of each.
 * READ-2 read = counted + filtered + late + dead-lettered, for every page. What belongs to another shard was not read.
 * READ-3 A position inside an aggregated record is where an end was asked for, where another reader stopped, or where a
 *    read ran out of time. Until the rest of the record is read, nothing says that it was.
 * READ-4 Nothing past the shard's end is taken, counted or sent, whichever page it comes in.
 */
import type { DeadLetter } from '../dead-letter.ts';
import type { Page } from '../record.ts';
import type { EventPlace } from '../sent-places.ts';
import type { WindowTable } from '../window-table.ts';
import { maxStepEvents, type Undelivered } from './effects.ts';
import { type Entry, entryOf } from './entry.ts';
import { openRecord } from './open-record.ts';
import { account, copyOf } from './progress.ts';
import type { ReadState } from './read-state.ts';
import { eventsReadBefore, isReadBefore, mayMiss } from './resume-point.ts';
import { entriesOf, isEntry } from './sent-run.ts';
import { withAhead, withDelivered } from './sent-so-far.ts';
import type { ShardReader } from './shard-reader.ts';
import { Step } from './step.ts';
import { takeEvent } from './take-event.ts';
import { takeEventsAtOnce, takeRecordsAtOnce } from './take-run.ts';
import type { TaskRead } from './task-read.ts';

/**
 * Goes on with the page at record `from`, for as many events as a step holds, and at most so many. The state is as it was:
 * a step that throws (RecordLimitUnknown) is taken again.
 *
 * @throws SluiceError DataLoss
 */
export function takeStep(
  reader: ShardReader,
  state: ReadState,
  page: Page,
  from: number,
  mostEvents = maxStepEvents,
): Step {
  const step = new Step(reader, state, from, mostEvents);
  reader.expect(page.records);
  while (step.next < page.records.length && step.goesOn) {
    takeRecordsAtOnce(step, page);
    if (step.next < page.records.length && step.goesOn && takeRecord(step, page, step.next)) step.next += 1;
  }
  // What follows in the page is not this pipeline's.
  if (step.progress.isEnded) step.next = page.records.length;
  return step;
}

/** Whether the record is done with. */
function takeRecord(step: Step, { records, serverTime }: Page, index: number): boolean {
  const record = records[index]!;
  const { reader } = step;
  if (step.open?.record !== record) {
    const isKnown = isReadBefore(reader.shard, record.sequenceNumber);
    step.sawLastRead ||= isKnown;
    const tellsOfLoss = step.progress.records === 0 && !step.sawLastRead && mayMiss(reader.shard);
    step.open = openRecord(reader, record, { index, answeredAt: serverTime, isKnown, tellsOfLoss });
  }
  const { open } = step;
  if (open.next >= open.end) {
    step.add(entryOf(record, 0, open.opens, open.closes, step.repeats?.taken));
    return true;
  }
  while (open.next < open.end && step.goesOn) {
    takeEventsAtOnce(step, open);
    if (open.next < open.end && step.goesOn) takeEvent(step, open);
  }
  return open.next >= open.end;
}

type PageOfStep = Pick<Page, 'records' | 'serverTime' | 'millisBehindLatest'>;

/** The state after a step whose effects were delivered, but for the missing ones: before the first of them the read ends. */
export function applied(step: Step, page: PageOfStep, missing?: Undelivered): ReadState {
  const { reader, state, open, halt, sawLastRead } = step;
  const held = missing === undefined ? noEntries : entriesOf(step.held);
  const first = missing === undefined ? -1 : held.findIndex((entry) => isMissing(entry, missing));
  const delivered = first < 0 ? step.held : held.slice(0, first);
  const kept = delivered.filter(isEntry);
  const { table, carried } = reader.task;
  if (step.repeats !== undefined) step.repeats.keep(held[first]?.takenBefore ?? step.repeats.taken);
  for (const { carries } of kept) for (const each of carries) carried.add(each);
  for (const entry of kept) keep(reader.task, entry);
  const sent = table === undefined ? withDelivered(state.sent, delivered) : state.sent;
  const after = {
    ...state,
    sawLastRead,
    halt,
    answeredAt: page.serverTime,
    millisBehindLatest: page.millisBehindLatest + restOf(page, step.next),
  };
  // One that was taken whole is not held: its page may be large.
  const inside = open !== undefined && open.next < open.end ? open : undefined;
  if (first < 0) return { ...after, progress: step.progress, open: inside, sent };
  const ahead = table === undefined ? withAhead(sent, held.slice(first), missing!) : sent;
  const progress = copyOf(step.heldFrom);
  for (const entry of kept) account(progress, entry);
  return { ...after, progress, open: undefined, sent: ahead };
}

const noEntries: readonly Entry[] = [];

function keep({ buried, table }: TaskRead, entry: Entry): void {
  if (entry.buried !== undefined) buried.push(placeOfLetter(entry.buried));
  if (table !== undefined) count(table, entry);
}

const placeOfLetter = ({ source, shardId, sequenceNumber, subSequenceNumber }: DeadLetter) => ({
  ...{ source, shardId, sequenceNumber, subSequenceNumber },
});

function count(table: WindowTable, { grouped, elements }: Entry): void {
  if (grouped !== undefined) table.count(grouped);
  for (const each of elements?.grouped ?? []) table.count(each);
}

const isMissing = ({ output, letter }: Entry, missing: Undelivered): boolean =>
  missing.outputs.values().some((places) => places.has(output)) || missing.letters.has(letter);

/** By how much the page's last record is younger than the one where the step ended. */
function restOf({ records }: PageOfStep, next: number): number {
  const reached = records[Math.min(next, records.length - 1)];
  return reached === undefined ? 0 : Math.max(0, records.at(-1)!.arrivalMs - reached.arrivalMs);
}

/** Where the next step begins; undefined: nothing of the page is left. */
export function nextPlace(
  { shard }: ShardReader,
  { open }: ReadState,
  page: Page,
  from: number,
): EventPlace | undefined {
  for (const record of page.records.slice(from)) {
    const { sequenceNumber } = record;
    if (open?.record === record) return { sequenceNumber, sub: open.next };
    const sub = isReadBefore(shard, sequenceNumber) ? eventsReadBefore(shard, sequenceNumber) : 0;
    if (sub !== Number.POSITIVE_INFINITY) return { sequenceNumber, sub };
  }
  return undefined;
}
