/**
 * Events as nearly all are: of a pipeline that groups they count, are filtered or late, and nothing is given out of them; of one that does not,
 * and has one output, they are sent or filtered.
 *
 * RUN-1 What comes of a run is what comes of its events taken one after the other. One of which there is more to say (a letter, a mark)
 *    ends the run, and `takeEvent` takes it with what user code has said of it: that is not asked again.
 * RUN-2 A record is taken so only if it is an ordinary one, lies as a whole before the shard's end, and was not read before: behind a
 *    record that was taken in this read none was, since records are in order.
 * RUN-3 A run sends only where nothing of the shard was sent before, and one record of an event.
 *
 * Hot: of an event nothing is made but what user code makes and what is sent. Where it is only counted its record is asked for `data` and
 * `arrivalMs` alone.
 */
import { byItself, type DecodeAhead, type Payloads } from '../../decoders/decoder-kind.ts';
import { startsWithMagic } from '../aggregated-record.ts';
import { cutRecord } from '../ending-cut.ts';
import { EventsInRecord } from '../events-in-record.ts';
import type { Judgement } from '../judge-event.ts';
import { lastReadOf } from '../position.ts';
import type { KinesisRecord, Page } from '../record.ts';
import { entryOf } from './entry.ts';
import { judgementOf } from './judgement-of.ts';
import { notAhead, type OpenRecord, openRecord, wholeRecord } from './open-record.ts';
import { beginRecord, beginRecords, closeRecord, countRun, newRun, type Run, stayInside } from './progress.ts';
import { mayMiss } from './resume-point.ts';
import { type EventsOfRun, SentRun } from './sent-run.ts';
import type { Step } from './step.ts';
import { isSentElsewhere, takeEvent } from './take-event.ts';

/** As many records of the page as go, from the step's next one on. */
export function takeRecordsAtOnce(step: Step, page: Page): void {
  if (!canTakeRecords(step)) return;
  // Of all runs: of a page of late marks each event ends one, and what was decoded ahead of the next would be decoded again.
  const decodedAt = aheadOf(step, page.payloads, page.records.length);
  while (canTakeRecords(step) && takeRunOfRecords(step, page, decodedAt)) {}
}

/** As many events of an aggregated record as go. */
export function takeEventsAtOnce(step: Step, open: OpenRecord): void {
  const { events } = open;
  if (!(events instanceof EventsInRecord)) return;
  const decodedAt = aheadOf(step, events.payloads, open.end);
  while (step.takesRuns && open.next < open.end && takeRunOfEvents(step, open, events, decodedAt)) {}
}

function canTakeRecords({ takesRuns, progress, reader: { shard } }: Step): boolean {
  return takesRuns && (progress.records > 0 || (lastReadOf(shard.position) === undefined && !mayMiss(shard)));
}

/** Whether another one may follow. */
function takeRunOfRecords(step: Step, page: Page, decodedAt: DecodeAhead): boolean {
  const { records, payloads, serverTime } = page;
  const { reader, effects } = step;
  const { endsAt } = reader.shard;
  const run = newRun();
  const from = step.next;
  const sends = sendsOf(step, eventsOfPage(page), from);
  let more: Judgement | undefined;
  let bytes = 0;
  let arrived = -Infinity;
  let at = from;
  for (; at < records.length && effects.hasRoom; at++) {
    const record = records[at]!;
    const { arrivalMs } = record;
    if (cutRecord(record, endsAt).kind !== 'whole') break;
    if (isAggregate(record, payloads, at)) break;
    more = takeOne(step, run, sends, judgementOf(step, record, record, 0, decodedAt(at)));
    if (more !== undefined) break;
    bytes += lengthOf(record, payloads, at);
    if (arrivalMs > arrived) arrived = arrivalMs;
  }
  if (at > from) {
    const last = records[at - 1]!;
    const through = notAhead(arrived, serverTime);
    beginRecords(step.progress, { records: at - from, bytes, lastArrival: last.arrivalMs }, through);
    countRun(step.progress, run);
    closeRecord(step.progress, wholeRecord(last, through));
    if (sends !== undefined) step.held.push(sends);
    step.open = undefined;
    step.next = at;
  }
  if (more === undefined) return false;
  const arrivedHere = { index: at, answeredAt: serverTime, isKnown: false, tellsOfLoss: false };
  step.open = openRecord(reader, records[at]!, arrivedHere);
  takeEvent(step, step.open, more);
  step.next += 1;
  return true;
}

