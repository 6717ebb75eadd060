/**
 * Seal: what batch N contains, once and for all.
 *
 * SEAL-1 A shard is in at most one block of a seal (S7).
 * SEAL-2 Every known shard is carried in every seal: read, failed, waiting and ended alike (S8).
 *    One of which nothing has changed is the same object as before (SHARDS-3).
 * SEAL-3 (S9) The seal in which a shard ends registers its children, at TRIM_HORIZON, with the least watermark of their parents.
 */

import type { WindowSpec } from '../windows/window-kind.ts';
import { afterRead, lost } from './after-read.ts';
import { addCounters, noCounts } from './counters.ts';
import { emptyTally, mergeTallies } from './dead-letter-tally.ts';
import { hasFailed, type Outcome } from './driver.ts';
import type { NamedPartials } from './group-partials.ts';
import { sameStates, statesAfter } from './group-states.ts';
import { inherited } from './inheritance.ts';
import { isKept } from './kept-partials.ts';
import { leftToChildren } from './left-to-children.ts';
import type { BatchBody, BlockSummary, PlanRecord } from './model.ts';
import { notesFromAfter } from './notes-from.ts';
import { addOutputCounts, partOf } from './output-counts.ts';
import { trimHorizon } from './position.ts';
import { readableFrom } from './read-pace.ts';
import { redriveAfter, withLettersLeft } from './redrive.ts';
import { addUses, usesPart } from './references.ts';
import { inheritMemories, memoryChanges, withoutMemories } from './repeats/inherit-memories.ts';
import type { RepeatCounts } from './repeats/named-memory.ts';
import type { VersionRules } from './sealed-versions.ts';
import { hasEnded, isOpen, isWaiting, newCheckpoint, notWaitingFor, type ShardCheckpoint } from './shard-checkpoint.ts';
import type { ShardResult } from './shard-result.ts';
import { hasDied } from './suspicions.ts';
import { earlier, type Instant, later, type WatermarkRules, watermarkBehind } from './watermark.ts';

/** What of a pipeline decides on a seal: undefined where it has no event time, or no windows. */
export type SealRules = {
  readonly watermarks: WatermarkRules | undefined;
  readonly window: WindowSpec | undefined;
  readonly gives?: VersionRules | undefined;
  /** It looks for repeats of what senders have sent. */
  readonly deduplicates?: boolean;
};

export type SealOutcome = { readonly kind: 'nothing-moved' } | { readonly kind: 'sealed'; readonly body: BatchBody };

export function decideSeal(
  plan: PlanRecord,
  previous: BatchBody | undefined,
  tasks: { readonly blocks: readonly BlockSummary[]; readonly outcomes: readonly Outcome[] },
  rules: SealRules,
): SealOutcome {
  const { blocks } = tasks;
  if (blocks.length === 0 && plan.kind === 'read' && !hasNews(plan, previous)) return { kind: 'nothing-moved' };
  const results = resultsByShard(blocks);
  const known = knownShards(plan, previous);
  const planned = new Map(known);
  for (const [shardId, result] of results) {
    const before = known.get(shardId);
    if (before === undefined) throw new Error(`S8: block of an unknown shard ${shardId}`);
    if (hasEnded(before)) throw new Error(`S8: block of a shard that has ended, ${shardId}`);
    known.set(shardId, afterRead(before, result, rules.watermarks, known));
  }
  registerChildren(known, results);
  const inOrder = withWatermarksOfChildren(known).sort((one, other) => (one.shardId < other.shardId ? -1 : 1));
  const shards = leftToChildren(rules.deduplicates === true ? inheritMemories(inOrder) : withoutMemories(inOrder));
  const memories = memoryChanges(previous?.shards ?? [], shards);
  const redrive = redriveAfter(plan, previous, blocks);
  const left = withLettersLeft(whatIsLeft(plan, tasks, shards, planned), plan, redrive);
  const notesFrom = notesFromAfter(plan, previous, tasks);
  const body = bodyOf(plan, previous, blocks, shards);
  const isAttach = plan.attach !== undefined;
  const states = isAttach ? sameStates(previous, body) : statesAfter(previous, body, blocks, rules.window);
  const gives = rules.gives && { gives: rules.gives };
  return {
    kind: 'sealed',
    body: { ...body, states, ...gives, ...left, notesFrom, ...redrive, ...(memories && { memories }) },
  };
}

type Left = Pick<
  BatchBody,
  'caughtUp' | 'backlog' | 'throttled' | 'readableFrom' | 'failedTasks' | 'diedTasks' | 'tasksWithoutBlock'
