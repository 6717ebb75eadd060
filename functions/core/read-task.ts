/**
 * What an executor makes of the pages it reads: partial aggregates or output records, dead letters, and per shard the
 * position after.
 *
 * X1 `takeSome` is one synchronous step, event by event, also inside an aggregated record. What it gives out must be
 *    delivered before the next step; of what was delivered in part, `keepDelivered` keeps the events before the first
 *    that was not: counts, marks, aggregates and the position say the same of each.
 * X2 read = counted + filtered + late + dead-lettered, for every page. What belongs to another shard was not read.
 * X3 A position inside an aggregated record is where an end was asked for, where another reader stopped, or where a read
 *    ran out of time. Until the rest of the record is read, nothing says that it was.
 * X4 Nothing past the shard's end is taken, counted or sent, whichever page it comes in.
 * X5 What a sink acknowledged beyond the position is not sent again: its events are counted when their turn comes.
 */
import type { EventMeta, Pipeline } from '../pipeline/pipeline.ts';
import type { DeadLetter, KinesisRecord, Page, ReadUsage } from '../ports.ts';
import { deaggregate } from './aggregated-record.ts';
import type { Tally } from './dead-letter-tally.ts';
import { DigestsAhead } from './digests-ahead.ts';
import { cutRecord, isQuietPast, type RecordCut } from './endpoint-cut.ts';
import { SluiceError } from './errors.ts';
import { asynchronousSchema, isAsynchronous } from './evaluate-event.ts';
import type { Decompress } from './expand-payload.ts';
import type { Md5 } from './hash-key.ts';
import { UserCodeDied } from './isolated-code.ts';
import { createJudge, type JudgeEvent, type Judgement } from './judge-event.ts';
import type { Counters, DataLoss, PlannedShard, PlannedTask, ShardResult, StopReason } from './model.ts';
import { destinationOf, type OutputRecord } from './output.ts';
import {
  afterSequenceNumber,
  describePosition,
  isAfter,
  isSamePosition,
  lastReadOf,
  overEmptyStretch,
  type Position,
  shardEnd,
} from './position.ts';
import {
  account,
  type Closing,
  copyOf,
  type Entry,
  entryOf,
  maxStepEvents,
  newProgress,
  type Progress,
  positionOf,
  ReadStep,
  sentBefore,
  type Taken,
  type Undelivery,
} from './read-step.ts';
import { type RecordLimit, recordLimitOf } from './record-limit.ts';
import { type IsResent, resentEventsOf } from './resent-events.ts';
import { markRulesOf } from './seal-batch.ts';
import { maxRunsOfShard } from './sent-note.ts';
import {
  type EventPlace,
  isInRuns,
  type PlaceRun,
  RunBuilder,
  runsBehind,
  type SentPlaces,
  unionOfRuns,
} from './sent-places.ts';
import { isSubscribedTooLate } from './subscription-pace.ts';
import { type IsolatedReading, isSamePlace } from './suspicions.ts';
import { advanceMark, later } from './watermark.ts';
import { cloneGrouped, WindowTable } from './window-table.ts';

/** Arrival stamps of a shard are not exact: an idle position stays this far behind the tip. */
export const positionMarginMs = 120_000;

export class TaskRead {
  readonly table: WindowTable | undefined;
  readonly pipeline: Pipeline;
  readonly task: PlannedTask;
  readonly streamName: string;
  readonly md5: Md5;
  readonly judge: JudgeEvent;
  readonly limit: RecordLimit;

  readonly isolated: IsolatedReading | undefined;

  constructor(
    pipeline: Pipeline,
    task: PlannedTask,
    streamName: string,
    md5: Md5,
    decompress: Decompress,
    isolation?: TaskIsolation,
  ) {
    this.pipeline = pipeline;
    this.task = task;
    this.streamName = streamName;
    this.md5 = md5;
    this.judge = isolation?.judge ?? createJudge(pipeline, task, decompress);
    this.isolated = isolation?.reading;
    this.limit = recordLimitOf(pipeline.outputs[0]!.sink);
    this.table = pipeline.aggregation === undefined ? undefined : new WindowTable(pipeline.aggregation);
  }

  /** Before anything is stored: an asynchronous schema is a wrong pipeline, not a stream of bad events. */
  async checkSchema(): Promise<void> {
    if (!(await isAsynchronous(this.judge))) return;
    throw asynchronousSchema();
  }
}

