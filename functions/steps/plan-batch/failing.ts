/** Reads that fail, turn after turn: for how long, and when somebody should hear of it. */
import type { Outcome } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Head } from '../../core/model.ts';
import { comesCloser, hasDied, noSuspicions } from '../../core/suspicions.ts';
import { failingSince, maxFailingMs } from '../../core/turn.ts';
import type { PlanBatchInput } from '../messages.ts';
import { lastTurnOf } from './last-turn.ts';

/** `failingSince`: undefined: they do not. */
export type Failing = { readonly failingSince: number | undefined; readonly lacksReference?: true };

/**
 * Since when, and whether for want of reference data.
 *
 * @throws SluiceError AllTasksFailed, or ReferenceUnavailable where that is why
 */
export function refuseFailing(input: PlanBatchInput, seen: Head, now: number): Failing {
  const { outcomes } = lastTurnOf(input);
  // A pause has no outcomes of its own.
  const lacksReference =
    outcomes.length === 0 ? input.batch.lacksReference === true : outcomes.includes('no-reference');
  const since = failingSince(input.batch.failingSince, failuresOf(outcomes, input, seen), input.request, now);
  if (since !== undefined && now - since >= maxFailingMs)
    throw lacksReference ? withoutReference(since) : allTasksFailed(since, outcomes, input);
  return { failingSince: since, ...(since !== undefined && lacksReference ? { lacksReference } : {}) };
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
function allTasksFailed(since: number, outcomes: readonly Outcome[], { timing }: PlanBatchInput): SluiceError {
  const words = [...Map.groupBy(outcomes, (outcome) => outcome)].map(([outcome, { length }]) => `${length} ${outcome}`);
  const last = words.length === 0 ? '' : ` (of the last turn's tasks: ${words.join(', ')})`;
  // A wave that could not be started has called no function.
  const logs = timing.tasksInWave === undefined ? 'process-shards' : 'process-shards, or of the state machine,';
  const text = `shards can't be read since ${new Date(since).toISOString()}${last}; the logs of ${logs} say why`;
  return new SluiceError('AllTasksFailed', text);
}

function withoutReference(since: number): SluiceError {
  const text = `reference data can't be loaded since ${new Date(since).toISOString()}, and nothing is read without it`;
  return new SluiceError('ReferenceUnavailable', `${text}; the logs of process-shards say which, and why`);
}
