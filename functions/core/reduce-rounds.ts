/**
 * The rounds of a batch's reduce: a sink or a table that is slow makes a batch long, not wrong. Pure.
 *
 * ROUND-1 A group that is done is not gone to again.
 * ROUND-2 As long as any group gets on, there is another round; where none did for 45 seconds, the batch fails by name, and
 *    earlier, if the execution would have to hand over. A group whose rows are on trial waits for its next try.
 * ROUND-3 A round begins only if it, a commit and the hand-over fit into what is left of the execution. Else the next
 *    execution goes on, with what is noted beside each group's state.
 * ROUND-4 When all groups are done and have handed rows on, the gathering step has a round of its own. Whoever resumes the batch hears
 *    of all groups again, and so of what they have handed on.
 */
import type { ReduceSoFar, Timing } from './driver.ts';
import type { GroupAnswer } from './group-answer.ts';
import { addSums, answersOf, type RoundAnswers, type SaidOfGroups, sumsOf } from './reduced-wave.ts';
import { afterRound } from './slow-outputs.ts';
import { maxFailingMs } from './turn.ts';

export type RoundDecision =
  | ({ readonly kind: 'all-done' } & Omit<ReduceSoFar, 'stuckSince'>)
  | { readonly kind: 'again'; readonly keyGroups: readonly number[]; readonly reduced: ReduceSoFar }
  /** No group gets on before that. */
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'stuck'; readonly why: string };

const maxReasons = 3;

export function decideRound(
  said: readonly SaidOfGroups[],
  before: ReduceSoFar,
  facts: {
    readonly timing: Pick<Timing, 'reduceUntilSeconds' | 'commitToPlanSeconds' | 'maxTurns'>;
    readonly turn: number;
    readonly now: number;
    readonly startedAt: number;
    /** The number of the gathering step among key groups. */
    readonly gatheringGroup: number;
  },
): RoundDecision {
  const answers = answersOf(said);
  const { groups } = answers;
  const open = groups.filter(({ done }) => !done);
  const { emitted, ranked, ...ofRows } = sumOf(answers, before);
  const { timing, turn, now, startedAt } = facts;
  const keyGroups = ranked > 0 ? withGathering(groups, facts) : open.map(({ keyGroup }) => keyGroup);
  if (keyGroups.length === 0) return { kind: 'all-done', emitted, ...ofRows };
  const gotOn = groups.some(({ done, progressed }) => done || progressed);
  // A trial of rows is no standstill: it ends after so many deaths.
  const waits = gotOn ? [] : open.flatMap(({ waitUntil }) => (waitUntil === undefined ? [] : [waitUntil]));
  const until = waits.length === 0 ? undefined : Math.max(now, Math.min(...waits));
  // After a wait the batch is planned again.
  const beginsAt = until === undefined ? now : until + timing.commitToPlanSeconds * 1000;
  const isLast = beginsAt - startedAt >= timing.reduceUntilSeconds * 1000 || turn >= timing.maxTurns;
  const isStuck = !gotOn && waits.length === 0;
  if (isStuck && before.stuckSince > 0 && (isLast || now - before.stuckSince >= maxFailingMs))
    return { kind: 'stuck', why: reasonsOf(open) };
  if (isLast) return { kind: 'hand-over' };
  if (until !== undefined) return { kind: 'wait', until };
  const stuckSince = isStuck ? before.stuckSince || now : 0;
  const reduced = { emitted, stuckSince, ...ofRows };
  return { kind: 'again', keyGroups, reduced: ranked === 0 ? reduced : { ...reduced, ranked } };
}

/** Those that are left, or when all are done the gathering step, if it was not among them. */
function withGathering(
  groups: readonly GroupAnswer[],
  { gatheringGroup }: { readonly gatheringGroup: number },
): readonly number[] {
  const open = groups.filter(({ done }) => !done).map(({ keyGroup }) => keyGroup);
  if (open.length > 0 || groups.some(({ keyGroup }) => keyGroup === gatheringGroup)) return open;
  return [gatheringGroup];
}

/** Of the groups that are done, in this round and before; of memory, of all that were gone to. */
function sumOf({ groups, waves }: RoundAnswers, before: ReduceSoFar) {
  const done = groups.filter((group) => group.done);
  const emitted = done.reduce((sum, group) => sum + group.emitted, before.emitted);
  const ranked = done.reduce((sum, group) => sum + (group.ranked ?? 0), before.ranked ?? 0);
  const slow = afterRound(before.slow ?? {}, [...groups, ...waves]);
  const { slow: _, ...sums } = before;
  return {
    ...{ emitted, ranked },
    ...addSums([sums, sumsOf(groups), ...waves]),
    ...(Object.keys(slow).length === 0 ? {} : { slow }),
  };
}

function reasonsOf(open: readonly GroupAnswer[]): string {
  const told = open
    .slice(0, maxReasons)
    .map(({ keyGroup, why }) => `key group ${keyGroup}: ${why ?? 'no reason given'}`);
  const more = open.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
