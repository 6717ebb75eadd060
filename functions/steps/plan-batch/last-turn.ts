/** What the state machine says of the last turn: of one that ended with its reads, how its tasks came out. */
import type { LastTurn } from '../../core/decide-start.ts';
import { caughtUpAfterProbe } from '../../core/turn.ts';
import { numbersIn } from '../../core/waves.ts';
import type { PlanBatchInput } from '../messages.ts';

type Told = Pick<PlanBatchInput, 'batch' | 'outcomes'>;

export function lastTurnOf({ batch, outcomes }: Told): LastTurn {
  if (batch.next !== 'process') return { outcomes: [], leavesUnread: false };
  return { outcomes, leavesUnread: batch.leavesUnread === true };
}

/** A wave that gave no answer has as many words as any wave may have tasks: there are not more outcomes than tasks. */
export function withoutSurplus(input: PlanBatchInput): PlanBatchInput {
  const { tasks } = input.batch;
  if (tasks === undefined) return input;
  return { ...input, outcomes: input.outcomes.slice(0, numbersIn(tasks).length) };
}

/** As far as this run has seen. */
export const isCaughtUp = ({ batch, outcomes }: Told): boolean =>
  batch.next === 'process' ? caughtUpAfterProbe(outcomes, batch.postponed) : (batch.caughtUp ?? false);
