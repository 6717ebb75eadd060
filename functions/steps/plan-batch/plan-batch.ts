/**
 * PlanBatch: takes the next epoch and says what the turn does: read, close windows, resume a sealed batch, or end.
 *
 * Reads and writes, in this order: head; claim (conditional); committed body; listing; plan items. Nothing after the
 * claim is decided from what was read before it.
 */

import type { Outcome } from '../../core/driver.ts';
import { nothingReduced } from '../../core/driver.ts';
import { type Ending, isAllRead } from '../../core/ending.ts';
import { SluiceError } from '../../core/errors.ts';
import type { BatchBody, BatchKind, Head } from '../../core/model.ts';
import { planBatch as decideBatch, type TaskReading } from '../../core/plan-batch.ts';
import { planFor, readableNext } from '../../core/read-pace.ts';
import {
  compareListing,
  firstShards,
  keptFromAfter,
  type ListingChange,
  noListingChange,
  waitsForUnknown,
} from '../../core/shard-lineage.ts';
import { firstShardsAt } from '../../core/starting-positions.ts';
import { comesCloser, hasDied, noSuspicions } from '../../core/suspicions.ts';
import {
  caughtUpAfterProbe,
  decideClaim,
  decideTurn,
  failingSince,
  leaseAfterPlan,
  loopTriggerMs,
  maxFailingMs,
  mayPlanAt,
  mustCloseWindows,
  nextTrigger,
} from '../../core/turn.ts';
import type { Claim } from '../../ports/head-store.ts';
import type { ShardFilter } from '../../ports/source.ts';
import { fingerprintMessage } from '../fingerprint-message.ts';
import type { BatchState, EndReason, PlanBatchInput } from '../messages.ts';
import { checkStream } from '../same-stream.ts';
import { isDriverOver, orSuperseded } from '../superseded.ts';
import { createHead } from './create-head.ts';
import type { PlanRuntime } from './plan-runtime.ts';
import { decideReading, pauseOf, subscribes, triggerOf } from './reading.ts';
import { loadEnding, nextRunEnd } from './run-end.ts';
import { withSuspicions } from './suspects.ts';

export async function planBatch(input: PlanBatchInput, runtime: PlanRuntime): Promise<BatchState> {
  const { ports, pipeline } = runtime;
  const { turn } = input.batch;
  const now = ports.clock.now();
  const seen = (await ports.head.load()) ?? (await createHead(runtime));
  refuseChanged(seen, pipeline);
  const failing = failingSince(input.batch.failingSince, failuresOf(input, seen), input.request, now);
  if (failing !== undefined && now - failing >= maxFailingMs) throw allTasksFailed(failing, outcomesOf(input));
  const decision = decideClaim(seen, input.run, turn, now);
  if (decision.kind === 'done') return done(turn, decision.reason);

  const waitUntil = nextTrigger({ request: input.request, turnStartedAt: now, triggerMs: triggerOf(pipeline) });
  // Before the first commit nothing else knows the shards.
  const isListingDue = seen.committedBatch < 0 || now - seen.listedAt >= pipeline.source.describeShardIntervalMs;
  // A resumed batch lists nothing.
  const mustList = isListingDue && seen.sealedBatch === seen.committedBatch;
  // A stream is made anew, and its retention changed, while an execution of hours runs, too.
  const described = turn === 0 || mustList ? await checkStream(runtime, seen.stream) : undefined;
  const { retentionMs } = described?.stream ?? seen.stream;
  const head = await claimHead(runtime, seen, {
    owner: input.run,
    execution: input.executionId,
    leaseUntil: leaseAfterPlan(input.timing, now, waitUntil),
    listedAt: mustList ? now : undefined,
    retentionMs,
    keptFrom: keptFromAfter(seen.stream, retentionMs, now),
    runEnd: turn === 0 ? await nextRunEnd(runtime, seen, described?.serverTime) : undefined,
  });
  if (head === undefined) return done(turn, turn > 0 ? 'superseded' : 'another-driver');
  const times = { turn: turn + 1, waitUntil: isoOf(waitUntil), failingSince: failing };
  const isResumed = head.sealedBatch > head.committedBatch;
  const plan = () =>
    isResumed ? resume(runtime, head, times) : planTurn(input, runtime, { head, now, mustList, waitUntil, times });
  return orSuperseded(runtime, plan, {
    isOver: (current, then) => isDriverOver(current, { epoch: head.epoch }, then),
    answer: done(turn, 'superseded'),
  });
}