>;

/**
 * What a listing showed is written down also if nothing was read: where all that is known waits for it, or lies past the
 * end, nothing else would be.
 */
function hasNews({ expiredUnread, newShards, taskCount }: PlanRecord, previous: BatchBody | undefined): boolean {
  return expiredUnread.length > 0 || (previous !== undefined && taskCount === 0 && newShards.length > 0);
}

/** A task without a block says by its outcome alone how it went. */
function whatIsLeft(
  plan: PlanRecord,
  tasks: { readonly blocks: readonly BlockSummary[]; readonly outcomes: readonly Outcome[] },
  shards: readonly ShardCheckpoint[],
  planned: ReadonlyMap<string, ShardCheckpoint>,
): Left {
  const withBlock = new Set(tasks.blocks.map((block) => block.task));
  const outcomes = tasks.outcomes.slice(0, plan.taskCount).map((outcome, task) => ({ outcome, task }));
  const others = outcomes.filter(({ task }) => !withBlock.has(task));
  const diedTasks = others.filter(({ outcome }) => hasDied(outcome)).map(({ task }) => task);
  const failedTasks = others.filter(({ outcome }) => hasFailed(outcome)).length + diedTasks.length;
  const unheard = plan.taskCount - withBlock.size - others.length;
  const results = tasks.blocks.flatMap((block) => block.shards);
  // A task that got nowhere and did not fail was kept from reading, too.
  const throttled =
    results.filter(({ outcome }) => outcome.kind === 'throttled').length +
    others.filter(({ outcome }) => outcome === 'behind').length;
  const after = new Map(shards.map((shard) => [shard.shardId, shard]));
  const unplanned = shards.filter(
    (shard) => isOpen(shard) && (!planned.has(shard.shardId) || isWaiting(shard, planned)),
  );
  // Children that this very batch made readable. One that waits on is no backlog: its parent may be failing.
  const readable = unplanned.some((shard) => !isWaiting(shard, after));
  const isPostponed = (plan.postponed ?? 0) > 0;
  const isUnread = plan.leavesUnread === true;
  const backlog =
    isUnread ||
    readable ||
    results.some(({ outcome }) => outcome.kind === 'budget-spent' || outcome.kind === 'deadline');
  const from = isUnread || readable ? undefined : readableFrom(results);
  const failures = failedTasks + unheard + tasks.blocks.flatMap((block) => block.failedShards).length;
  const held =
    results.filter(({ outcome }) => outcome.kind === 'held').length +
    others.filter(({ outcome }) => outcome === 'held').length;
  // Whoever has sent what was kept goes on at once, and has not looked whether there is more to read.
  if (plan.kind === 'attach') return { caughtUp: false, backlog: true, failedTasks: 0, tasksWithoutBlock: 0 };
  return {
    caughtUp: unplanned.length === 0 && !isPostponed && !backlog && throttled === 0 && failures === 0 && held === 0,
    backlog,
    failedTasks,
    ...(diedTasks.length === 0 ? {} : { diedTasks }),
    tasksWithoutBlock: plan.taskCount - withBlock.size,
    ...(throttled === 0 ? {} : { throttled }),
    ...(from === undefined ? {} : { readableFrom: from }),
  };
}

/** The states say when their windows close. */
const partialsOf = (named: NamedPartials): NamedPartials => {
  const { keyGroup, part, v, bytes } = named;
  const ofGroup = { keyGroup, ...(part === undefined ? {} : { part }), v, bytes };
  return isKept(named) ? ofGroup : { ...ofGroup, chunks: named.chunks, digest: named.digest };
};

function resultsByShard(blocks: readonly BlockSummary[]): Map<string, ShardResult> {
  const results = new Map<string, ShardResult>();
  for (const result of blocks.flatMap((block) => block.shards)) {
    if (results.has(result.shardId)) throw new Error(`S7: shard ${result.shardId} is in two blocks of one seal`);
    results.set(result.shardId, result);
  }
  return results;
}

function knownShards(plan: PlanRecord, previous: BatchBody | undefined): Map<string, ShardCheckpoint> {
  const known = new Map<string, ShardCheckpoint>();
  for (const shard of previous?.shards ?? []) known.set(shard.shardId, shard);
  for (const shard of plan.newShards) if (!known.has(shard.shardId)) known.set(shard.shardId, shard);
  for (const { shardId } of plan.expiredShards) known.delete(shardId);
  const gone = new Set([...plan.expiredShards, ...plan.unknownParents].map(({ shardId }) => shardId));
  for (const shard of notWaitingFor([...known.values()], gone)) known.set(shard.shardId, shard);
  for (const { shardId } of plan.expiredUnread) {
    const shard = known.get(shardId);
    if (shard !== undefined) known.set(shardId, lost(shard));
  }
  return known;
}

