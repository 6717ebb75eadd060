/**
 * What an executor makes of the pages it reads: partial aggregates or output records, dead letters, and per shard the
 * position after.
 *
 * X1 `take` is one synchronous step: counts, positions and marks of a page change together or not at all.
 * X2 read = counted + filtered + late + dead-lettered, for every page.
 * X3 A position never lies inside an aggregated record that Sluice read itself.
 */
import type { EventMeta, Pipeline } from '../pipeline/pipeline.ts';
import type { DeadLetter, KinesisRecord, Page } from '../ports.ts';
import { deaggregate } from './aggregated-record.ts';
import type { Md5 } from './hash-key.ts';
import { createEvaluator, type EvaluateEvent, type Evaluation, messageOf } from './evaluate-event.ts';
import type { Counters, DataLoss, PlannedShard, PlannedTask, ShardResult, StopReason } from './model.ts';
import { maxOutputBytes, type OutputRecord, outputBytes, toOutputRecord } from './output.ts';
import { afterSequenceNumber, atTip, describePosition, isAfter, lastReadOf, type Position, shardEnd } from './position.ts';
import { advanceMark, later } from './watermark.ts';
import { markRulesOf } from './seal-batch.ts';
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
  readonly counters: { -readonly [Name in keyof Counters]: number } = {
    read: 0,
    counted: 0,
    filtered: 0,
    late: 0,
    deadLettered: 0,
    emitted: 0,
  };

  constructor(pipeline: Pipeline, task: PlannedTask, streamName: string, md5: Md5) {
    this.pipeline = pipeline;
    this.task = task;
    this.streamName = streamName;
    this.md5 = md5;
    this.evaluate = createEvaluator(pipeline);
    this.table = pipeline.aggregation === undefined ? undefined : new WindowTable(pipeline.aggregation);
    this.passesThrough = !pipeline.operations.some((operation) => operation.kind === 'map');
  }
}

/** One shard of the task, for the length of one batch. */
export class ShardRead {
  readonly #read: TaskRead;
  readonly #shard: PlannedShard;
  readonly #base: string;
  #position: Position;
  #records = 0;
  #bytes = 0;
  #readThrough: number | null = null;
  #maxEventTime: number | null = null;
  #tipTime: number | null = null;
  #millisBehindLatest = 0;
  #end: Page['end'];
  #dataLoss: DataLoss | null = null;
  #sawLastRead = false;
  events = 0;

  constructor(read: TaskRead, shard: PlannedShard) {
    this.#read = read;
    this.#shard = shard;
    this.#position = this.startPosition;
    this.#base = describePosition(shard.position);
  }

  /** Where to open the shard: what retention may have taken can't be asked for by its sequence number. */
  get startPosition(): Position {
    const { position, mayHaveLost } = this.#shard;
    if (!mayHaveLost) return position;
    const after = lastReadOf(position);
    return after === undefined ? { kind: 'trim-horizon' } : { kind: 'trim-horizon', after };
  }

  /** Why to stop after this page, if it is time. `limit` is what was asked for: a full page proves no tip. */
  take(page: Page, limit: number): { readonly taken: Taken; readonly stop: StopReason | undefined } {
    const outputs: OutputRecord[] = [];
    const deadLetters: DeadLetter[] = [];
    for (const record of page.records) this.#takeRecord(record, outputs, deadLetters);
    this.#millisBehindLatest = page.millisBehindLatest;
    const reachedTip = page.millisBehindLatest === 0 && page.records.length < limit;
    const lastArrival = page.records.at(-1)?.arrivalTime.getTime();
    if (reachedTip) this.#tipTime = page.serverTime;
    const through = reachedTip ? page.serverTime : (lastArrival ?? page.serverTime - page.millisBehindLatest);
    this.#readThrough = later(this.#readThrough, Math.min(through, page.serverTime));
    this.#end = page.end;
    const stop = page.end !== undefined ? 'end-of-shard' : reachedTip ? 'caught-up' : this.#budgetStop();
    return { taken: { outputs, deadLetters }, stop };
  }

