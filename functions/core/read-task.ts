/**
 * What an executor makes of the pages it reads: partial aggregates or output records, dead letters, and per shard the
 * position after.
 *
 * X1 `takeSome` is one synchronous step: counts, positions and marks of its records change together. What it gives out
 *    must be delivered before the next step; if that fails, `undo` takes the step back, as long as nothing was merged
 *    into partial aggregates.
 * X2 read = counted + filtered + late + dead-lettered, for every page. What belongs to another shard was not read.
 * X3 A position lies inside an aggregated record only where an end was asked for, or another reader's start taken over.
 * X4 Nothing past the shard's end is taken, counted or sent, whichever page it comes in.
 */
import type { EventMeta, Pipeline } from '../pipeline/pipeline.ts';
import type { DeadLetter, KinesisRecord, Page, ReadUsage } from '../ports.ts';
import { deaggregate } from './aggregated-record.ts';
import { countLetter, emptyTally, type Tally } from './dead-letter-tally.ts';
import { DigestsAhead } from './digests-ahead.ts';
import { cutRecord, isQuietPast, type RecordCut } from './endpoint-cut.ts';
import { SluiceError } from './errors.ts';
import { isAsynchronous } from './evaluate-event.ts';
import type { Decompress } from './expand-payload.ts';
import type { Md5 } from './hash-key.ts';
import { createJudge, type JudgeEvent, type Judgement } from './judge-event.ts';
import {
  type Counters,
  type DataLoss,
  noCounts,
  type PlannedShard,
  type PlannedTask,
  type ShardResult,
  type StopReason,
} from './model.ts';
import type { OutputRecord } from './output.ts';
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
import { type RecordLimit, recordLimitOf } from './record-limit.ts';
import { type IsResent, resentEventsOf } from './resent-events.ts';
import { markRulesOf } from './seal-batch.ts';
import { isSubscribedTooLate } from './subscription-pace.ts';
import { advanceMark, later } from './watermark.ts';
import { WindowTable } from './window-table.ts';

/** Arrival stamps of a shard are not exact: an idle position stays this far behind the tip. */
export const positionMarginMs = 120_000;

export type Taken = { readonly outputs: readonly OutputRecord[]; readonly deadLetters: readonly DeadLetter[] };

export class TaskRead {
  readonly table: WindowTable | undefined;
  readonly pipeline: Pipeline;
  readonly task: PlannedTask;
  readonly streamName: string;
  readonly md5: Md5;
  readonly judge: JudgeEvent;
  readonly limit: RecordLimit;

  constructor(pipeline: Pipeline, task: PlannedTask, streamName: string, md5: Md5, decompress: Decompress) {
    this.pipeline = pipeline;
    this.task = task;
    this.streamName = streamName;
    this.md5 = md5;
    this.judge = createJudge(pipeline, task, decompress);
    this.limit = recordLimitOf(pipeline.outputs[0]!.sink);
    this.table = pipeline.aggregation === undefined ? undefined : new WindowTable(pipeline.aggregation);
  }

  /** Before anything is stored: an asynchronous schema is a wrong pipeline, not a stream of bad events. */
  async checkSchema(): Promise<void> {
    if (!(await isAsynchronous(this.judge))) return;
    throw new SluiceError('InvalidPipeline', 'decode: the schema is asynchronous; use one that validates at once');
  }
}

/** What one step gives out at most, so that a slow sink or many bad events end a read early instead of failing it. */
const maxStepItems = 1_000;

type Progress = {
  position: Position;
  records: number;
  bytes: number;
  events: number;
  outOfRange: number;
  readThrough: number | null;
  lastArrival: number | null;
  maxEventTime: number | null;
  dataLoss: DataLoss | null;
  letters: Tally;
  counters: { -readonly [Name in keyof Counters]: number };
};

/** One shard of the task, for the length of one batch. */
export class ShardRead {
  readonly #read: TaskRead;
  readonly #shard: PlannedShard;
  readonly #base: string;
  readonly #isResent: IsResent;
  #digests: DigestsAhead | undefined;
  #progress: Progress;
  #before: Progress;
  #tipTime: number | null = null;
  #answeredAt: number | undefined;
  #openAt: number | undefined;
  #millisBehindLatest = 0;
  #end: Page['end'];
  #walkedThrough: number | null;
  #sawLastRead = false;
  #isEnded = false;
  /** At its tip past the end that was asked for, unless the shard was closed. */
  #isQuiet = false;
  /** When its last subscription began. */
  subscribedAt: number | undefined;

