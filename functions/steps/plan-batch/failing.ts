/** Reads that fail, turn after turn: for how long, and when somebody should hear of it. */
import type { Outcome } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Head } from '../../core/model.ts';
import { comesCloser, hasDied, noSuspicions } from '../../core/suspicions.ts';
import { failingSince, maxFailingMs } from '../../core/turn.ts';
import type { PlanBatchInput } from '../messages.ts';
import { lastTurnOf } from './last-turn.ts';

/**
 * Since when; undefined: they do not.
 *
 * @throws SluiceError AllTasksFailed
 */
export function refuseFailing(input: PlanBatchInput, seen: Head, now: number): number | undefined {
  const { outcomes } = lastTurnOf(input);
  const since = failingSince(input.batch.failingSince, failuresOf(outcomes, input, seen), input.request, now);
  if (since !== undefined && now - since >= maxFailingMs) throw allTasksFailed(since, outcomes);
  return since;
}

/** One that died is no failure as long as every death comes closer to the event to blame. */
function failuresOf(
  outcomes: readonly Outcome[],
  { batch }: PlanBatchInput,
  { suspicions = noSuspicions }: Head,
): readonly Outcome[] {
  return outcomes.map((outcome, task) => {
    if (!hasDied(outcome)) return outcome;
    return comesCloser(suspicions, { ref: batch.epoch, task }) ? 'held' : 'failed';
  });
}

/** The words are what the tasks' ends came to; what a service said is in the logs of each. */
function allTasksFailed(since: number, outcomes: readonly Outcome[]): SluiceError {
  const words = [...Map.groupBy(outcomes, (outcome) => outcome)].map(([outcome, { length }]) => `${length} ${outcome}`);
  const last = words.length === 0 ? '' : ` (of the last turn's tasks: ${words.join(', ')})`;
  const text = `shards can't be read since ${new Date(since).toISOString()}${last}; the logs of process-shards say why`;
  return new SluiceError('AllTasksFailed', text);
}
