/** From an event to its outcome: judged by user code, here or in isolation, and kept within the limits of the sink. */
import { byItself } from '../../decoders/decoder-kind.ts';
import { isFromOutbox } from '../../pipeline/outputs.ts';
import { mostBytesOfTask, type ToCarry } from '../carried.ts';
import type { DeadLetter } from '../dead-letter.ts';
import { holdsEvents, sizeInBlock } from '../distinct-keys.ts';
import { cloneGrouped, type GroupedEvent } from '../grouped-event.ts';
import { UserCodeDied } from '../isolated-code.ts';
import type { IsolatedReading } from '../isolated-reading.ts';
import type { JudgedElements } from '../judge-elements.ts';
import type { Judgement } from '../judge-event.ts';
import type { LateMark } from '../late-mark.ts';
import { lateRecord } from '../late-record.ts';
import { carriedLetter, letterRecord } from '../letter-record.ts';
import { type Encoded, type ForOutputs, refusalIn } from '../output.ts';
import type { EventSource } from '../record.ts';
import { sealedEvent } from '../sealed-event.ts';
import { isInRuns } from '../sent-places.ts';
import { isSamePlace } from '../suspicions.ts';
import type { WindowTable } from '../window-table.ts';
import { type Entry, entryOf, inBlock, type SentRecords, sentBefore } from './entry.ts';
import { judgementOf } from './judgement-of.ts';
import type { OpenRecord } from './open-record.ts';
import type { Halt } from './read-state.ts';
import type { Step } from './step.ts';

/** The next event of an open record. `judged`: user code was asked already. */
export function takeEvent(step: Step, open: OpenRecord, judged?: Judgement): void {
  const { record, next: sub, opens } = open;
  const event = open.events.at(sub)!;
  const closes = sub + 1 === open.end ? open.closes : undefined;
  const entry = entryOf(record, sub, opens, closes, step.repeats?.taken);
  const halt = judged === undefined ? outcomeOf(step, entry, event, open) : settle(step, entry, event, judged);
  if (halt === 'before') return;
  step.repeats?.take();
  open.next += 1;
  open.opens = undefined;
  step.add(entry);
  if (halt === 'after') step.halt = { kind: 'held' };
}

/** Whether the read halts at this event, before it or after. */
function outcomeOf(step: Step, entry: Entry, event: EventSource, open: OpenRecord): 'before' | 'after' | undefined {
  const { reader } = step;
  const { corrupt } = open;
  if (corrupt !== undefined) deadLetter(step, entry, event, { reason: 'corrupt-aggregated-record', message: corrupt });
  else if (isSentElsewhere(open, entry.sub)) entry.outcome = 'resent';
  else if (isRepeat(step, entry, event)) entry.outcome = 'repeated';
  else if (reader.task.isolated === undefined) judge(step, entry, event);
  else return judgeIsolated(step, entry, event, reader.task.isolated);
  return undefined;
}

/** One of an aggregated record that its producer sends again, to the shard that owns it. */
export const isSentElsewhere = ({ resent }: OpenRecord, sub: number): boolean => resent?.has(sub) === true;

/** REPEAT-1 */
function isRepeat({ repeats }: Step, entry: Entry, { data }: EventSource): boolean {
  const met = repeats?.meet(data, entry.record.arrivalMs);
  entry.isUnidentified = met === 'unidentified';
  return met === 'repeated';
}

function judgeIsolated(
  step: Step,
  entry: Entry,
  event: EventSource,
  { holdAt, giveUp: toBury }: IsolatedReading,
): 'before' | 'after' | undefined {
  const place = { sequenceNumber: entry.record.sequenceNumber, sub: entry.sub };
  if (toBury !== undefined && isSamePlace(toBury, place)) {
    deadLetter(step, entry, event, { reason: 'crashed-executor', message: toBury.message });
    // This letter is kept before anything else is run: the next event may take the whole function with it.
    return 'after';
  }
  if (holdAt !== undefined && isSamePlace(holdAt, place)) return haltBefore(step, { kind: 'held' });
  try {
    judge(step, entry, event);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserCodeDied)) throw error;
    return haltBefore(step, { kind: 'died', place, message: error.message });
  }
}

function haltBefore(step: Step, halt: Halt): 'before' {
  step.halt = halt;
  return 'before';
}

function judge(step: Step, entry: Entry, event: EventSource): void {
  settle(step, entry, event, judgementOf(step, entry.record, event, entry.sub, byItself));
}

function settle(step: Step, entry: Entry, event: EventSource, judgement: Judgement): undefined {
  const { reader, effects } = step;
  const { pipeline, table, limits } = reader.task;
  const { verdict } = judgement;
  effects.expanded(judgement.expandedBytes);
  if (verdict === 'dead') {
    deadLetter(step, entry, event, judgement);
    return;
  }
  entry.outcome = verdict;
  entry.eventTime = judgement.eventTime;
  entry.elements = judgement.elements;
  if (judgement.late.length > 0 && reader.task.task.letters?.late !== 'count')
    carryLate(step, entry, event, judgement.late);
  if (verdict !== 'counted') return;
  if (pipeline.aggregation !== undefined && holdsEvents(pipeline.aggregation))
    makeRoom(step, judgement.elements?.grouped ?? [judgement.grouped!]);
  if (table === undefined) emit(step, entry, event, limits.within(judgement));
  else if (judgement.elements !== undefined) countElements(step, table, judgement.elements);
  else if (step.isHolding) entry.grouped = cloneGrouped(judgement.grouped!);
  else table.count(judgement.grouped!);
}

