/** The times that a report names, against when the state machine entered its states. */
import type { BatchBody } from '../../../functions/core/model.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { stepNames } from '../../../functions/core/step-times.ts';
import type { Report } from './violation.ts';

export type StepFacts = {
  readonly report: Report;
  readonly entered: ReadonlyMap<string, ReadonlySet<number>>;
  /** Whoever commits the batch has read it. */
  readonly isOwn: boolean;
  /** By any clock. */
  readonly latest: number;
};

const stateOf: Readonly<Record<string, string>> = { plan: 'PlanBatch', seal: 'SealBatch', commit: 'CommitBatch' };

/** STEPTIME-1, STEPTIME-2, STEPTIME-4. */
export function checkSteps(progress: BatchProgress | undefined, body: BatchBody, facts: StepFacts): void {
  if (progress === undefined) return;
  const { report, entered, isOwn, latest } = facts;
  const wrong = (detail: string) => report('steps', `the report of batch ${body.batchId} ${detail}`);
  const { steps } = progress;
  if (steps === undefined) {
    if (isOwn) wrong('has no times, and its driver has read it');
    return;
  }
  const names = steps.map(({ step }) => step);
  const inOrder = stepNames.filter((name) => names.includes(name));
  if (names.join() !== inOrder.join() || names[0] !== 'plan' || names.at(-1) !== 'commit')
    wrong(`has the steps ${names}`);
  for (const [index, { step, at, ms }] of steps.entries()) {
    const next = steps[index + 1];
    if (!(ms >= 0)) wrong(`says that ${step} took ${ms} ms`);
    if (next !== undefined && at + ms !== next.at) wrong(`has ${step} to ${at + ms}, and ${next.step} from ${next.at}`);
    const state = stateOf[step];
    if (state !== undefined && entered.get(state)?.has(at) !== true)
      wrong(`has ${step} from ${at}, when ${state} was not entered`);
  }
  const { at, ms } = steps.at(-1)!;
  if (at + ms > latest) wrong(`ends at ${at + ms}, after ${latest}`);
}