/** User code runs elsewhere, and may not come back. */
export type TaskIsolation = { readonly judge: JudgeEvent; readonly reading: IsolatedReading };

/** One shard of the task, for the length of one batch. */
export class ShardRead {
  readonly #read: TaskRead;
  readonly #shard: PlannedShard;
  readonly #base: string;
  readonly #isResent: IsResent;
  readonly #destination: string;
  /** Acknowledged before this read began. */
  #sentBefore: readonly PlaceRun[];
  /** For the note: in the order of the shard, as far as it is delivered. */
  readonly #sent = new RunBuilder(maxRunsOfShard);
  /** Acknowledged in this read, beyond what was not. */
  #sentAhead: readonly PlaceRun[] = [];
  #digests: DigestsAhead | undefined;
  #open: OpenRecord | undefined;
  #progress: Progress;
  #step: ReadStep;
  /** What the last step began with. */
  #begun: { readonly progress: Progress; readonly open: OpenRecord | undefined } | undefined;
  #tipTime: number | null = null;
  #answeredAt: number | undefined;
  #openAt: number | undefined;
  #millisBehindLatest = 0;
  #end: Page['end'];
  #walkedThrough: number | null;
  #sawLastRead = false;
  /** At its tip past the end that was asked for, unless the shard was closed. */
  #isQuiet = false;
  /** Before the event that is next: user code died of it, or is not to be given it now. */
  isHeld = false;
  #hasBuried = false;
  died: { readonly place: EventPlace; readonly message: string } | undefined;
  /** When its last subscription began. */
  subscribedAt: number | undefined;

  constructor(read: TaskRead, shard: PlannedShard) {
    this.#read = read;
    this.#shard = shard;
    this.#base = describePosition(shard.position);
    this.#walkedThrough = shard.walkedThrough ?? null;
    this.#isResent = resentEventsOf(shard.hashRange, read.md5);
    this.#destination = destinationOf(read.pipeline.outputs[0]!);
    this.#sentBefore = shard.sentAhead?.to === this.#destination ? shard.sentAhead.runs : [];
    this.#progress = newProgress(shard.mayHaveLost && !this.#isMidRecord ? this.startPosition : shard.position);
    this.#step = new ReadStep(this.#progress);
  }