/** In the block is each event that may pass. */
function makeRoom({ reader, effects }: Step, all: readonly GroupedEvent[]): void {
  const bytes = all.reduce((sum, event) => sum + sizeInBlock(event), 0);
  effects.carries(bytes);
  reader.task.carried.makesRoomFor(bytes);
}

function carryLate(step: Step, entry: Entry, event: EventSource, marks: readonly LateMark[]): void {
  const { reader } = step;
  const { task, lateOutput } = reader.task;
  const { record, sub } = entry;
  const meta = reader.metaOf(record, event, sub);
  let bytes = 0;
  const recordOf = (mark: LateMark): ToCarry => {
    const identity = reader.identityOf(lateOutput!.id, record, sub, mark.at);
    const hasRoom = bytes < mostBytesOfTask;
    const made = lateRecord(lateOutput!, task, { data: event.data, meta, identity, hasRoom }, mark);
    bytes += made.bytes;
    return made;
  };
  carry(step, entry, marks.map(recordOf));
}

/** Of a step that is held the entry has them. */
function carry(step: Step, entry: Entry, all: readonly ToCarry[]): void {
  for (const each of all) {
    step.effects.carries(each.bytes);
    if (!step.isHolding) step.reader.task.carried.add(each);
  }
  if (step.isHolding) entry.carries = [...entry.carries, ...all];
}

/** Of a step that is held the entry has them. */
function countElements(step: Step, table: WindowTable, { grouped }: JudgedElements): void {
  if (!step.isHolding) for (const each of grouped) table.count(each);
}

/** To the outputs that take it. Where one refuses it, it is a dead letter as well. */
function emit(step: Step, entry: Entry, event: EventSource, { records, missed }: ForOutputs<Encoded>): void {
  const { outputs, counted } = step.reader.task;
  const refusal = refusalIn(missed, outputs.length);
  if (refusal !== undefined) deadLetter(step, entry, event, refusal);
  if (counted.length > 1) {
    entry.missed = missed;
    if (records.length + missed.length !== outputs.length || entry.elements !== undefined)
      entry.sent = countByOutput(records);
  }
  if (records.length === 0) return;
  const direct = carryStored(step, entry, records);
  if (direct.length === 0) {
    entry.output = inBlock;
    return;
  }
  entry.takers = [...entry.takers, ...takersOf(step, direct)];
  const unsent = unsentOf(step, entry, direct);
  entry.output = unsent.length === 0 ? sentBefore : step.effects.send(unsent);
}

/** Those that are sent after the seal travel in the block. The others. */
function carryStored(step: Step, entry: Entry, records: readonly Encoded[]): readonly Encoded[] {
  const { ids, task, shard } = step.reader;
  if (ids.length === task.outputs.length) return records;
  const { sequenceNumber } = entry.record;
  const stored = records.filter(({ output }) => !ids.includes(output));
  carry(
    step,
    entry,
    sealedEvent(stored, { shardId: shard.shardId, sequenceNumber, sub: entry.sub }, task.task.parallelism),
  );
  return records.filter(({ output }) => ids.includes(output));
}

const takersOf = ({ reader: { ids } }: Step, records: readonly Encoded[]): readonly string[] =>
  ids.length === 1 ? ids : ids.filter((id) => records.some(({ output }) => output === id));

/** Those for outputs that do not have the event yet. */
function unsentOf(step: Step, entry: Entry, records: readonly Encoded[]): readonly Encoded[] {
  if (step.state.sent.every(({ before }) => before.length === 0)) return records;
  const having = new Set(step.reader.ids.filter((id) => wasSent(step, entry, id)));
  return records.filter(({ output }) => !having.has(output));
}

function countByOutput(records: readonly Encoded[]): SentRecords {
  const sent = new Map<string, number>();
  for (const { output } of records) sent.set(output, (sent.get(output) ?? 0) + 1);
  return sent;
}

function deadLetter(step: Step, entry: Entry, event: EventSource, why: Pick<Judgement, 'reason' | 'message'>): void {
  step.hold();
  entry.outcome = 'dead';
  // What becomes a letter says nothing of the time.
  entry.eventTime = undefined;
  const letter = step.reader.deadLetterOf(entry.record, event, entry.sub, why);
  // What is counted has an example of each reason, for the report.
  const isKept = step.reader.task.pipeline.letterKeeping.payload === 'kept';
  entry.buried = isKept ? letter : { ...letter, message: '' };
  entry.letter = step.effects.addLetter(letter);
  writeLetter(step, entry, letter);
}

/** To the output of letters: by the block, unless it is sent to while reading. */
function writeLetter(step: Step, entry: Entry, letter: DeadLetter): void {
  const { reader } = step;
  const { letterOutput, task } = reader.task;
  if (letterOutput === undefined) return;
  const identity = reader.identityOf(letterOutput.id, entry.record, entry.sub);
  if (isFromOutbox(letterOutput)) {
    const { parallelism } = task;
    carry(step, entry, [carriedLetter(letterOutput, letter, { identity, parallelism })]);
    return;
  }
  entry.takers = [letterOutput.id];
  if (!wasSent(step, entry, letterOutput.id)) step.effects.sendLetter(letterRecord(letterOutput, letter, identity));
}

/** The output had it before this read began. */
function wasSent({ state }: Step, { record, sub }: Entry, output: string): boolean {
  const before = state.sent.find(({ id }) => id === output)?.before ?? [];
  return before.length > 0 && isInRuns(before, record.sequenceNumber, sub);
}