function registerChildren(known: Map<string, ShardCheckpoint>, results: ReadonlyMap<string, ShardResult>): void {
  for (const result of results.values()) {
    if (result.outcome.kind !== 'end-of-shard') continue;
    for (const child of result.outcome.children) {
      if (!known.has(child.shardId)) known.set(child.shardId, newCheckpoint(child, trimHorizon));
    }
  }
}

/** A child that was never read stands where the last of its parents stands. */
function withWatermarksOfChildren(known: ReadonlyMap<string, ShardCheckpoint>): ShardCheckpoint[] {
  const watermarkOfShard = inherited<ShardCheckpoint, Instant>(known, (shard, ofParent) => {
    if (shard.life !== 'unread') return shard.watermark;
    const parents = shard.parents.filter((parent) => known.has(parent) || shard.waitsFor.includes(parent));
    if (parents.length === 0) return shard.watermark;
    return parents.map((parent) => ofParent(parent) ?? null).reduce(earlier);
  });
  return [...known.values()].map((shard) => {
    const watermark = watermarkOfShard(shard);
    return watermark === shard.watermark ? shard : { ...shard, watermark };
  });
}

function bodyOf(
  plan: PlanRecord,
  previous: BatchBody | undefined,
  blocks: readonly BlockSummary[],
  shards: readonly ShardCheckpoint[],
): Omit<BatchBody, keyof Left | 'notesFrom' | 'states' | 'gives' | 'memories'> {
  const watermarkIn = previous?.watermarkOut ?? null;
  const watermarkOut = watermarkBehind(plan.kind, shards, watermarkIn);
  const inOrder = [...blocks].sort((one, other) => one.task - other.task);
  const results = inOrder.flatMap((block) => block.shards);
  const counters = inOrder.map((block) => block.counters).reduce(addCounters, noCounts);
  const letters = mergeTallies(inOrder.map((block) => block.letters ?? emptyTally));
  const readThrough = results.map((result) => result.readThrough).reduce(later, null);
  const total = (of: (result: ShardResult) => number): number => results.reduce((sum, result) => sum + of(result), 0);
  return {
    batchId: plan.batchId,
    ref: plan.ref,
    generation: plan.generation,
    kind: plan.kind,
    consumerType: plan.consumerType,
    previous: plan.previous,
    parallelism: plan.parallelism,
    fingerprint: plan.fingerprint,
    watermarkIn,
    watermarkOut,
    ...(plan.overUpTo === undefined ? {} : { overUpTo: plan.overUpTo }),
    ...(plan.attach === undefined ? {} : { attach: plan.attach }),
    shards,
    blocks: inOrder.map(({ task, nonce, groups }) => ({ task, nonce, groups: groups.map(partialsOf) })),
    counters,
    ...(letters.length === 0 ? {} : { letters }),
    ...partOf(inOrder.map((block) => block.outputs ?? {}).reduce(addOutputCounts, {})),
    ...usesPart(inOrder.map((block) => block.references ?? {}).reduce(addUses, {})),
    shardsRead: results.length,
    failedShards: inOrder.flatMap((block) => block.failedShards),
    records: total((result) => result.records),
    resentElsewhere: total((result) => result.resentElsewhere),
    ...repeatsIn(results),
    bytes: total((result) => result.bytes),
    millisBehindLatest: results.reduce((most, result) => Math.max(most, result.millisBehindLatest), 0),
    dataLoss: [
      ...plan.expiredUnread,
      ...results.flatMap((result) => (result.dataLoss === null ? [] : [result.dataLoss])),
    ],
    lastDeliveryAt:
      counters.read > 0 ? later(previous?.lastDeliveryAt ?? null, readThrough) : (previous?.lastDeliveryAt ?? null),
  };
}

function repeatsIn(results: readonly ShardResult[]): { readonly repeats?: RepeatCounts } {
  const counts = results.flatMap(({ repeats }) => repeats ?? []);
  if (counts.length === 0) return {};
  const total = (of: keyof RepeatCounts): number => counts.reduce((sum, each) => sum + each[of], 0);
  return { repeats: { repeated: total('repeated'), unidentified: total('unidentified') } };
}