  /** The rest of a record is still to be read. A place that was handed over is another matter. */
  get #isMidRecord(): boolean {
    const { position, isHandedOver } = this.#shard;
    return (
      isHandedOver !== true && position.kind === 'after-sequence-number' && position.subSequenceNumber !== undefined
    );
  }

  /** Where to open the shard: what retention may have taken can't be asked for by its sequence number. */
  get startPosition(): Position {
    const { position, mayHaveLost, walkedThrough } = this.#shard;
    const asksForRecord = this.#shard.isHandedOver === true && position.kind === 'after-sequence-number';
    // It was not found so far: the walk goes on, or a long one would never end.
    if (!mayHaveLost && asksForRecord && walkedThrough !== undefined)
      return { kind: 'at-timestamp', timestamp: walkedThrough - positionMarginMs };
    // The record itself is asked for: if something else comes first, it is gone.
    if (!mayHaveLost && asksForRecord) return { ...position, subSequenceNumber: position.subSequenceNumber ?? 0 };
    if (!mayHaveLost) return position;
    const after = lastReadOf(position);
    return after === undefined ? { kind: 'trim-horizon' } : { kind: 'trim-horizon', after };
  }

  /** Where a record itself is asked for: all that is left of the shard, if its number is no longer taken. */
  get remainder(): Position | undefined {
    const after = lastReadOf(this.#shard.position);
    if (!this.#asksForRecord || after === undefined) return undefined;
    return { kind: 'trim-horizon', after };
  }

  get #asksForRecord(): boolean {
    return this.#shard.isHandedOver === true || this.#isMidRecord;
  }

  get #mayMiss(): boolean {
    return this.#shard.mayHaveLost || this.#asksForRecord;
  }

  get events(): number {
    return this.#progress.events;
  }

  get records(): number {
    return this.#progress.records;
  }

  get counters(): Counters {
    return this.#progress.counters;
  }

  /** Those counted as `deadLettered`. */
  get letters(): Tally {
    return this.#progress.letters;
  }

  get shardId(): string {
    return this.#shard.shardId;
  }

  /** Before the first step: more that the sink has acknowledged, as an earlier try noted it. */
  knowSent(runs: readonly PlaceRun[]): void {
    this.#sentBefore = unionOfRuns(this.#sentBefore, runs);
  }

  /** All that is known to be acknowledged of what this read began with. */
  get sentRuns(): readonly PlaceRun[] {
    // Of a step that is under way nobody knows yet.
    return unionOfRuns(this.#sentBefore, this.#sent.runs, this.#sentAhead);
  }

  /** Something is to be written down, however the read ends. */
  get hasTaken(): boolean {
    return this.records > 0 || this.#sentAhead.length > 0;
  }

  /**
   * Goes on with the page at record `from`, for as many events as one step holds, and at most so many. `next` is where to
   * go on: the same record, if it has more.
   */
  takeSome(page: Page, from: number, mostEvents = maxStepEvents): { readonly taken: Taken; readonly next: number } {
    this.#settle();
    this.#answeredAt = page.serverTime;
    const step = new ReadStep(this.#progress, { mostEvents, holdsAll: this.#read.table === undefined });
    this.#step = step;
    this.#begun = { progress: this.#progress, open: this.#open && { ...this.#open } };
    this.#progress = copyOf(this.#progress);
    if (this.#digests?.records !== page.records) this.#digests = new DigestsAhead(page.records, this.#read.md5);
    let next = from;
    while (next < page.records.length && !this.#progress.isEnded && !this.isHeld && step.hasRoom) {
      if (this.#takeFrom(page.records[next]!, next)) next += 1;
    }
    const reached = page.records[Math.min(next, page.records.length - 1)];
    const last = page.records.at(-1);
    const ahead = reached === undefined ? 0 : last!.arrivalTime.getTime() - reached.arrivalTime.getTime();
    this.#millisBehindLatest = page.millisBehindLatest + Math.max(0, ahead);
    // What follows in the page is not this pipeline's.
    return { taken: step, next: this.#progress.isEnded ? page.records.length : next };
  }

  /** Where the next step begins. */
  nextPlace(page: Page, from: number): EventPlace | undefined {
    for (const record of page.records.slice(from)) {
      const { sequenceNumber } = record;
      const skip = this.#open?.record === record ? this.#open.next : this.#eventsToSkip(sequenceNumber);
      if (skip !== 'record') return { sequenceNumber, sub: skip };
    }
    return undefined;
  }

  /** The last step did not even end: it is taken again. */
  undo(): void {
    const { progress, open } = this.#begun!;
    this.#progress = progress;
    this.#open = open;
    this.#step.entries = [];
  }

  /** Of the last step, these were not delivered: the read ends before the first of them, and a later batch goes on. */
  keepDelivered(missing: Undelivery): void {
    const { entries } = this.#step;
    const isMissing = ({ output, letter }: Entry): boolean =>
      missing.outputs.has(output) || missing.letters.has(letter);
    const first = entries.findIndex(isMissing);
    if (first < 0) return;
    const ahead = new RunBuilder();
    for (const entry of entries.slice(first)) {
      if (entry.fate === 'counted' && !missing.outputs.has(entry.output))
        ahead.sent(entry.record.sequenceNumber, entry.sub);
      else ahead.gap();
    }
    if (this.#read.table === undefined) this.#sentAhead = ahead.runs;
    this.#progress = copyOf(this.#step.before);
    this.#step.entries = entries.slice(0, first);
    for (const entry of this.#step.entries) account(this.#progress, entry);
    this.#settle();
    this.#open = undefined;
  }

  /** The last step was delivered whole. */
  delivered(): void {
    this.#settle();
  }

  /** The last step is delivered, as far as it is kept: what was held back until then counts. */
  #settle(): void {
    const { table } = this.#read;
    for (const { fate, grouped, record, sub } of this.#step.entries) {
      if (grouped !== undefined) table?.count(grouped);
      if (fate === 'counted') this.#sent.sent(record.sequenceNumber, sub);
      else if (fate !== 'none') this.#sent.gap();
    }
    this.#step.entries = [];
  }

  /** After all records of a page. `limit` is what was asked for: a full page proves no tip. */
  endPage(page: Page, limit: number): StopReason | undefined {
    this.#settle();
    this.#answeredAt = page.serverTime;
    this.#millisBehindLatest = page.millisBehindLatest;
    if (this.#progress.isEnded) return 'ended';
    const reachedTip = page.millisBehindLatest === 0 && page.records.length < limit;
    // The end of a closed shard proves nothing of now: its children may hold events since it was closed, long ago.
    if (page.end === undefined && reachedTip) this.#noteTip(page);
    // Short of the tip an empty answer does not say yet whether the record that was named is there.
    const isUnproven = this.#shard.isHandedOver === true && !this.#sawLastRead && this.records === 0 && !reachedTip;
    if (page.end === undefined && (page.records.length === 0 || reachedTip)) {
      const through = page.serverTime - page.millisBehindLatest;
      if (isUnproven) this.#walkedThrough = later(this.#walkedThrough, through);
      else this.#progress.readThrough = later(this.#progress.readThrough, through);
    }
    this.#end = page.end;
    if (page.end !== undefined) return 'end-of-shard';
    this.#progress.isEnded = this.#isQuiet || (reachedTip && page.records.length === 0 && this.#isPastEnd(page));
    if (this.#progress.isEnded) return 'ended';
    // The last records of a closed shard may come before its end does, and its children hold what was put since. If it
    // was closed, nothing but the end can follow.
    this.#isQuiet = reachedTip && this.#isPastEnd(page);
    if (this.#isQuiet) return undefined;
    if (reachedTip) return 'caught-up';
    return this.remaining === 0 ? 'budget-spent' : undefined;
  }

  /**
   * An answer without records at the tip: it is open. One with records may be its last, and be followed by its end. If all
   * of them were read before, even that is old news: their stamps may lie in any order and any time ago.
   */
  #noteTip({ records, serverTime }: Page): void {
    const last = records.at(-1);
    if (last === undefined) {
      this.#tipTime = serverTime;
      this.#openAt = serverTime;
    } else if (this.records > 0) this.#tipTime = Math.min(serverTime, last.arrivalTime.getTime());
  }

  #isPastEnd({ serverTime }: Page): boolean {
    return isQuietPast(serverTime, this.#shard.endpoint);
  }

  /** A whole page at once. */
  take(page: Page, limit: number): { readonly taken: Taken; readonly stop: StopReason | undefined } {
    const outputs: OutputRecord[] = [];
    const deadLetters: DeadLetter[] = [];
    for (let at = 0; at < page.records.length; ) {
      const { taken, next } = this.takeSome(page, at);
      outputs.push(...taken.outputs);
      deadLetters.push(...taken.deadLetters);
      at = next;
    }
    return { taken: { outputs, deadLetters }, stop: this.endPage(page, limit) };
  }

  /** Records that may still be asked for. */
  get remaining(): number {
    return Math.max(0, this.#read.pipeline.source.maxFetchRecordsPerShard - this.events);
  }

  result(stop: StopReason, usage: ReadUsage | undefined = undefined): ShardResult {
    this.#settle();
    const dataLoss = this.#lossSoFar();
    if (dataLoss !== null) this.#refuseLoss(dataLoss);
    const { records, events, outOfRange, bytes, lastArrival, maxEventTime } = this.#progress;
    return {
      shardId: this.#shard.shardId,
      from: this.#shard.position,
      to: this.#endPosition(),
      records,
      events,
      outOfRange,
      bytes,
      readThrough: this.#progress.readThrough,
      ...(this.#progress.readThrough === null && this.#walkedThrough !== null
        ? { walkedThrough: this.#walkedThrough }
        : {}),
      lastArrival,
      maxEventTime,
      tipTime: this.#tipTime,
      millisBehindLatest: this.#millisBehindLatest,
      stop,
      ...usage,
      ...(this.#answeredAt === undefined ? {} : { answeredAt: this.#answeredAt }),
      ...(this.#openAt === undefined ? {} : { openAt: this.#openAt }),
      ...(this.#progress.isEnded && this.#shard.endpoint !== undefined ? { endedAt: this.#shard.endpoint } : {}),
      ...this.#sentAheadField(),
      children: this.#end?.children ?? [],
      dataLoss,
      subscribedAt: this.subscribedAt ?? null,
    };
  }

  /** Beyond where the read ended, whoever found it acknowledged. Nothing lies beyond a shard's end. */
  #sentAheadField(): Pick<ShardResult, 'sentAhead'> {
    if (this.#end !== undefined) return {};
    if (this.#sentAhead.length === 0 && this.#sentBefore.length === 0) return {};
    const runs = runsBehind(unionOfRuns(this.#sentBefore, this.#sentAhead), placeOf(this.#endPosition()));
    return runs.length === 0 ? {} : { sentAhead: { to: this.#destination, runs } };
  }

  /** What was read went over the gap and met nothing: all of it may have been taken. */
  #lossSoFar(): DataLoss | null {
    const { dataLoss, records, readThrough } = this.#progress;
    const wentOn = readThrough !== null || this.#end !== undefined;
    if (!this.#mayMiss || this.#sawLastRead || records > 0 || !wentOn) return dataLoss;
    return this.#isMidRecord && !this.#isRestGone ? dataLoss : this.#lossBefore(null);
  }

  /** The record in the middle of which the position lies did not come, and its time was gone over. */
  get #isRestGone(): boolean {
    const { readThrough } = this.#progress;
    if (!this.#isMidRecord || this.#sawLastRead || this.records > 0) return false;
    return this.#end !== undefined || (readThrough ?? 0) > (this.#shard.lastArrival ?? 0) + positionMarginMs;
  }

  #endPosition(): Position {
    if (this.#end !== undefined) return shardEnd;
    const { records, readThrough } = this.#progress;
    const position = positionOf(this.#progress);
    if (records > 0 || readThrough === null || (this.#isMidRecord && !this.#isRestGone)) return position;
    const lastRead = lastReadOf(position);
    // Only what was read before came: its number is as far, and it is exact.
    if (this.#sawLastRead && lastRead !== undefined) return afterSequenceNumber(lastRead);
    const { lastArrival } = this.#shard;
    const from = this.#isRestGone && lastRead !== undefined ? afterSequenceNumber(lastRead) : position;
    return overEmptyStretch(from, { through: readThrough, lastArrival, marginMs: positionMarginMs });
  }

  /** Whether the record is done with. */
  #takeFrom(record: KinesisRecord, index: number): boolean {
    const cut = cutRecord(record, this.#shard.endpoint);
    if (cut.kind === 'before') {
      this.#add(entryOf(record, { closes: { position: undefined, through: this.#sofar(cut.through), ends: true } }));
      return true;
    }
    const open = this.#open?.record === record ? this.#open : this.#openRecord(record, cut, index);
    this.#open = open;
    const { closes } = open;
    if (open.next >= open.end) {
      this.#add(entryOf(record, { opens: open.opens, loss: open.loss, closes }));
      return true;
    }
    while (open.next < open.end && this.#step.hasRoom && !this.isHeld) this.#takeEvent(open);
    return open.next >= open.end;
  }

  #openRecord(record: KinesisRecord, cut: RecordCut, index: number): OpenRecord {
    const { sequenceNumber } = record;
    const arrival = record.arrivalTime.getTime();
    const [through, opens] = [this.#sofar(arrival), this.#sofar(arrival - 1)];
    const ends = cut.kind !== 'whole';
    const skip = this.#eventsToSkip(sequenceNumber);
    const opened = { record, loss: undefined, next: 0, end: 0 };
    if (skip === 'record')
      return { ...opened, events: [], opens: undefined, closes: { position: undefined, through, ends } };
    const isFirst = this.#progress.records === 0 && !this.#sawLastRead;
    const loss = isFirst && this.#mayMiss ? this.#noteLoss(record) : undefined;
    const unpacked = deaggregate(record, () => this.#digests!.of(index));
    const whole = { position: afterSequenceNumber(sequenceNumber), through, ends };
    if (unpacked.kind !== 'aggregated') {
      const corrupt = unpacked.kind === 'corrupt' ? unpacked.reason : undefined;
      // Of an ordinary record the first event is the only one. One that can't be read was not taken in part.
      const next = unpacked.kind === 'plain' && skip > 0 ? 1 : 0;
      return { ...opened, events: [record], corrupt, opens, loss, next, end: 1, closes: whole };
    }
    const { events } = unpacked;
    const isInside = cut.kind === 'inside' && cut.upTo + 1 < events.length;
    if (!isInside) return { ...opened, events, opens, loss, next: skip, end: events.length, closes: whole };
    const last = Math.max(cut.upTo, skip - 1);
    const closes = { position: afterSequenceNumber(sequenceNumber, last), through: opens, ends };
    return { ...opened, events, opens, loss, next: skip, end: last + 1, closes };
  }

  #eventsToSkip(sequenceNumber: string): 'record' | number {
    const { position } = this.#shard;
    if (position.kind === 'after-sequence-number' && position.subSequenceNumber !== undefined) {
      if (sequenceNumber === position.sequenceNumber) {
        this.#sawLastRead = true;
        return position.subSequenceNumber + 1;
      }
    }
    const lastRead = lastReadOf(position);
    if (lastRead === undefined || isAfter(sequenceNumber, lastRead)) return 0;
    this.#sawLastRead = true;
    return 'record';
  }

  #noteLoss(record: KinesisRecord): DataLoss {
    const loss = this.#lossBefore({
      sequenceNumber: record.sequenceNumber,
      arrivalTime: record.arrivalTime.getTime(),
    });
    this.#refuseLoss(loss);
    return loss;
  }

  /** All other losses were refused by the plan; that a number from outside is gone only a read can tell. */
  #refuseLoss(loss: DataLoss): void {
    if (!this.#read.pipeline.source.failOnDataLoss || !this.#asksForRecord || this.#shard.mayHaveLost) return;
    throw new SluiceError(
      'DataLoss',
      `${loss.shardId}: record ${loss.lastRead}, after which the starting position begins, is no longer in the stream; ` +
        `the oldest is ${loss.firstAvailable?.sequenceNumber ?? 'none'}. Set failOnDataLoss: false to go on from there.`,
    );
  }

  #lossBefore(firstAvailable: DataLoss['firstAvailable']): DataLoss {
    const { shardId, position, readThrough } = this.#shard;
    return { shardId, lastRead: lastReadOf(position) ?? null, readThrough, firstAvailable };
  }

  /** Kinesis's stamps may be ahead of its clock. */
  #sofar(arrival: number): number {
    return Math.min(arrival, this.#answeredAt ?? arrival);
  }

  #takeEvent(open: OpenRecord): void {
    const { record, next: sub, opens, loss } = open;
    const event = open.events[sub]!;
    const closes = sub + 1 === open.end ? open.closes : undefined;
    const entry = entryOf(record, { sub, opens, loss, closes });
    if (open.corrupt !== undefined) {
      this.#bury(entry, event, { reason: 'corrupt-aggregated-record', message: open.corrupt });
    } else if (event !== record && this.#isResent(record, event)) entry.fate = 'stray';
    else if (this.#read.isolated === undefined) this.#judge(entry, event);
    else this.#judgeIsolated(entry, event, this.#read.isolated);
    if (this.isHeld) return;
    open.next += 1;
    open.opens = undefined;
    open.loss = undefined;
    this.#add(entry);
    // A letter of this kind is kept before anything else is run: the next event may take the whole function with it.
    this.isHeld = this.#hasBuried;
  }

  #judgeIsolated(entry: Entry, event: EventSource, { holdAt, bury }: IsolatedReading): void {
    const place = { sequenceNumber: entry.record.sequenceNumber, sub: entry.sub };
    if (bury !== undefined && isSamePlace(bury, place)) {
      this.#hasBuried = true;
      this.#bury(entry, event, { reason: 'crashed-executor', message: bury.message });
      return;
    }
    if (holdAt !== undefined && isSamePlace(holdAt, place)) {
      this.isHeld = true;
      return;
    }
    try {
      this.#judge(entry, event);
    } catch (error) {
      if (!(error instanceof UserCodeDied)) throw error;
      this.isHeld = true;
      this.died = { place, message: error.message };
    }
  }

  #judge(entry: Entry, event: EventSource): void {
    const { table, judge, limit } = this.#read;
    const { record, sub } = entry;
    const judgement = judge(event.data, this.#metaOf(record, event, sub), this.#base);
    const { verdict } = judgement;
    this.#step.expanded(judgement.expandedBytes);
    if (verdict === 'dead') {
      this.#bury(entry, event, judgement);
      return;
    }
    const output = verdict === 'counted' && table === undefined ? judgement.output! : undefined;
    const objection = output && limit.objection(judgement.outputBytes);
    if (objection !== undefined) {
      this.#bury(entry, event, { reason: 'output-too-large', message: objection });
      return;
    }
    entry.fate = verdict;
    entry.eventTime = judgement.eventTime;
    if (verdict !== 'counted') return;
    if (table === undefined) {
      const isSent = this.#sentBefore.length > 0 && isInRuns(this.#sentBefore, record.sequenceNumber, sub);
      entry.output = isSent ? sentBefore : this.#step.give(output!, judgement.outputBytes);
    } else if (this.#step.holds) entry.grouped = cloneGrouped(judgement.grouped!);
    else table.count(judgement.grouped!);
  }

  #add(entry: Entry): void {
    account(this.#progress, entry);
    this.#step.add(entry);
  }

  #metaOf(record: KinesisRecord, event: EventSource, sub: number): EventMeta {
    return {
      streamName: this.#read.streamName,
      shardId: this.#shard.shardId,
      partitionKey: event.partitionKey,
      explicitHashKey: event.explicitHashKey,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      // Callbacks may change theirs.
      arrivalTime: new Date(record.arrivalTime),
    };
  }

  /** From the first letter of a step on, what counts waits until the letters are stored. */
  #bury(entry: Entry, event: EventSource, why: Pick<Judgement, 'reason' | 'message'>): void {
    const { record, sub } = entry;
    this.#step.hold(this.#progress);
    entry.fate = 'dead';
    entry.buried = {
      shardId: this.#shard.shardId,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      partitionKey: event.partitionKey,
      arrivalTime: record.arrivalTime.getTime(),
      reason: why.reason,
      message: why.message,
      payload: event.data,
    };
    entry.letter = this.#step.bury(entry.buried);
  }
}

type EventSource = {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey?: string | undefined;
};

/** A record of the page that is being taken, perhaps over several steps. */
type OpenRecord = {
  readonly record: KinesisRecord;
  readonly events: readonly EventSource[];
  /** Why it can't be read, as one event. */
  readonly corrupt?: string | undefined;
  /** Of its events, the next one to take, and where to stop. */
  next: number;
  readonly end: number;
  /** Set while nothing of it was taken in this read: everything that arrived up to then was. */
  opens: number | undefined;
  loss: DataLoss | undefined;
  readonly closes: Closing;
};

/**
 * Whether a read is worth a block: something was delivered or ended, the shard is new, an idle shard could close a
 * window, or its position is due to be written down again. An idle batch so costs no write.
 */
export function hasMoved(pipeline: Pipeline, task: PlannedTask, shard: PlannedShard, result: ShardResult): boolean {
  if (result.records > 0 || result.stop === 'end-of-shard' || result.stop === 'ended' || shard.isNew) return true;
  if (result.sentAhead !== undefined && !isSameRuns(result.sentAhead, shard.sentAhead)) return true;
  if (isSubscribedTooLate(task, result)) return true;
  if ((result.readThrough ?? 0) - (shard.readThrough ?? 0) >= task.refreshAfterMs) return true;
  // Short of the tip every step over an empty stretch counts, or a long one would never be crossed. So does the exact place
  // behind what was read before: the next read begins there, and proves the tip.
  if (result.tipTime === null)
    return !isSamePosition(shard.position, result.to) || (result.walkedThrough ?? 0) > (shard.walkedThrough ?? 0);
  const rules = markRulesOf(pipeline);
  if (task.wakeAt === null || rules === undefined) return false;
  if (shard.quietSince === null) return true;
  const { mark } = advanceMark(shard, result, rules);
  return mark !== null && mark >= task.wakeAt && (shard.mark === null || shard.mark < task.wakeAt);
}

const isSameRuns = (one: SentPlaces, other: SentPlaces | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The last event that a position says was read. */
function placeOf(position: Position): EventPlace | undefined {
  const sequenceNumber = lastReadOf(position);
  if (sequenceNumber === undefined) return undefined;
  const sub = position.kind === 'after-sequence-number' ? position.subSequenceNumber : undefined;
  return { sequenceNumber, sub: sub ?? Number.POSITIVE_INFINITY };
}
