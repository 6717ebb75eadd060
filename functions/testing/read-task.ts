/** The read of one task: the engine's own, over what was put on its shards, event by event so that the fate of each is seen. */
import { addCounters, noCounts } from '../core/counters.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { mergeTallies } from '../core/dead-letter-tally.ts';
import type { BlockSummary, PlannedShard, PlannedTask } from '../core/model.ts';
import { endRead } from '../core/read/end-read.ts';
import { endPage } from '../core/read/page-end.ts';
import { beginRead, type ReadState } from '../core/read/read-state.ts';
import { ShardReader } from '../core/read/shard-reader.ts';
import { applied, takeStep } from '../core/read/take-step.ts';
import { TaskRead } from '../core/read/task-read.ts';
import { hasMoved } from '../core/read/worth-storing.ts';
import type { SavedWindows } from '../core/saved-windows.ts';
import type { ShardResult } from '../core/shard-result.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import { md5 } from './md5.ts';
import type { TestStream } from './test-stream.ts';

export type TaskOutcome = {
  /** Undefined: it found nothing that is worth one. */
  readonly block: BlockSummary | undefined;
  readonly partials: ReadonlyMap<number, SavedWindows>;
  readonly fates: Fates;
};

/** Of events that were not counted, and of those that were sent. */
export type Fates = {
  /** Sequence numbers. */
  readonly late: string[];
  readonly deadLetters: DeadLetter[];
  /** By output. */
  readonly sent: Map<string, OutputRecord[]>;
};

/** An event time that every shard is to have delivered; undefined: each what it has. */
export type ReadTaskOptions = { readonly maxEventTime: number | undefined };

export function readTask(
  pipeline: Pipeline,
  task: PlannedTask,
  stream: TestStream<unknown>,
  { maxEventTime }: ReadTaskOptions,
): TaskOutcome {
  const read = new TaskRead({ pipeline, task, streamName: 'test', md5, decompress: notCompressed });
  const fates: Fates = { late: [], deadLetters: [], sent: new Map() };
  const shards = task.shards.map((shard) => {
    const { state, result } = readShard(read, shard, stream, fates);
    return { shard, state, result: maxEventTime === undefined ? result : { ...result, maxEventTime } };
  });
  const isStored =
    maxEventTime !== undefined || shards.some((each) => hasMoved(pipeline, task, each.shard, each.result));
  const groups = read.table?.saveByKeyGroup(task.parallelism) ?? new Map();
  const letters = mergeTallies(shards.map(({ state }) => state.progress.letters));
  const block: BlockSummary = {
    ...{ ref: task.ref, batchId: task.batchId, task: task.task, nonce: '', failedShards: [] },
    shards: shards.map(({ result }) => result),
    groups: Array.from(groups, ([keyGroup, { open }]) => ({ keyGroup, v: 1, chunks: 1, digest: '', ...open })),
    counters: shards.map(({ state }) => state.progress.counters).reduce(addCounters, noCounts),
    ...(letters.length === 0 ? {} : { letters }),
  };
  const partials = new Map(Array.from(groups, ([keyGroup, { windows }]) => [keyGroup, windows]));
  return { block: isStored ? block : undefined, partials, fates };
}

/** The source of a test is read as one whose events are not compressed. */
const notCompressed = (): never => {
  throw new Error('events of a test are not compressed');
};

function readShard(
  read: TaskRead,
  shard: PlannedShard,
  stream: TestStream<unknown>,
  fates: Fates,
): { readonly state: ReadState; readonly result: ShardResult } {
  const reader = new ShardReader(read, shard);
  const page = stream.take(shard.shardId);
  let state = beginRead(reader);
  for (let at = 0; at < page.records.length; ) {
    const step = takeStep(reader, state, page, at, 1);
    const { sequenceNumber } = page.records[at]!;
    const { late } = state.progress.counters;
    state = applied(step, page);
    if (state.progress.counters.late > late) fates.late.push(sequenceNumber);
    fates.deadLetters.push(...step.effects.deadLetters);
    for (const [output, records] of step.effects.outputs.entries()) {
      const { id } = read.outputs[output]!;
      const sent = fates.sent.get(id);
      if (sent === undefined) fates.sent.set(id, [...records]);
      else sent.push(...records);
    }
    at = step.next;
  }
  const ended = endPage(reader, state, page, Number.POSITIVE_INFINITY);
  return { state: ended.state, result: endRead(reader, ended.state, ended.stop ?? 'caught-up') };
}
