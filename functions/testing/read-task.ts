/** The read of one task: the engine's own, over what was put on its shards, event by event so that the fate of each is seen. */

import { addCounters, noCounts } from '../core/counters.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { mergeTallies } from '../core/dead-letter-tally.ts';
import { type GroupPartials, inMemory } from '../core/group-partials.ts';
import { createJudge, type JudgeEvent, type Judgement } from '../core/judge-event.ts';
import { canonicalKey } from '../core/key-group.ts';
import type { BlockSummary, PlannedShard, PlannedTask } from '../core/model.ts';
import { endRead } from '../core/read/end-read.ts';
import { endPage } from '../core/read/page-end.ts';
import { beginRead, type ReadState } from '../core/read/read-state.ts';
import { ShardReader } from '../core/read/shard-reader.ts';
import { applied, takeStep } from '../core/read/take-step.ts';
import { TaskRead } from '../core/read/task-read.ts';
import { hasMoved } from '../core/read/worth-storing.ts';
import type { References } from '../core/references.ts';
import type { Repeats } from '../core/repeats/repeats.ts';
import type { ShardResult } from '../core/shard-result.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { letterOutput } from '../pipeline/side-outputs.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { Window } from '../windows/window-kind.ts';
import { md5 } from './md5.ts';
import type { TestMemories } from './test-repeats.ts';
import type { TestStream } from './test-stream.ts';

export type TaskOutcome = {
  /** Undefined: it found nothing that is worth one. */
  readonly block: BlockSummary | undefined;
  /** Of its block, each by key group. */
  readonly parts: readonly ReadonlyMap<number, GroupPartials>[];
  readonly fates: Fates;
};

/** Of events that were not counted, and of those that were sent. */
export type Fates = {
  /** Sequence numbers. */
  readonly late: string[];
  /** Sequence numbers of events that came before, with `deduplicate`. */
  readonly repeated: string[];
  /** Of windows that merge: counted here, and late perhaps when all have merged. */
  readonly mayBeLate: MayBeLate[];
  readonly deadLetters: DeadLetter[];
  /** By output. */
  readonly sent: Map<string, OutputRecord[]>;
};

/** The event, by its sequence number; its key, as a canonical text; its windows. */
export type MayBeLate = {
  readonly sequenceNumber: string;
  readonly canonical: string;
  readonly windows: readonly Window[];
};

/** An event time that every shard is to have delivered; undefined: each what it has. */
export type ReadTaskOptions = {
  readonly maxEventTime: number | undefined;
  /** After so many events of it what was counted is a part of the block. */
  readonly mergeEvery: number;
  readonly references: References | undefined;
  readonly memories: TestMemories;
  /** Somebody has said what time it is. */
  readonly hasClock: boolean;
};

export function readTask(
  pipeline: Pipeline,
  task: PlannedTask,
  stream: TestStream<unknown>,
  { maxEventTime, mergeEvery, references, memories, hasClock }: ReadTaskOptions,
): TaskOutcome {
  const own = createJudge(pipeline, task, notCompressed, references);
  let judged: Judgement | undefined;
  const judgeEvent = (...event: Parameters<JudgeEvent>): Judgement => {
    judged = own(...event);
    return judged;
  };
  const judge = Object.assign(judgeEvent, { promises: own.promises, needsMeta: own.needsMeta });
  const read = new TaskRead({ pipeline, task, streamName: 'test', md5, decompress: notCompressed, judge });
  const fates: Fates = { late: [], repeated: [], mayBeLate: [], deadLetters: [], sent: new Map() };
  const parts: ReadonlyMap<number, GroupPartials>[] = [];
  let taken = 0;
  const afterEvent = (): void => {
    taken += 1;
    if (taken % mergeEvery === 0) parts.push(inMemory(read.takeCounted()));
  };
  const shards = task.shards.map((shard) => {
    const { deduplicate } = pipeline.source;
    const known = deduplicate && memories.open(deduplicate, shard, hasClock);
    const around = { fates, judged: () => judged, afterEvent, repeats: known?.repeats };
    const { state, result } = readShard(read, shard, stream, around);
    const memory = known?.store(task, result);
    const stored = memory === undefined ? result : { ...result, memory };
    return { shard, state, result: maxEventTime === undefined ? stored : { ...stored, maxEventTime } };
  });
  const isStored =
    maxEventTime !== undefined || shards.some((each) => hasMoved(pipeline, task, each.shard, each.result));
  parts.push(inMemory(read.partials()));
  const letters = mergeTallies(shards.map(({ state }) => state.progress.letters));
  const block: BlockSummary = {
    ...{ ref: task.ref, batchId: task.batchId, task: task.task, nonce: '', failedShards: [] },
    shards: shards.map(({ result }) => result),
    groups: parts.flatMap((groups, part) =>
      Array.from(groups, ([keyGroup, { open }]) => ({
        keyGroup,
        part,
        v: 1,
        chunks: 1,
        digest: '',
        bytes: 0,
        ...open,
      })),
    ),
    counters: shards.map(({ state }) => state.progress.counters).reduce(addCounters, noCounts),
    ...(letters.length === 0 ? {} : { letters }),
  };
  return { block: isStored ? block : undefined, parts, fates };
}

/** The source of a test is read as one whose events are not compressed. */
const notCompressed = (): never => {
  throw new Error('events of a test are not compressed');
};

type OneRead = {
  readonly fates: Fates;
  readonly judged: () => Judgement | undefined;
  /** Undefined: repeats pass. */
  readonly repeats: Repeats | undefined;
  readonly afterEvent: () => void;
};

function readShard(
  read: TaskRead,
  shard: PlannedShard,
  stream: TestStream<unknown>,
  { fates, judged, afterEvent, repeats }: OneRead,
): { readonly state: ReadState; readonly result: ShardResult } {
  const reader = new ShardReader(read, shard);
  reader.repeats = repeats;
  const page = stream.page(shard.shardId);
  const merges = read.pipeline.aggregation?.window.kind.merge !== undefined;
  let state = beginRead(reader);
  for (let at = 0; at < page.records.length; ) {
    const step = takeStep(reader, state, page, at, 1);
    const { sequenceNumber } = page.records[at]!;
    const { late, counted } = state.progress.counters;
    const repeatedBefore = state.progress.repeats?.repeated;
    state = applied(step, page);
    if (state.progress.counters.late > late) fates.late.push(sequenceNumber);
    if (state.progress.repeats?.repeated !== repeatedBefore) fates.repeated.push(sequenceNumber);
    if (merges && state.progress.counters.counted > counted)
      fates.mayBeLate.push(...mayBeLateOf(sequenceNumber, judged()!));
    fates.deadLetters.push(...step.effects.deadLetters);
    for (const [output, { records }] of step.effects.outputs.entries())
      fates.sent.set(read.direct[output]!.id, [...(fates.sent.get(read.direct[output]!.id) ?? []), ...records]);
    const letters = step.effects.letterRecords.records;
    if (letters.length > 0) fates.sent.set(letterOutput, [...(fates.sent.get(letterOutput) ?? []), ...letters]);
    afterEvent();
    at = step.next;
  }
  const ended = endPage(reader, state, page, Number.POSITIVE_INFINITY);
  return { state: ended.state, result: endRead(reader, ended.state, ended.stop ?? 'caught-up') };
}

function mayBeLateOf(sequenceNumber: string, { grouped, elements }: Judgement): readonly MayBeLate[] {
  return (elements?.grouped ?? [grouped!]).map(({ keyValues, windows }) => ({
    sequenceNumber,
    canonical: canonicalKey(keyValues),
    windows: [...windows],
  }));
}