  constructor(read: TaskRead, shard: PlannedShard) {
    this.#read = read;
    this.#shard = shard;
    this.#base = describePosition(shard.position);
    this.#walkedThrough = shard.walkedThrough ?? null;
    this.#isResent = resentEventsOf(shard.hashRange, read.md5);
    this.#progress = {
      position: shard.mayHaveLost ? this.startPosition : shard.position,
      records: 0,
      bytes: 0,
      events: 0,
      outOfRange: 0,
      readThrough: null,
      lastArrival: null,
      maxEventTime: null,
      dataLoss: null,
      letters: emptyTally,
      counters: { ...noCounts },
    };
    this.#before = this.#progress;
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

  /** Of a shard that was handed over: all that is left of it, if its number is no longer taken. */
  get remainder(): Position | undefined {
    const after = lastReadOf(this.#shard.position);
    if (this.#shard.isHandedOver !== true || after === undefined) return undefined;
    return { kind: 'trim-horizon', after };
  }

  get #mayMiss(): boolean {
    return this.#shard.mayHaveLost || this.#shard.isHandedOver === true;
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

  /** Takes records of the page from `from` on, as many as one step holds; `next` is where to go on. */
  takeSome(page: Page, from: number): { readonly taken: Taken; readonly next: number } {
    this.#answeredAt = page.serverTime;
    this.#before = this.#progress;
    this.#progress = { ...this.#progress, counters: { ...this.#progress.counters } };
    const outputs: OutputRecord[] = [];
    const deadLetters: DeadLetter[] = [];
    if (this.#digests?.records !== page.records) this.#digests = new DigestsAhead(page.records, this.#read.md5);
    const digests = this.#digests;
    let next = from;
    let through: number | null = null;
    while (next < page.records.length && !this.#isEnded && outputs.length + deadLetters.length < maxStepItems) {
      const index = next;
      const record = page.records[index]!;
      const cut = cutRecord(record, this.#shard.endpoint);
      if (cut.kind !== 'before')
        this.#takeRecord(record, { cut, digestOf: () => digests.of(index) }, outputs, deadLetters);
      through = cut.kind === 'before' ? cut.through : record.arrivalTime.getTime();
      this.#isEnded = cut.kind !== 'whole';
      next += 1;
    }
    if (through !== null)
      this.#progress.readThrough = later(this.#progress.readThrough, Math.min(through, page.serverTime));
    // What follows in the page is not this pipeline's.
    return { taken: { outputs, deadLetters }, next: this.#isEnded ? page.records.length : next };
  }

  /** The last step was not delivered, or not even ended: it is read again, here or by a later batch. */
  undo(): void {
    this.#progress = this.#before;
    this.#isEnded = false;
  }

  /** After all records of a page. `limit` is what was asked for: a full page proves no tip. */
  endPage(page: Page, limit: number): StopReason | undefined {
    this.#answeredAt = page.serverTime;
    this.#millisBehindLatest = page.millisBehindLatest;
    if (this.#isEnded) return 'ended';
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
    this.#isEnded = this.#isQuiet || (reachedTip && page.records.length === 0 && this.#isPastEnd(page));
    if (this.#isEnded) return 'ended';
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
      ...(this.#isEnded && this.#shard.endpoint !== undefined ? { endedAt: this.#shard.endpoint } : {}),
      children: this.#end?.children ?? [],
      dataLoss,
      subscribedAt: this.subscribedAt ?? null,
    };
  }

  /** What was read went over the gap and met nothing: all of it may have been taken. */
  #lossSoFar(): DataLoss | null {
    const { dataLoss, records, readThrough } = this.#progress;
    const wentOn = readThrough !== null || this.#end !== undefined;
    if (!this.#mayMiss || this.#sawLastRead || records > 0 || !wentOn) return dataLoss;
    return this.#lossBefore(null);
  }

  #endPosition(): Position {
    if (this.#end !== undefined) return shardEnd;
    const { position, records } = this.#progress;
    if (records > 0 || this.#progress.readThrough === null) return position;
    const lastRead = lastReadOf(position);
    // Only what was read before came: its number is as far, and it is exact.
    if (this.#sawLastRead && lastRead !== undefined) return afterSequenceNumber(lastRead);
    const { lastArrival } = this.#shard;
    return overEmptyStretch(position, { through: this.#progress.readThrough, lastArrival, marginMs: positionMarginMs });
  }

  #takeRecord(
    record: KinesisRecord,
    { cut, digestOf }: { readonly cut: RecordCut; readonly digestOf: Md5 },
    outputs: OutputRecord[],
    deadLetters: DeadLetter[],
  ): void {
    const skip = this.#eventsToSkip(record.sequenceNumber);
    if (skip === 'record') return;
    if (this.#progress.records === 0 && !this.#sawLastRead && this.#mayMiss) this.#noteLoss(record);
    const unpacked = deaggregate(record, digestOf);
    if (unpacked.kind === 'corrupt') {
      this.#progress.counters.read += 1;
      this.#progress.events += 1;
      this.#bury(record, record, 0, { reason: 'corrupt-aggregated-record', message: unpacked.reason }, deadLetters);
    } else if (unpacked.kind === 'plain') {
      if (skip === 0) this.#takeEvent(record, record, 0, outputs, deadLetters);
    } else {
      const end = cut.kind === 'inside' ? Math.min(cut.upTo + 1, unpacked.events.length) : unpacked.events.length;
      for (let sub = skip; sub < end; sub++) {
        const event = unpacked.events[sub]!;
        if (this.#isResent(record, event)) this.#progress.outOfRange += 1;
        else this.#takeEvent(record, event, sub, outputs, deadLetters);
      }
    }
    const progress = this.#progress;
    progress.records += 1;
    progress.bytes += record.data.length;
    progress.lastArrival = record.arrivalTime.getTime();
    progress.position =
      cut.kind === 'inside' && unpacked.kind === 'aggregated'
        ? afterSequenceNumber(record.sequenceNumber, cut.upTo)
        : afterSequenceNumber(record.sequenceNumber);
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

  #noteLoss(record: KinesisRecord): void {
    const loss = this.#lossBefore({
      sequenceNumber: record.sequenceNumber,
      arrivalTime: record.arrivalTime.getTime(),
    });
    this.#refuseLoss(loss);
    this.#progress.dataLoss = loss;
  }

  /** All other losses were refused by the plan; that a number from outside is gone only a read can tell. */
  #refuseLoss(loss: DataLoss): void {
    if (!this.#read.pipeline.source.failOnDataLoss || this.#shard.isHandedOver !== true || this.#shard.mayHaveLost)
      return;
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

  #takeEvent(
    record: KinesisRecord,
    event: EventSource,
    sub: number,
    outputs: OutputRecord[],
    deadLetters: DeadLetter[],
  ): void {
    const { table, judge } = this.#read;
    const { counters } = this.#progress;
    const judgement = judge(event.data, this.#metaOf(record, event, sub), this.#base);
    const { verdict, eventTime } = judgement;
    counters.read += 1;
    this.#progress.events += 1;
    if (verdict === 'dead') {
      this.#bury(record, event, sub, judgement, deadLetters);
      return;
    }
    const output = verdict === 'counted' && table === undefined ? judgement.output! : undefined;
    const objection = output && this.#read.limit.objection(judgement.outputBytes);
    if (objection !== undefined) {
      this.#bury(record, event, sub, { reason: 'output-too-large', message: objection }, deadLetters);
      return;
    }
    counters[verdict] += 1;
    if (verdict === 'counted') table?.count(judgement.grouped!);
    if (output !== undefined) {
      outputs.push(output);
      counters.emitted += 1;
    }
    if (eventTime !== undefined) this.#progress.maxEventTime = later(this.#progress.maxEventTime, eventTime);
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

  #bury(
    record: KinesisRecord,
    event: EventSource,
    sub: number,
    why: Pick<Judgement, 'reason' | 'message'>,
    deadLetters: DeadLetter[],
  ): void {
    this.#progress.counters.deadLettered += 1;
    const letter: DeadLetter = {
      shardId: this.#shard.shardId,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      partitionKey: event.partitionKey,
      arrivalTime: record.arrivalTime.getTime(),
      reason: why.reason,
      message: why.message,
      payload: event.data,
    };
    this.#progress.letters = countLetter(this.#progress.letters, letter);
    deadLetters.push(letter);
  }
}

type EventSource = {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey?: string | undefined;
};

/**
 * Whether a read is worth a block: something was delivered or ended, the shard is new, an idle shard could close a
 * window, or its position is due to be written down again. An idle batch so costs no write.
 */
export function hasMoved(pipeline: Pipeline, task: PlannedTask, shard: PlannedShard, result: ShardResult): boolean {
  if (result.records > 0 || result.stop === 'end-of-shard' || result.stop === 'ended' || shard.isNew) return true;
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
