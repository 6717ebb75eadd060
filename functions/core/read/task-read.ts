/** What the reads of all shards of one task share. */
import { countedWhileReading, isFromOutbox, isSentWhileReading, outputsFrom } from '../../pipeline/outputs.ts';
import type { Aggregation, Output, Pipeline } from '../../pipeline/pipeline.ts';
import { bytesOfTask, CarriedRecords } from '../carried.ts';
import { holdsEvents } from '../distinct-keys.ts';
import { asynchronousSchema, isAsynchronous } from '../evaluate-event.ts';
import type { Decompress } from '../expand-payload.ts';
import type { CountedPartials } from '../group-partials.ts';
import type { Md5 } from '../hash-key.ts';
import type { IsolatedReading } from '../isolated-reading.ts';
import { createJudge, type JudgeEvent } from '../judge-event.ts';
import type { PlannedTask } from '../model.ts';
import { noEnds } from '../open-ends.ts';
import { limitsOf, type OutputLimits } from '../record-limit.ts';
import type { References } from '../references.ts';
import type { ShardName } from '../shard-name.ts';
import { withoutUserCode } from '../unmerged.ts';
import { WindowTable } from '../window-table.ts';

/** User code runs elsewhere, and may not come back. */
export type TaskIsolation = { readonly judge: JudgeEvent; readonly reading: IsolatedReading };

type EventName = ShardName & { readonly sequenceNumber: string; readonly subSequenceNumber: number };

export type TaskReadParts = {
  readonly pipeline: Pipeline;
  readonly task: PlannedTask;
  readonly streamName: string;
  readonly md5: Md5;
  readonly decompress: Decompress;
  /** Absent: user code runs in place. */
  readonly isolation?: TaskIsolation | undefined;
  /** What callbacks are given where they run in place. Absent: the pipeline has none. */
  readonly references?: References | undefined;
  /** Absent: the pipeline's own. */
  readonly judge?: JudgeEvent;
};

export class TaskRead {
  readonly pipeline: Pipeline;
  readonly task: PlannedTask;
  readonly streamName: string;
  readonly md5: Md5;
  readonly judge: JudgeEvent;
  /** Those that events go to as they are. */
  readonly outputs: readonly Output[];
  /** Those of them that are sent to step by step; records of the others travel in the block. */
  readonly direct: readonly Output[];
  /** All that are sent to while it reads. */
  readonly sending: readonly Output[];
  /** All of which it says how many records they get. */
  readonly counted: readonly Output[];
  readonly limits: OutputLimits;
  readonly isolated: IsolatedReading | undefined;
  /** Partial aggregates of all its shards; undefined without grouping. */
  readonly table: WindowTable | undefined;
  /** Of most of its events there is no more to say than how many there are, and what is sent of them. */
  readonly takesRuns: boolean;
  /** Of late events, if the pipeline has it. */
  readonly lateOutput: Output | undefined;
  /** The same of dead letters. */
  readonly letterOutput: Output | undefined;
  /** What travels in the block beside them. */
  readonly carried: CarriedRecords;
  /** Where its dead letters lie, once they are delivered. */
  readonly buried: EventName[] = [];

  constructor({ pipeline, task, streamName, md5, decompress, isolation, references, judge }: TaskReadParts) {
    this.pipeline = pipeline;
    this.task = task;
    this.streamName = streamName;
    this.md5 = md5;
    this.carried = new CarriedRecords(bytesOfTask(pipeline.maxTasks));
    this.judge = isolation?.judge ?? judge ?? createJudge(pipeline, task, decompress, references);
    this.isolated = isolation?.reading;
    this.outputs = outputsFrom(pipeline, 'events');
    this.direct = this.outputs.filter(isSentWhileReading);
    this.sending = pipeline.outputs.filter(isSentWhileReading);
    this.counted = countedWhileReading(pipeline);
    this.limits = limitsOf(this.outputs);
    // An executor has nothing to do with sinks that reducers write.
    for (const { id } of this.outputs.filter(isFromOutbox)) this.limits.of(id)?.settle();
    this.lateOutput = outputsFrom(pipeline, 'late')[0];
    this.letterOutput = outputsFrom(pipeline, 'letters')[0];
    this.table = tableOf(pipeline.aggregation, isolation);
    this.takesRuns = isolation === undefined && (countsAlone(pipeline) || sendsAlone(pipeline, this.direct));
  }

  /** What was counted since it was asked last, by key group: a part of the block. */
  takeCounted(): ReadonlyMap<number, CountedPartials> {
    const groups = this.#counted();
    this.table?.clear();
    return groups;
  }

  /** The rest, and what is carried. */
  partials(): ReadonlyMap<number, CountedPartials> {
    const groups = this.#counted();
    for (const [keyGroup, carried] of this.carried.byGroup)
      groups.set(keyGroup, { ...(groups.get(keyGroup) ?? { windows: [], open: noEnds }), carried });
    return groups;
  }

  #counted(): Map<number, CountedPartials> {
    return this.table?.countedByKeyGroup(this.task.parallelism) ?? new Map();
  }

  /** Before anything is stored: an asynchronous schema is a wrong pipeline, not a stream of bad events. */
  async checkSchema(): Promise<void> {
    if (await isAsynchronous(this.judge)) throw asynchronousSchema();
  }
}

/** One event counts once, and nothing but that. */
const countsAlone = ({ aggregation, operations }: Pipeline): boolean =>
  aggregation !== undefined && !holdsEvents(aggregation) && !operations.some(({ kind }) => kind === 'flatMap');

/** Of each event that is not left out one record is sent while it reads, to one output. */
const sendsAlone = ({ aggregation, operations, outputs }: Pipeline, direct: readonly Output[]): boolean =>
  aggregation === undefined &&
  !operations.some(({ kind }) => kind === 'flatMap') &&
  direct.length === 1 &&
  direct[0]!.flatMap === undefined &&
  direct[0]!.filter === undefined &&
  outputsFrom({ outputs }, 'events').length === 1;

/** Where user code runs elsewhere, nothing of it is to run here. */
function tableOf(aggregation: Aggregation | undefined, isolation: TaskIsolation | undefined): WindowTable | undefined {
  if (aggregation === undefined) return undefined;
  return isolation === undefined
    ? new WindowTable(aggregation)
    : new WindowTable(aggregation, withoutUserCode(aggregation));
}