  /** Records that may still be asked for. */
  get remaining(): number {
    return Math.max(0, this.#read.pipeline.source.maxFetchRecordsPerShard - this.events);
  }

  result(stop: StopReason): ShardResult {
    return {
      shardId: this.#shard.shardId,
      from: this.#shard.position,
      to: this.#endPosition(),
      records: this.#records,
      events: this.events,
      bytes: this.#bytes,
      readThrough: this.#readThrough,
      maxEventTime: this.#maxEventTime,
      tipTime: this.#tipTime,
      millisBehindLatest: this.#millisBehindLatest,
      stop,
      children: this.#end?.children ?? [],
      dataLoss: this.#dataLoss,
    };
  }

  #budgetStop(): StopReason | undefined {
    return this.remaining === 0 ? 'budget-spent' : undefined;
  }

  #endPosition(): Position {
    if (this.#end !== undefined) return shardEnd;
    if (this.#records > 0 || this.#readThrough === null) return this.#position;
    return atTip(this.#shard.mayHaveLost ? this.#position : this.#shard.position, this.#readThrough, positionMarginMs);
  }

  #takeRecord(record: KinesisRecord, outputs: OutputRecord[], deadLetters: DeadLetter[]): void {
    const skip = this.#eventsToSkip(record.sequenceNumber);
    if (skip === 'record') return;
    if (this.#shard.mayHaveLost && this.#dataLoss === null && !this.#sawLastRead) this.#noteLoss(record);
    const unpacked = deaggregate(record, this.#read.md5);
    if (unpacked.kind === 'corrupt') {
      this.#read.counters.read += 1;
      this.events += 1;
      this.#bury(record, record, 0, { reason: 'corrupt-aggregated-record', message: unpacked.reason }, deadLetters);
    } else if (unpacked.kind === 'plain') {
      if (skip === 0) this.#takeEvent(record, record, 0, outputs, deadLetters);
    } else {
      for (let sub = skip; sub < unpacked.events.length; sub++) {
        this.#takeEvent(record, unpacked.events[sub]!, sub, outputs, deadLetters);
      }
    }
    this.#records += 1;
    this.#bytes += record.data.length;
    this.#position = afterSequenceNumber(record.sequenceNumber);
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
    this.#dataLoss = {
      shardId: this.#shard.shardId,
      lastRead: lastReadOf(this.#shard.position) ?? null,
      readThrough: this.#shard.readThrough,
      firstAvailable: { sequenceNumber: record.sequenceNumber, arrivalTime: record.arrivalTime.getTime() },
    };
  }

  #takeEvent(
    record: KinesisRecord,
    event: EventSource,
    sub: number,
    outputs: OutputRecord[],
    deadLetters: DeadLetter[],
  ): void {
    const { counters, table, task } = this.#read;
    const meta = this.#metaOf(record, event, sub);
    const evaluation = this.#read.evaluate(event.data, meta);
    counters.read += 1;
    this.events += 1;
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
    if (evaluation.eventTime !== undefined) this.#maxEventTime = later(this.#maxEventTime, evaluation.eventTime);
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
    const { pipeline, task, passesThrough, counters } = this.#read;
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
        defaultKey: event.partitionKey,
        explicitHashKey: event.explicitHashKey,
        keySubject: evaluation.value,
      });
      const bytes = outputBytes(record);
      if (bytes > maxOutputBytes && !passesThrough) {
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
    this.#read.counters.deadLettered += 1;
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
  if (result.tipTime === null) return false;
  if (result.tipTime - (shard.readThrough ?? 0) >= task.refreshAfterMs) return true;
  const rules = markRulesOf(pipeline);
  if (task.wakeAt === null || rules === undefined) return false;
  if (shard.quietSince === null) return true;
  const { mark } = advanceMark(shard, result, rules);
  return mark !== null && mark >= task.wakeAt && (shard.mark === null || shard.mark < task.wakeAt);
}
