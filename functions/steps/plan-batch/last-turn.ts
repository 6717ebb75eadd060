/** What the state machine says of the last turn: of one that ended with its reads, how its tasks came out. */
import type { LastTurn } from '../../core/decide-start.ts';
import { caughtUpAfterProbe } from '../../core/turn.ts';
import type { PlanBatchInput } from '../messages.ts';

type Told = Pick<PlanBatchInput, 'batch' | 'outcomes'>;

export function lastTurnOf({ batch, outcomes }: Told): LastTurn {
  if (batch.next !== 'process') return { outcomes: [], leavesUnread: false };
  return { outcomes, leavesUnread: batch.leavesUnread === true };
}

/** As far as this run has seen. */
export const isCaughtUp = ({ batch, outcomes }: Told): boolean =>
  batch.next === 'process' ? caughtUpAfterProbe(outcomes, batch.postponed) : (batch.caughtUp ?? false);
