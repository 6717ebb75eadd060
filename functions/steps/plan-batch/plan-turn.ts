/** What the turn does, now that the epoch is this plan's: the facts of it, what the core decides on them, and doing so. */
import { decideStart, type Start } from '../../core/decide-start.ts';
import { nextToAttach } from '../../core/detached.ts';
import { type Ending, isAllRead } from '../../core/ending.ts';
import type { BatchBody, Head } from '../../core/model.ts';
import { openRedrive } from '../../core/redrive.ts';
import { noListingChange } from '../../core/shard-lineage.ts';
import { endsWhenRead, type TurnFacts, turnFacts } from '../../core/turn.ts';
import type { BatchState, EndReason, PlanBatchInput } from '../messages.ts';
import { keptBatches } from './kept-batches.ts';
import { isCaughtUp, lastTurnOf } from './last-turn.ts';
import { listShards } from './list-shards.ts';
import type { PlanRuntime } from './plan-runtime.ts';
import { decideReading, subscribes } from './read-decision.ts';
import { loadEnding } from './run-bound.ts';
import { withSuspicions } from './suspects.ts';
import { type Times, writePlan } from './write-plan.ts';

export type ClaimedTurn = {
  readonly head: Head;
  readonly now: number;
  /** Shards are listed in this turn, whatever else is found. */
  readonly mustList: boolean;
  readonly waitUntil: number;
  readonly times: Times;
};

type Known = ClaimedTurn & {
  readonly committed: BatchBody | undefined;
  readonly ending: Ending | undefined;
  readonly facts: TurnFacts;
};

export async function planTurn(input: PlanBatchInput, runtime: PlanRuntime, claimed: ClaimedTurn): Promise<BatchState> {
  const { pipeline } = runtime;
  const { turn } = input.batch;
  const { now, mustList: isListingDue } = claimed;
  const committed = await committedBody(runtime, claimed.head);
  // A turn that only waits is told what died, too: no later one hears of it.
  const head = await withSuspicions(input, runtime, { head: claimed.head, committed, now });
  if (head === undefined) return done(turn, 'superseded');
  const ending = await loadEnding(runtime, head);
  const known = { head, body: committed, ending, caughtUp: isCaughtUp(input) };
  const facts = turnFacts(pipeline, { ...input, turn, now }, known);
  const shards = committed?.shards ?? [];
  const last = lastTurnOf(input);
  const start = orAttach(
    head,
    decideStart({ turn: facts, last, shards, subscribes: subscribes(pipeline), isListingDue }),
  );
  switch (start.kind) {
    case 'done':
      return released(input, runtime, head, done(turn, start.reason));
    case 'hand-over':
      return released(input, runtime, head, { next: 'continue-as-new', turn });
    case 'wait':
      return waitFor(claimed, start.until, false);
    case 'attach':
      return attachKept(input, runtime, { ...claimed, head, committed, ending, facts }, start.next);
    case 'batch':
      return planNext(input, runtime, start, { ...claimed, head, committed, ending, facts });
  }
}

type KeptRange = NonNullable<ReturnType<typeof nextToAttach>>;
type StartOrAttach = Start | { readonly kind: 'attach'; readonly next: KeptRange };

/** What was kept goes out before anything newer is read, and before a run ends that has nothing left to read. */
function orAttach(head: Head, start: Start): StartOrAttach {
  const isToEnd = start.kind === 'hand-over' || (start.kind === 'done' && !endsWhenRead(start.reason));
  const next = isToEnd || head.committed === undefined ? undefined : nextToAttach(head, head.committed.batchId);
  return next === undefined ? start : { kind: 'attach', next };
}

async function attachKept(
  input: PlanBatchInput,
  runtime: PlanRuntime,
  { head, committed, now, times, ending }: Known,
  next: KeptRange,
): Promise<BatchState> {
  return writePlan(input, runtime, {
    ...{ head, committed, now, times, ending, kind: 'attach', listing: noListingChange },
    reading: { consumerArn: null, nextTurnAt: null },
    attach: await keptBatches(runtime, head, next),
  });
}

async function planNext(
  input: PlanBatchInput,
  runtime: PlanRuntime,
  { lists, closesWindows }: Extract<Start, { readonly kind: 'batch' }>,
  known: Known,
): Promise<BatchState> {
  const { head, committed, ending, facts, now, waitUntil, times } = known;
  const { turn } = input.batch;
  const listing = lists ? await listShards(runtime, head, committed, now) : noListingChange;
  // The last records of a closed shard look like its tip, as long as its end has not come: its children are to be read.
  const isTip = facts.read === 'at-end' || listing.newShards.length === 0;
  const kind = closesWindows && isTip ? 'close-windows' : 'read';
  const isDoubted = turn === 0 || times.failing.failingSince !== undefined || (committed?.failedShards.length ?? 0) > 0;
  const read = await decideReading(runtime, { head, committed, now, waitUntil, isDoubted, kind });
  if (read.kind === 'wait') return waitFor(known, read.until, isCaughtUp(input));
  // A pipeline whose end lies before everything there is has not a single batch.
  if (committed === undefined && isAllRead(listing.newShards, ending)) {
    return released(input, runtime, head, done(turn, 'ended'));
  }
  return writePlan(input, runtime, {
    head,
    committed,
    listing,
    kind,
    now,
    times,
    ending,
    reading: read.reading,
    redrive: openRedrive(head, committed, now),
  });
}

async function released(
  input: PlanBatchInput,
  { ports }: PlanRuntime,
  head: Head,
  state: BatchState,
): Promise<BatchState> {
  await ports.head.release(head.epoch, input.run);
  return state;
}

const done = (turn: number, reason: EndReason): BatchState => ({ next: 'done', turn, reason });

function waitFor({ times }: ClaimedTurn, until: number, caughtUp: boolean): BatchState {
  const { turn, failing } = times;
  return { next: 'wait', turn, caughtUp, ...failing, waitUntil: new Date(until).toISOString() };
}

async function committedBody({ ports }: PlanRuntime, { committed }: Head): Promise<BatchBody | undefined> {
  return committed === undefined ? undefined : ports.seals.loadBody(committed.batchId, committed.ref);
}