/** What the turn does, now that the epoch is this plan's. */
async function planTurn(
  input: PlanBatchInput,
  runtime: PlanRuntime,
  plan: {
    readonly head: Head;
    readonly now: number;
    readonly mustList: boolean;
    readonly waitUntil: number;
    readonly times: Times;
  },
): Promise<BatchState> {
  const { ports } = runtime;
  const { turn } = input.batch;
  const { now, mustList, waitUntil, times } = plan;
  const committed = await committedBody(runtime, plan.head);
  // A turn that only waits is told what died, too: no later one hears of it.
  const head = await withSuspicions(input, runtime, { head: plan.head, committed, now });
  if (head === undefined) return done(turn, 'superseded');
  const ending = await loadEnding(runtime, head);
  const facts = turnFacts(input, runtime, { head, committed, ending, now });
  const end = decideTurn(facts);
  const pausedUntil = mustPause(input, runtime) ? pauseUntil(input, runtime, committed, now) : undefined;
  // The first plan of a run never hands over: it has done nothing yet.
  const handsOver = end.kind === 'continue-as-new' && turn > 0 && !holdsBack(input, runtime, pausedUntil);
  if (end.kind === 'done' || handsOver) {
    await ports.head.release(head.epoch, input.run);
    return end.kind === 'done' ? done(turn, end.reason) : { next: 'continue-as-new', turn };
  }
  const { failingSince } = times;
  const wait = (until: number, caughtUp: boolean): BatchState => {
    return { next: 'wait', turn: turn + 1, caughtUp, failingSince, waitUntil: isoOf(until) };
  };
  if (pausedUntil !== undefined) return wait(pausedUntil, false);
  const isOver = facts.caughtUp || facts.ended === true;
  const closes = isOver && facts.mustCloseWindows;
  const isParentMissing = committed !== undefined && waitsForUnknown(committed.shards);
  const listing =
    mustList || isParentMissing || closes ? await listShards(runtime, head, committed, now) : noListingChange;
  // The last records of a closed shard look like its tip, as long as its end has not come: its children are to be read.
  const isTip = facts.ended === true || listing.newShards.length === 0;
  const kind: BatchKind = closes && isTip ? 'close-windows' : 'read';
  const isDoubted = turn === 0 || failingSince !== undefined || (committed?.failedShards.length ?? 0) > 0;
  const read = await decideReading(runtime, { head, committed, now, waitUntil, isDoubted, kind });
  if (read.kind === 'wait') return wait(read.until, facts.caughtUp);
  // A pipeline whose end lies before everything there is has not a single batch.
  if (committed === undefined && isAllRead(listing.newShards, ending)) {
    await ports.head.release(head.epoch, input.run);
    return done(turn, 'ended');
  }
  return writePlan(input, runtime, { head, committed, listing, kind, now, times, ending, reading: read.reading });
}

function refuseChanged(seen: Head, pipeline: PlanRuntime['pipeline']): void {
  if (seen.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(seen.fingerprint, pipeline.fingerprint));
  }
  if (pipeline.aggregation !== undefined && seen.parallelism !== pipeline.parallelism) {
    throw new SluiceError('FingerprintChanged', parallelismMessage(seen.parallelism, pipeline.parallelism));
  }
}

const parallelismMessage = (saved: number, current: number): string =>
  `parallelism: ${current} is not allowed; the saved state is split into ${saved} key groups. ` +
  `Use ${saved}, or start under another pipeline name.`;

type Times = { readonly turn: number; readonly waitUntil: string; readonly failingSince: number | undefined };

/** A turn that went on to a seal or a commit says so itself; one that ended after its probe left only outcomes. */
const outcomesOf = ({ batch, outcomes }: PlanBatchInput) => (batch.next === 'process' ? outcomes : []);

