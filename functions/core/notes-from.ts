/**
 * From which plan on the notes of what was sent (sent-note.ts) may be news: in what order turns come, and which shards have
 * their turn in them, must not let one be forgotten.
 *
 * NEWS-1 Of a plan in which every shard had its turn and every task said so, nothing is news: positions and `sentAhead` say
 *    it.
 * NEWS-2 A try takes over what earlier plans left for its shards: where all tries came to an end, this plan's notes say it
 *    all.
 * NEWS-3 A shard that had no task, and a try that died, took nothing over: what was news stays so, for some turns.
 */
import type { Outcome } from './driver.ts';
import type { BatchBody, BlockSummary, PlanRecord } from './model.ts';
import type { ShardResult } from './shard-result.ts';
import { hasGoneWell } from './suspicions.ts';

/**
 * Each executor reads the notes of so many turns at its start. If older ones are news too, some events may be sent again;
 * none is lost.
 */
const mostTurns = 16;

export function notesFromAfter(
  plan: PlanRecord,
  previous: Pick<BatchBody, 'notesFrom'> | undefined,
  { blocks, outcomes }: { readonly blocks: readonly BlockSummary[]; readonly outcomes: readonly Outcome[] },
): number {
  const before = previous?.notesFrom ?? 0;
  if (plan.taskCount === 0) return before;
  const withBlock = new Set(blocks.map(({ task }) => task));
  const others = Array.from({ length: plan.taskCount }, (_, task) => task)
    .filter((task) => !withBlock.has(task))
    .map((task) => outcomes[task]);
  const isUntold = others.some((outcome) => outcome === undefined || outcome === 'moved' || !hasGoneWell(outcome));
  if ((plan.postponed ?? 0) > 0 || isUntold) return Math.max(before, plan.ref - mostTurns);
  const isWhole =
    others.every((outcome) => outcome === 'caught-up') &&
    blocks.every(({ shards, failedShards }) => failedShards.length === 0 && shards.every(hadItsTurn));
  return isWhole ? plan.ref + 1 : Math.max(before, plan.ref);
}

const atAnEnd: ReadonlySet<string> = new Set(['caught-up', 'end-of-shard', 'ended']);

/** What was noted of its events was heard of with the first of them. */
const hadItsTurn = ({ records, outcome }: ShardResult): boolean => records > 0 || atAnEnd.has(outcome.kind);
