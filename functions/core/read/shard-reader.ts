/** What stays the same for as long as one shard of a task is read. */
import type { EventMeta } from '../../pipeline/callback.ts';
import type { EventIdentity } from '../../sinks/identity.ts';
import type { DeadLetter } from '../dead-letter.ts';
import { DigestsAhead } from '../digests-ahead.ts';
import type { Place } from '../emit-event.ts';
import { SluiceError } from '../errors.ts';
import type { Judgement } from '../judge-event.ts';
import type { PlannedShard } from '../model.ts';
import { destinationOf } from '../output.ts';
import { describePosition } from '../position.ts';
import type { EventSource, KinesisRecord } from '../record.ts';
import { redriveSource } from '../redrive.ts';
import type { Repeats } from '../repeats/repeats.ts';
import { type IsResent, resentEventsOf } from '../resent-events.ts';
import { nameOf } from '../shard-name.ts';
import type { DataLoss } from '../shard-result.ts';
import { asksForRecord, lossBefore } from './resume-point.ts';
import type { Destination } from './sent-so-far.ts';
import type { TaskRead } from './task-read.ts';

export class ShardReader {
  readonly task: TaskRead;
  readonly shard: PlannedShard;
  readonly isResent: IsResent;
  /** From where the read started, for the identity of what it sends. */
  readonly base: string;
  /** Of each output that is sent to while it is read. */
  readonly destinations: readonly Destination[];
  /** Those of them that events go to. */
  readonly ids: readonly string[];
  /** Set before the first step, where repeats are looked for. */
  repeats: Repeats | undefined;
  #digests: DigestsAhead;

  constructor(task: TaskRead, shard: PlannedShard) {
    this.task = task;
    this.shard = shard;
    this.isResent = resentEventsOf(shard.hashRange, task.md5);
    this.base = describePosition(shard.position);
    this.destinations = task.sending.map((output) => ({ id: output.id, to: destinationOf(output) }));
    this.ids = task.direct.map(({ id }) => id);
    this.#digests = new DigestsAhead([], task.md5);
  }

  /** Before a step: of these records digests may be asked for. */
  expect(records: readonly KinesisRecord[]): void {
    if (this.#digests.records !== records) this.#digests = new DigestsAhead(records, this.task.md5);
  }

  /** None of what was expected is asked for any more. */
  letGo(): void {
    this.#digests = new DigestsAhead([], this.task.md5);
  }

  /** Of a record of those that are expected. */
  digestOf(index: number): Uint8Array {
    return this.#digests.of(index);
  }

  /** What is missing before the first record that is there; refused where the pipeline says so. */
  lossBefore({ sequenceNumber, arrivalMs }: KinesisRecord): DataLoss {
    const loss = lossBefore(this.shard, { sequenceNumber, arrivalTime: arrivalMs });
    this.refuseLoss(loss);
    return loss;
  }

  /**
   * All other losses were refused by the plan; that a number from outside is gone only a read can tell.
   *
   * @throws SluiceError DataLoss
   */
  refuseLoss(loss: DataLoss): void {
    const { failOnDataLoss } = this.task.pipeline.source;
    if (!failOnDataLoss || this.shard.start === 'after-gap' || !asksForRecord(this.shard)) return;
    throw new SluiceError(
      'DataLoss',
      `${loss.shardId}: record ${loss.lastRead}, after which the starting position begins, is no longer in the stream; ` +
        `the oldest is ${loss.firstAvailable?.sequenceNumber ?? 'none'}. Set failOnDataLoss: false to go on from there.`,
    );
  }

  /** Of what is written of an event beside results, whoever writes it. */
  identityOf(output: string, { sequenceNumber }: KinesisRecord, sub: number, index = 0): EventIdentity {
    const { pipeline, task } = this.task;
    const { shardId: shard } = this.shard;
    const { generation, letters } = task;
    const source = letters === undefined ? this.shard.source : redriveSource(letters.request);
    return {
      ...{ v: 1, pipeline: pipeline.name, output, generation, source, shard },
      ...{ sequence: sequenceNumber, sub, index, base: this.base },
    };
  }

  /** For user code. Undefined: none could see it. */
  metaFor(record: KinesisRecord, event: EventSource, sub: number): EventMeta | undefined {
    return this.task.judge.needsMeta ? this.metaOf(record, event, sub) : undefined;
  }

  /** Of one of which no meta is made, and that may be sent. */
  placeFor({ sequenceNumber }: KinesisRecord, { partitionKey, explicitHashKey }: EventSource, sub: number): Place {
    const { shardId } = this.shard;
    return { shardId, partitionKey, explicitHashKey, sequenceNumber, subSequenceNumber: sub };
  }

  metaOf(record: KinesisRecord, event: EventSource, sub: number): EventMeta {
    return {
      streamName: this.task.streamName,
      shardId: this.shard.shardId,
      partitionKey: event.partitionKey,
      explicitHashKey: event.explicitHashKey,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      // Callbacks may change theirs.
      arrivalTime: new Date(record.arrivalMs),
    };
  }

  deadLetterOf(
    record: KinesisRecord,
    event: EventSource,
    sub: number,
    { reason, message }: Pick<Judgement, 'reason' | 'message'>,
  ): DeadLetter {
    return {
      ...nameOf(this.shard),
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: sub,
      partitionKey: event.partitionKey,
      arrivalTime: record.arrivalMs,
      reason,
      message,
      payload: event.data,
    };
  }
}