/** One that died is no failure as long as every death comes closer to the event to blame. */
function failuresOf(input: PlanBatchInput, { suspicions = noSuspicions }: Head): readonly Outcome[] {
  return outcomesOf(input).map((outcome, task) => {
    if (!hasDied(outcome)) return outcome;
    return comesCloser(suspicions, { ref: input.batch.epoch, task }) ? 'held' : 'failed';
  });
}

/**
 * The last turn moved nothing although something is left: Kinesis is throttling, or a shard fails. Shards that had no task
 * are no reason to pause, since this turn is theirs, and who stands before an event waits longer than they do. By fan-out,
 * though, nobody knows what was subscribed to.
 */
function mustPause(input: PlanBatchInput, { pipeline }: PlanRuntime): boolean {
  const comesAtOnce = input.batch.next === 'process' && input.batch.leavesUnread === true;
  if (comesAtOnce && subscribes(pipeline)) return true;
  return outcomesOf(input).some((outcome) => outcome !== 'caught-up' && !(comesAtOnce && outcome === 'held'));
}

/** A turn that only waited for what it had read itself to be paid off goes on then. */
function pauseUntil(
  input: PlanBatchInput,
  { pipeline }: PlanRuntime,
  committed: BatchBody | undefined,
  now: number,
): number {
  const pause = now + pauseOf(pipeline);
  const onlyWaited = outcomesOf(input).every((outcome) => outcome === 'behind' || outcome === 'caught-up');
  // Of a subscription the next must keep clear, whatever else was polled.
  const readable = onlyWaited && !subscribes(pipeline) ? readableNext(committed?.shards ?? [], now) : undefined;
  return readable === undefined ? pause : Math.max(now, planFor(readable));
}

/** F1: the successor would plan at once, and knows nothing of what the last turn subscribed to. */
function holdsBack(input: PlanBatchInput, { pipeline }: PlanRuntime, pausedUntil: number | undefined): boolean {
  if (pausedUntil === undefined || !subscribes(pipeline)) return false;
  return mayPlanAt(input.timing, Date.parse(input.startedAt), pausedUntil);
}

/**
 * Takes the next epoch. If another try of this very run was quicker (a repeated invocation while the first still runs),
 * this one takes the epoch after that: its answer is the one that the state machine waits for.
 */
async function claimHead({ ports }: PlanRuntime, seen: Head, claim: Omit<Claim, 'claim'>): Promise<Head | undefined> {
  let before = seen;
  for (let attempt = 0; attempt < maxClaims; attempt++) {
    // The other try has given the run its end already.
    const runEnd = before.runEnd?.timestamp === seen.runEnd?.timestamp ? claim.runEnd : undefined;
    const claimed = await ports.head.claim(before, { ...claim, runEnd, claim: ports.newId() });
    if (claimed.kind === 'updated') return claimed.head;
    if (claimed.head?.owner !== claim.owner) return undefined;
    before = claimed.head;
  }
  return undefined;
}

const maxClaims = 3;

const done = (turn: number, reason: EndReason): BatchState => ({ next: 'done', turn, reason });
/** The words are what the tasks' ends came to; what a service said is in the logs of each. */
function allTasksFailed(since: number, outcomes: readonly Outcome[]): SluiceError {
  const words = [...Map.groupBy(outcomes, (outcome) => outcome)].map(([outcome, { length }]) => `${length} ${outcome}`);
  const last = words.length === 0 ? '' : ` (of the last turn's tasks: ${words.join(', ')})`;
  const text = `shards can't be read since ${isoOf(since)}${last}; the logs of process-shards say why`;
  return new SluiceError('AllTasksFailed', text);
}

const isoOf = (time: number): string => new Date(time).toISOString();

async function committedBody({ ports }: PlanRuntime, head: Head): Promise<BatchBody | undefined> {
  if (head.committedBatch < 0) return undefined;
  return ports.seals.loadBody(head.committedBatch, head.committedRef);
}

