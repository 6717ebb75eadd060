/** CommitBatch: makes the batch the truth with one conditional write, reports it, and decides how the turn ends. */
import { toBatchReport } from '../../core/batch-report.ts';
import { nextToAttach } from '../../core/detached.ts';
import { endingOf, runBoundOf } from '../../core/ending.ts';
import { formerGroupsOf } from '../../core/former-groups.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import { givenUpOf } from '../../core/given-up.ts';
import type { BatchBody, BlockSummary, Head } from '../../core/model.ts';
import { reportProgress } from '../../core/progress-report.ts';
import { isPurgeDue, isWidePurge, mostBatchesAtOnce, tasksToLookAt } from '../../core/purge-pace.ts';
import { planFor, readableNext } from '../../core/read-pace.ts';
import { decideRound } from '../../core/reduce-rounds.ts';
import { noChanges } from '../../core/repeats/inherit-memories.ts';
import { namesOf } from '../../core/shard-parts.ts';
import { charsOf } from '../../core/sizes.ts';
import { markOf, marksAfter, stepTimes } from '../../core/step-times.ts';
import { handOverAfterBatch, subscribeAfterBatch } from '../../core/subscription-pace.ts';
import {
  decideTurn,
  endsWhenRead,
  leaseAfterCommit,
  mayPlanAt,
  pauseMs,
  type TurnDecision,
  turnFacts,
} from '../../core/turn.ts';
import { mainSource } from '../../pipeline/sources.ts';
import type { BatchState, CommitBatchInput } from '../messages.ts';
import { isDriverOver, orSuperseded } from '../superseded.ts';
import { commitHead } from './commit-head.ts';
import type { CommitRuntime } from './commit-runtime.ts';
import { deleteTaken, listLetters } from './letters-of-batch.ts';
import { putFileLists } from './put-file-lists.ts';
import { reduceAgain } from './reduce-again.ts';
import { tellReporters } from './tell-reporters.ts';

/** A commit has five seconds in all; what is left over goes with the next. */
const purgeMs = 1_500;
/** Once a day, and not from what a purge has: one that is always late would leave it none. */
const sweepMs = 1_000;

type Committing = {
  readonly head: Head;
  readonly body: BatchBody;
  /** Read by this very run. */
  readonly isOwn: boolean;
  readonly now: number;
};

export async function commitBatch(input: CommitBatchInput, runtime: CommitRuntime): Promise<BatchState> {
  return orSuperseded(runtime, () => commitSealed(input, runtime), {
    isOver: (head, now) => isDriverOver(head, input, now),
    answer: { next: 'done', turn: input.turn, reason: 'superseded' },
  });
}

async function commitSealed(input: CommitBatchInput, runtime: CommitRuntime): Promise<BatchState> {
  const { ports, pipeline } = runtime;
  const { batchId, ref, epoch, turn, run } = input;
  const now = ports.clock.now();
  const [body, head] = await Promise.all([ports.seals.loadBody(batchId, ref), ports.head.load()]);
  if (head === undefined || head.epoch !== epoch || head.holder?.owner !== run)
    return { next: 'done', turn, reason: 'superseded' };
  const round = decideRound(input.groups, input.reduced, {
    ...input,
    now,
    startedAt: Date.parse(input.startedAt),
    gatheringGroup: gatheringGroup(body),
  });
  if (round.kind !== 'all-done') return reduceAgain(input, runtime, round, body);

  // A batch that an earlier driver read says nothing of what has come since: the next plan looks.
  const isOwn = ref === epoch;
  const caughtUp = isOwn && body.caughtUp;
  const isBounded = endsByWhatIsThere(pipeline) && body.caughtUp;
  const nextTurn = isBounded
    ? Math.max(now, subscribeAfterBatch(body, now))
    : nextPlan(body, Date.parse(input.waitUntil), now);
  const { decision, waitUntil } = notTooEarly(decideEnd(input, runtime, { head, body, isOwn, now }), {
    input,
    body,
    nextTurn,
    now,
  });
  // Written before the commit, so that a committed batch always has its report, and the lists of its files.
  const blocks = await sealedBlocks(runtime, body);
  const marks = marksAfter(isOwn ? (input.steps ?? []) : [], markOf('commit', input, now));
  const steps = stepTimes(marks, ports.clock.now());
  const { retentionMs } = head.sources[mainSource].stream;
  const facts = { ...round, blocks, payloadChars: charsOf(input), now, steps, retentionMs };
  const progress = reportProgress(pipeline, body, facts);
  await ports.reports.putProgress(progress);
  if (globalThis.SLUICE_FILES !== false) await putFileLists(runtime, body);
  if (globalThis.SLUICE_DEDUPLICATE !== false) await noteMemories(runtime, body);
  await noteParts(runtime, body);
  await listLetters(runtime, body);
  const committed = await commitHead(runtime, head, {
    body,
    reduced: round,
    commit: {
      ...{ batchId, ref, epoch, owner: run },
      lease:
        decision.kind === 'go-on'
          ? { kind: 'held', until: leaseAfterCommit(input.timing, now, waitUntil) }
          : { kind: 'released' },
      oldestRetainedBatch: batchId - pipeline.minBatchesToRetain + 1,
    },
  });
  if (committed.kind === 'lost') return { next: 'done', turn, reason: 'superseded' };
  // An earlier try of this commit may have decided to go on, and its answer was lost.
  if (decision.kind !== 'go-on' && committed.head.holder?.lease.kind === 'held') await ports.head.release(epoch, run);
  await Promise.all([
    tellReporters(runtime, toBatchReport(progress)),
    purgeBelow(runtime, committed.head, input.timing.maxTasks, body),
    deleteTaken(runtime, body),
  ]);
  return stateAfter(decision, { turn, caughtUp, waitUntil, now });
}

