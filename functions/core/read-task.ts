/**
 * What an executor makes of the pages it reads: partial aggregates or output records, dead letters, and per shard the
 * position after.
 *
 * X1 `takeSome` is one synchronous step: counts, positions and marks of its records change together. What it gives out
 *    must be delivered before the next step; if that fails, `undo` takes the step back, as long as nothing was merged
 *    into partial aggregates.
 * X2 read = counted + filtered + late + dead-lettered, for every page.
 * X3 A position never lies inside an aggregated record that Sluice read itself.
 */
import type { EventMeta, Pipeline } from '../pipeline/pipeline.ts';
import type { DeadLetter, KinesisRecord, Page } from '../ports.ts';
import { deaggregate } from './aggregated-record.ts';
import { SluiceError } from './errors.ts';
import { createEvaluator, type EvaluateEvent, type Evaluation, isAsynchronous, messageOf } from './evaluate-event.ts';
import type { Md5 } from './hash-key.ts';
import {
  type Counters,
  type DataLoss,
  noCounts,
  type PlannedShard,
  type PlannedTask,
  type ShardResult,
  type StopReason,
} from './model.ts';
import { maxOutputBytes, type OutputRecord, outputBytes, toOutputRecord } from './output.ts';
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
  readonly evaluate: EvaluateEvent;
  readonly passesThrough: boolean;

  constructor(pipeline: Pipeline, task: PlannedTask, streamName: string, md5: Md5) {
    this.pipeline = pipeline;
    this.task = task;
    this.streamName = streamName;
    this.md5 = md5;
    this.evaluate = createEvaluator(pipeline);
    this.table = pipeline.aggregation === undefined ? undefined : new WindowTable(pipeline.aggregation);
    this.passesThrough = !pipeline.operations.some((operation) => operation.kind === 'map');
  }

  /** Before anything is stored: an asynchronous schema is a wrong pipeline, not a stream of bad events. */
  async checkSchema(): Promise<void> {
    if (!(await isAsynchronous(this.evaluate))) return;
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
  readThrough: number | null;
  lastArrival: number | null;
  maxEventTime: number | null;
  dataLoss: DataLoss | null;
  counters: { -readonly [Name in keyof Counters]: number };
};

/** One shard of the task, for the length of one batch. */
export class ShardRead {
  readonly #read: TaskRead;
  readonly #shard: PlannedShard;
  readonly #base: string;
  #progress: Progress;
  #before: Progress;
  #tipTime: number | null = null;
  #millisBehindLatest = 0;
  #end: Page['end'];
  #sawLastRead = false;
  /** When its last subscription began. */
  subscribedAt: number | undefined;