async function resume({ pipeline, ports }: PlanRuntime, head: Head, { turn, waitUntil }: Times): Promise<BatchState> {
  const body = await ports.seals.loadBody(head.sealedBatch, head.sealedRef);
  return {
    next: pipeline.aggregation === undefined ? 'commit' : 'reduce',
    epoch: head.epoch,
    batchId: body.batchId,
    ref: body.ref,
    // Also those that are done: their reducers find so, and what they sent is counted.
    keyGroups: Array.from({ length: body.parallelism }, (_, group) => group),
    reduced: nothingReduced,
    again: true,
    turn,
    waitUntil,
  };
}

function turnFacts(
  input: PlanBatchInput,
  { pipeline }: PlanRuntime,
  known: {
    readonly head: Head;
    readonly committed: BatchBody | undefined;
    readonly ending: Ending | undefined;
    readonly now: number;
  },
): Parameters<typeof decideTurn>[0] {
  const { request, batch, timing } = input;
  const { head, committed, ending, now } = known;
  const ended = committed !== undefined && isAllRead(committed.shards, ending);
  return {
    request,
    timing,
    turn: batch.turn,
    now,
    startedAt: Date.parse(input.startedAt),
    control: head.control,
    committedBatch: head.committedBatch,
    createdAt: head.generation,
    caughtUp:
      batch.next === 'process' ? caughtUpAfterProbe(input.outcomes, batch.postponed) : (batch.caughtUp ?? false),
    ended,
    triggerMs: loopTriggerMs(pipeline.trigger),
    stopWhenIdleMs: pipeline.trigger.stopWhenIdleMs,
    lastDeliveryAt: committed?.lastDeliveryAt ?? null,
    mustCloseWindows: mustCloseWindows(request, committed, ended),
  };
}

async function listShards(
  { ports, pipeline }: PlanRuntime,
  head: Head,
  committed: BatchBody | undefined,
  now: number,
): Promise<ListingChange> {
  const isFirst = committed === undefined;
  const { startingPosition } = pipeline.source;
  const everything = { kind: 'all' } as const;
  const filter: ShardFilter =
    isFirst && startingPosition.kind !== 'per-shard' && head.start.kind === 'at-timestamp'
      ? { kind: 'open-at', timestamp: head.start.timestamp }
      : everything;
  let listed = await ports.source.listShards(filter, head.stream);
  // A stream's creation time is approximate: none of its shards may be as old as its start.
  if (isFirst && listed.length === 0) listed = await ports.source.listShards(everything, head.stream);
  if (isFirst && startingPosition.kind === 'per-shard')
    return firstShardsAt(listed, startingPosition.shards, head.start);
  if (isFirst) return firstShards(listed, head.start);
  return compareListing(committed.shards, listed, {
    now,
    stream: head.stream,
    startedAt: head.generation,
  });
}

async function writePlan(
  input: PlanBatchInput,
  { pipeline, ports, log }: PlanRuntime,
  turn: {
    readonly head: Head;
    readonly committed: BatchBody | undefined;
    readonly listing: ListingChange;
    readonly kind: BatchKind;
    readonly now: number;
    readonly times: Times;
    readonly ending: Ending | undefined;
    readonly reading: TaskReading;
  },
): Promise<BatchState> {
  const { maxTasks } = input.timing;
  const before = turn.head.suspicions ?? noSuspicions;
  const facts = { ...turn, maxTasks, suspicions: before };
  const { plan, tasks, suspicions } = decideBatch(pipeline, turn.head, turn.committed, facts);
  const { batchId, ref: epoch } = plan;
  // Written first: whoever finds a note knows whose it is.
  if (suspicions !== before) {
    const suspected = await ports.head.suspect(epoch, input.run, suspicions);
    if (suspected.kind === 'lost') return done(turn.times.turn, 'superseded');
  }
  await ports.plans.putPlan(plan, tasks);
  log.info('plan', { batchId, epoch, kind: plan.kind, tasks: tasks.length, newShards: plan.newShards.length });
  const { turn: number, waitUntil } = turn.times;
  if (tasks.length === 0) return { next: 'seal', epoch, batchId, turn: number, waitUntil };
  const postponed = plan.postponed === undefined ? {} : { postponed: true as const };
  return {
    next: 'process',
    epoch,
    batchId,
    tasks: tasks.map(({ task }) => task),
    ...postponed,
    leavesUnread: plan.leavesUnread === true,
    ...turn.times,
  };
}
