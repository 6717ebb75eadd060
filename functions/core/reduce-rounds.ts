/**
 * The rounds of a batch's reduce: a sink or a table that is slow makes a batch long, not wrong. Pure.
 *
 * RR1 A group that is done is not gone to again.
 * RR2 As long as any group gets on, there is another round; where none did, twice in a row, the batch fails by name.
 * RR3 A round begins only if it, a commit and the hand-over fit into what is left of the execution. Else the next
 *     execution goes on, with what is noted beside each group's state.
 */
import { addFates, noFates, type RowFates } from './dead-letter-tally.ts';
import type { ReduceSoFar, Timing } from './driver.ts';

export type GroupAnswer = {
  readonly keyGroup: number;
  readonly emitted: number;
  readonly done: boolean;
  readonly progressed: boolean;
  readonly rows?: RowFates | undefined;
  readonly why?: string | undefined;
};

export type RoundDecision =
  | { readonly kind: 'all-done'; readonly emitted: number; readonly rows?: RowFates }
  | { readonly kind: 'again'; readonly keyGroups: readonly number[]; readonly reduced: ReduceSoFar }
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'stuck'; readonly why: string };

/** As often as a failing reducer is tried. */
const maxStuckRounds = 2;
const maxReasons = 3;

export function decideRound(
  groups: readonly GroupAnswer[],
  before: ReduceSoFar,
  facts: {
    readonly timing: Pick<Timing, 'reduceUntilSeconds' | 'maxTurns'>;
    readonly turn: number;
    readonly now: number;
    readonly startedAt: number;
  },
): RoundDecision {
  const open = groups.filter(({ done }) => !done);
  const emitted = groups.reduce((sum, group) => (group.done ? sum + group.emitted : sum), before.emitted);
  const rows = groups.reduce(
    (sum, group) => (group.done && group.rows !== undefined ? addFates(sum, group.rows) : sum),
    before.rows ?? noFates,
  );
  const ofRows = rows.results === 0 ? {} : { rows };
  if (open.length === 0) return { kind: 'all-done', emitted, ...ofRows };
  const stuck = groups.some(({ done, progressed }) => done || progressed) ? 0 : before.stuck + 1;
  if (stuck >= maxStuckRounds) return { kind: 'stuck', why: reasonsOf(open) };
  const { timing, turn, now, startedAt } = facts;
  if (now - startedAt >= timing.reduceUntilSeconds * 1000 || turn >= timing.maxTurns) return { kind: 'hand-over' };
  return { kind: 'again', keyGroups: open.map(({ keyGroup }) => keyGroup), reduced: { emitted, stuck, ...ofRows } };
}

function reasonsOf(open: readonly GroupAnswer[]): string {
  const told = open
    .slice(0, maxReasons)
    .map(({ keyGroup, why }) => `key group ${keyGroup}: ${why ?? 'no reason given'}`);
  const more = open.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