  constructor(read: TaskRead, shard: PlannedShard) {
    this.#read = read;
    this.#shard = shard;
    this.#base = describePosition(shard.position);
    this.#progress = {
      position: this.startPosition,
      records: 0,
      bytes: 0,
      events: 0,
      readThrough: null,
      lastArrival: null,
      maxEventTime: null,
      dataLoss: null,
      counters: { ...noCounts },
    };
    this.#before = this.#progress;
  }

  /** Where to open the shard: what retention may have taken can't be asked for by its sequence number. */
  get startPosition(): Position {
    const { position, mayHaveLost } = this.#shard;
    if (!mayHaveLost) return position;
    const after = lastReadOf(position);
    return after === undefined ? { kind: 'trim-horizon' } : { kind: 'trim-horizon', after };
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

  /** Takes records of the page from `from` on, as many as one step holds; `next` is where to go on. */
  takeSome(page: Page, from: number): { readonly taken: Taken; readonly next: number } {
    this.#before = this.#progress;
    this.#progress = { ...this.#progress, counters: { ...this.#progress.counters } };
    const outputs: OutputRecord[] = [];
    const deadLetters: DeadLetter[] = [];
    let next = from;
    while (next < page.records.length && outputs.length + deadLetters.length < maxStepItems) {
      this.#takeRecord(page.records[next]!, outputs, deadLetters);
      next += 1;
    }
    const last = next > from ? page.records[next - 1]! : undefined;
    if (last !== undefined)
      this.#progress.readThrough = later(
        this.#progress.readThrough,
        Math.min(last.arrivalTime.getTime(), page.serverTime),
      );
    return { taken: { outputs, deadLetters }, next };
  }

  /** The last step was not delivered: it is read again by a later batch. */
  undo(): void {
    this.#progress = this.#before;
  }

  /** After all records of a page. `limit` is what was asked for: a full page proves no tip. */
  endPage(page: Page, limit: number): StopReason | undefined {
    this.#millisBehindLatest = page.millisBehindLatest;
    const reachedTip = page.millisBehindLatest === 0 && page.records.length < limit;
    // The end of a closed shard proves nothing of now: its children may hold events since it was closed, long ago.
    if (page.end === undefined && reachedTip) this.#tipTime = page.serverTime;
    if (page.end === undefined && (page.records.length === 0 || reachedTip)) {
      this.#progress.readThrough = later(this.#progress.readThrough, page.serverTime - page.millisBehindLatest);
    }
    this.#end = page.end;
    if (page.end !== undefined) return 'end-of-shard';
    if (reachedTip) return 'caught-up';
    return this.remaining === 0 ? 'budget-spent' : undefined;
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

  result(stop: StopReason): ShardResult {
    const { records, events, bytes, lastArrival, maxEventTime } = this.#progress;
    return {
      shardId: this.#shard.shardId,
      from: this.#shard.position,
      to: this.#endPosition(),
      records,
      events,
      bytes,
      readThrough: this.#progress.readThrough,
      lastArrival,
      maxEventTime,
      tipTime: this.#tipTime,
      millisBehindLatest: this.#millisBehindLatest,
      stop,
      children: this.#end?.children ?? [],
      dataLoss: this.#lossSoFar(),
      subscribedAt: this.subscribedAt ?? null,
    };
  }

  /** What was read went over the gap and met nothing: all of it may have been taken. */
  #lossSoFar(): DataLoss | null {
    const { dataLoss, records, readThrough } = this.#progress;
    const wentOn = readThrough !== null || this.#end !== undefined;
    if (!this.#shard.mayHaveLost || this.#sawLastRead || records > 0 || !wentOn) return dataLoss;
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

  #takeRecord(record: KinesisRecord, outputs: OutputRecord[], deadLetters: DeadLetter[]): void {
    const skip = this.#eventsToSkip(record.sequenceNumber);
    if (skip === 'record') return;
    if (this.#shard.mayHaveLost && this.#progress.records === 0 && !this.#sawLastRead) this.#noteLoss(record);
    const unpacked = deaggregate(record, this.#read.md5);
    if (unpacked.kind === 'corrupt') {
      this.#progress.counters.read += 1;
      this.#progress.events += 1;
      this.#bury(record, record, 0, { reason: 'corrupt-aggregated-record', message: unpacked.reason }, deadLetters);
    } else if (unpacked.kind === 'plain') {
      if (skip === 0) this.#takeEvent(record, record, 0, outputs, deadLetters);
    } else {
      for (let sub = skip; sub < unpacked.events.length; sub++) {
        this.#takeEvent(record, unpacked.events[sub]!, sub, outputs, deadLetters);
      }
    }
    const progress = this.#progress;
    progress.records += 1;
    progress.bytes += record.data.length;
    progress.lastArrival = record.arrivalTime.getTime();
    progress.position = afterSequenceNumber(record.sequenceNumber);
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
    this.#progress.dataLoss = this.#lossBefore({
      sequenceNumber: record.sequenceNumber,
      arrivalTime: record.arrivalTime.getTime(),
    });
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
    const { table, task } = this.#read;
    const { counters } = this.#progress;
    const meta = this.#metaOf(record, event, sub);
    const evaluation = this.#read.evaluate(event.data, meta);
    counters.read += 1;
    this.#progress.events += 1;
    if (evaluation.verdict === 'filtered') {
      counters.filtered += 1;
    } else if (evaluation.verdict === 'dead') {
      this.#bury(record, event, sub, evaluation, deadLetters);
      return;
    } else if (table !== undefined) {
      const fate = table.add(evaluation, meta, task);
      if (fate === 'dead') {
        this.#bury(record, event, sub, evaluation, deadLetters);
        return;
      }
      counters[fate] += 1;
    } else if (!this.#emit(evaluation, meta, event, outputs)) {
      this.#bury(record, event, sub, evaluation, deadLetters);
      return;
    }
    if (evaluation.eventTime !== undefined) {
      this.#progress.maxEventTime = later(this.#progress.maxEventTime, evaluation.eventTime);
    }
  }

  #metaOf(record: KinesisRecord, event: EventSource, sub: number): EventMeta {
    return {
      streamName: this.#read.streamName,
      shardId: this.#shard.shardId,
      partitionKey: event.partitionKey,
      explicitHashKey: event.explicitHashKey,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      arrivalTime: record.arrivalTime,
    };
  }

  #emit(evaluation: Evaluation, meta: EventMeta, event: EventSource, outputs: OutputRecord[]): boolean {
    const { pipeline, task, passesThrough } = this.#read;
    const { counters } = this.#progress;
    const output = pipeline.outputs[0]!;
    try {
      const record = toOutputRecord(output, passesThrough ? event.data : evaluation.value, {
        identity: {
          v: 1,
          pipeline: pipeline.name,
          output: output.id,
          generation: task.generation,
          shard: meta.shardId,
          sequence: meta.sequenceNumber,
          sub: meta.subSequenceNumber,
          index: 0,
          base: this.#base,
        },
        // Streams with automatic distribution deliver no keys: spread, instead of all to one shard.
        defaultKey: event.partitionKey || meta.sequenceNumber,
        explicitHashKey: event.explicitHashKey,
        keySubject: evaluation.value,
      });
      const bytes = outputBytes(record);
      if (bytes > maxOutputBytes) {
        evaluation.reason = 'output-too-large';
        evaluation.message = `${bytes} bytes; a Kinesis record holds 1 MiB`;
        return false;
      }
      outputs.push(record);
    } catch (error) {
      evaluation.reason = 'callback-failed';
      evaluation.message = messageOf(error);
      return false;
    }
    counters.counted += 1;
    counters.emitted += 1;
    return true;
  }

  #bury(
    record: KinesisRecord,
    event: EventSource,
    sub: number,
    why: Pick<Evaluation, 'reason' | 'message'>,
    deadLetters: DeadLetter[],
  ): void {
    this.#progress.counters.deadLettered += 1;
    deadLetters.push({
      shardId: this.#shard.shardId,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      partitionKey: event.partitionKey,
      arrivalTime: record.arrivalTime.getTime(),
      reason: why.reason,
      message: why.message,
      payload: event.data,
    });
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
  if (result.records > 0 || result.stop === 'end-of-shard' || shard.isNew) return true;
  if (isSubscribedTooLate(task, result)) return true;
  // Short of the tip every step over an empty stretch counts, or a long one would never be crossed.
  if (result.tipTime === null) return !isSamePosition(shard.position, result.to);
  if (result.tipTime - (shard.readThrough ?? 0) >= task.refreshAfterMs) return true;
  const rules = markRulesOf(pipeline);
  if (task.wakeAt === null || rules === undefined) return false;
  if (shard.quietSince === null) return true;
  const { mark } = advanceMark(shard, result, rules);
  return mark !== null && mark >= task.wakeAt && (shard.mark === null || shard.mark < task.wakeAt);
}