/** Each shard's end is a place in it, so what there is to read is there: nothing is gained by waiting for the trigger. */
function endsByWhatIsThere({ source }: CommitRuntime['pipeline']): boolean {
  const { endingPosition } = source;
  if (endingPosition?.kind !== 'per-shard') return false;
  return Object.values(endingPosition.shards).every(({ kind }) => kind !== 'at-timestamp');
}

/**
 * A backlog is worked off as soon as Kinesis gives it out, what others have read dry after a pause. What fails waits for the
 * trigger like everything else, and for a pause at least.
 */
function nextPlan(body: BatchBody, trigger: number, now: number): number {
  const due = Math.max(now, subscribeAfterBatch(body, now));
  const { readableFrom } = body;
  if (body.backlog) return readableFrom === undefined ? due : Math.max(due, planFor(readableFrom));
  const left = readableFrom ?? readableNext(body.shards, now);
  if (body.throttled !== undefined) return Math.max(due, left === undefined ? now + pauseMs : planFor(left));
  return Math.max(trigger, body.caughtUp ? due : Math.max(due, now + pauseMs));
}

function decideEnd(input: CommitBatchInput, { pipeline }: CommitRuntime, batch: Committing): TurnDecision {
  const { head, body, isOwn, now } = batch;
  const { endingPosition } = pipeline.source;
  // An end for each shard is seen with all the shards there are: the next plan sees it.
  const position = endingPosition?.kind === 'per-shard' ? undefined : endingPosition;
  const ending = endingOf(position, runBoundOf(pipeline, head.sources[mainSource]), []);
  const caughtUp = isOwn && (body.caughtUp || body.kind === 'close-windows');
  const decision = decideTurn(turnFacts(pipeline, { ...input, now }, { head, body, ending, caughtUp }));
  // The next plan sends what was kept first.
  const isLeft = nextToAttach(head, body.batchId) !== undefined;
  return isLeft && decision.kind === 'done' && endsWhenRead(decision.reason) ? { kind: 'go-on' } : decision;
}

/** A hand-over that is to wait is left to this execution's next plan, if there is time for one. */
function notTooEarly(
  decision: TurnDecision,
  batch: {
    readonly input: CommitBatchInput;
    readonly body: BatchBody;
    readonly nextTurn: number;
    readonly now: number;
  },
): { readonly decision: TurnDecision; readonly waitUntil: number } {
  const { input, body, nextTurn, now } = batch;
  const asDecided = { decision, waitUntil: nextTurn };
  if (decision.kind !== 'continue-as-new') return asDecided;
  const handOverAt = handOverAfterBatch(body, nextTurn, now);
  if (handOverAt <= now || !mayPlanAt(input.timing, Date.parse(input.startedAt), handOverAt)) return asDecided;
  return { decision: { kind: 'go-on' }, waitUntil: handOverAt };
}