/** Whether another one may follow. */
function takeRunOfEvents(step: Step, open: OpenRecord, events: EventsInRecord, decodedAt: DecodeAhead): boolean {
  const { record, end, opens, closes } = open;
  const run = newRun();
  const from = open.next;
  const sends = sendsOf(step, eventsOfRecord(open), from);
  let more: Judgement | undefined;
  let at = from;
  for (; at < end && step.effects.hasRoom; at++) {
    if (isSentElsewhere(open, at)) {
      step.effects.took();
      run.resent += 1;
      sends?.resent();
      continue;
    }
    more = takeOne(step, run, sends, judgementOf(step, record, events.at(at), at, decodedAt(at)));
    if (more !== undefined) break;
  }
  if (at > from) {
    if (opens !== undefined) beginRecord(step.progress, record, opens);
    countRun(step.progress, run);
    if (at < end) stayInside(step.progress, record, at - 1);
    else closeRecord(step.progress, closes);
    if (sends !== undefined) step.held.push(sends);
    open.opens = undefined;
    open.next = at;
  }
  if (more !== undefined) takeEvent(step, open, more);
  return more !== undefined;
}

const aheadOf = ({ reader }: Step, payloads: Payloads | undefined, count: number): DecodeAhead =>
  (payloads && reader.task.judge.ahead?.(payloads, count)) ?? nothingAhead;

const nothingAhead: DecodeAhead = () => byItself;

/** Without a view of its payload. One that is shorter than the magic may be taken for one where the next goes on so: who opens it sees that it is none. */
function isAggregate(record: KinesisRecord, payloads: Payloads | undefined, index: number): boolean {
  if (payloads === undefined) return startsWithMagic(record.data);
  return startsWithMagic(payloads.bytes, payloads.places[index * payloads.stride + payloads.first]);
}

/** Without a view of it, where it lies in the bytes of the page. */
function lengthOf(record: KinesisRecord, payloads: Payloads | undefined, index: number): number {
  if (payloads === undefined) return record.data.length;
  const at = index * payloads.stride + payloads.first;
  return payloads.places[at + 1]! - payloads.places[at]!;
}

/** Undefined: the pipeline groups. */
const sendsOf = ({ reader }: Step, events: EventsOfRun, from: number): SentRun | undefined =>
  reader.task.table === undefined ? new SentRun(reader, events, from) : undefined;

/** As `openRecord` opens each of them. */
const eventsOfPage = ({ records, serverTime }: Page): EventsOfRun => ({
  placeOf: (at) => ({ sequenceNumber: records[at]!.sequenceNumber, sub: 0 }),
  entryOf(at) {
    const record = records[at]!;
    const opens = { through: notAhead(record.arrivalMs - 1, serverTime), loss: undefined };
    return entryOf(record, 0, opens, wholeRecord(record, notAhead(record.arrivalMs, serverTime)));
  },
});

const eventsOfRecord = ({ record, next, end, opens, closes }: OpenRecord): EventsOfRun => ({
  placeOf: (at) => ({ sequenceNumber: record.sequenceNumber, sub: at }),
  entryOf: (at) => entryOf(record, at, at === next ? opens : undefined, at + 1 === end ? closes : undefined),
});

/** Undefined: it is taken. Else there is more to say of it. */
const takeOne = (step: Step, run: Run, sends: SentRun | undefined, judgement: Judgement): Judgement | undefined =>
  sends === undefined ? count(step, run, judgement) : send(step, run, sends, judgement);

function count({ effects, reader }: Step, run: Run, judgement: Judgement): Judgement | undefined {
  const { verdict, eventTime } = judgement;
  if (verdict === 'dead' || judgement.late.length > 0) return judgement;
  effects.took();
  effects.expanded(judgement.expandedBytes);
  if (verdict === 'counted') {
    reader.task.table!.count(judgement.grouped!);
    run.counted += 1;
  } else if (verdict === 'filtered') run.filtered += 1;
  else run.late += 1;
  if (eventTime !== undefined && eventTime > run.maxEventTime) run.maxEventTime = eventTime;
  return undefined;
}

function send({ effects, reader }: Step, run: Run, sends: SentRun, judgement: Judgement): Judgement | undefined {
  const { verdict, eventTime } = judgement;
  if (verdict === 'counted') {
    const { records } = reader.task.limits.within(judgement);
    if (records.length !== 1 || judgement.missed.length > 0) return judgement;
    run.counted += 1;
    run.sent += 1;
    sends.sent(effects.send(records), eventTime);
  } else if (verdict === 'filtered') {
    run.filtered += 1;
    sends.filtered(eventTime);
  } else return judgement;
  effects.took();
  effects.expanded(judgement.expandedBytes);
  if (eventTime !== undefined && eventTime > run.maxEventTime) run.maxEventTime = eventTime;
  return undefined;
}