function stateAfter(
  decision: TurnDecision,
  { turn, caughtUp, waitUntil, now }: { turn: number; caughtUp: boolean; waitUntil: number; now: number },
): BatchState {
  if (decision.kind === 'done') return { next: 'done', turn, reason: decision.reason };
  if (decision.kind === 'continue-as-new') return { next: 'continue-as-new', turn };
  if (waitUntil <= now) return { next: 'plan', turn, caughtUp };
  return { next: 'wait', turn, caughtUp, waitUntil: new Date(waitUntil).toISOString() };
}

/** The body says which blocks are the batch's, and they say how each shard went. No report is worth a failed commit. */
async function sealedBlocks({ ports, log }: CommitRuntime, body: BatchBody): Promise<readonly BlockSummary[]> {
  const tasks = Math.max(0, ...body.blocks.map(({ task }) => task + 1));
  if (tasks === 0) return [];
  try {
    return await ports.blocks.loadBlocks(body.batchId, body.ref, tasks);
  } catch (error) {
    log.warn('report without shards', { error: error instanceof Error ? error.name : 'unknown' });
    return [];
  }
}

/** What is not noted is never deleted, so each batch that may have stored something has a note. */
async function noteMemories({ ports, pipeline }: CommitRuntime, { batchId, ref, memories }: BatchBody): Promise<void> {
  if (pipeline.source.deduplicate === undefined && memories === undefined) return;
  await ports.memoryPurge.noteChanges({ batchId, ref }, memories ?? noChanges);
}

/** A body of no more shards has no parts in any try of its seal. */
const fewShards = 32;

const mayHaveParts = ({ shards, parts, replacedParts }: BatchBody): boolean =>
  parts !== undefined || replacedParts !== undefined || shards.length > fewShards;

/** Of a batch without a note nothing is deleted. */
async function noteParts({ ports }: CommitRuntime, body: BatchBody): Promise<void> {
  if (!mayHaveParts(body)) return;
  const { batchId, ref, parts, replacedParts: replaced = [] } = body;
  const named =
    parts === undefined ? [] : namesOf(parts).filter((part) => part.batchId === batchId && part.ref === ref);
  await ports.shardPartPurge.noteChanges({ batchId, ref }, { named, replaced });
}

/** Never fails a batch that is committed: what is not deleted now is deleted after the next commit. */
async function purgeBelow(runtime: CommitRuntime, head: Head, maxTasks: number, body: BatchBody): Promise<void> {
  const { ports, log } = runtime;
  if (!isPurgeDue(head, runtime.pipeline.minBatchesToRetain)) return;
  try {
    const { parallelism, createdAt, purgedBelow: from } = head;
    // PURGE-DUE-3
    const upTo = Math.min(head.oldestRetainedBatch, from + mostBatchesAtOnce);
    const deadline = ports.clock.now() + purgeMs;
    // What has expired is mostly gone already.
    const isWide = isWidePurge({ oldestRetainedBatch: upTo, purgedBelow: from });
    const tasks = isWide ? tasksToLookAt({ oldestRetainedBatch: upTo }, maxTasks) : [];
    // Of a pipeline that looks for repeats alone. Who has done so once leaves what the last seal named.
    const cleared =
      runtime.pipeline.source.deduplicate === undefined
        ? upTo
        : await ports.memoryPurge.clear({ from, upTo, tasks: maxTasks, deadline });
    // Of a pipeline that has few shards by now there may be notes still.
    if (mayHaveParts(body) || isWide) await ports.shardPartPurge.clear({ oldestRetainedBatch: upTo, deadline });
    const formerGroups = formerGroupsOf(head);
    const purged = await ports.purge({
      ...{ oldestRetainedBatch: upTo, from, createdAt, parallelism, tasks, deadline },
      ...{ formerGroups, givenUp: givenUpOf(head) },
    });
    const { deleted } = purged;
    const purgedBelow = Math.min(purged.purgedBelow, cleared);
    if (purgedBelow > from) await ports.head.setPurgedBelow(purgedBelow);
    log.info('purged', { deleted, purgedBelow });
    const swept = await ports.sweep({ below: purgedBelow, deadline: ports.clock.now() + sweepMs });
    if (swept.deleted > 0) log.info('swept', swept);
  } catch (error) {
    log.warn('purge failed', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

/** Tasks whose blocks are looked for. A batch that goes may have had more of them than this one, by other code too. */
