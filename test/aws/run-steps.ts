/** Takes the steps, one after the other, and cleans up whatever happens. */
import type { Step } from './steps.ts';

export type StepOutcome = {
  readonly step: Step;
  readonly outcome: 'done' | 'failed' | 'left out';
  readonly seconds: number;
  readonly problem?: string;
};

export type Around = {
  /** Throws what is wrong. `signal` is aborted when the run is to end: of steps that clean up it never is. */
  readonly perform: (step: Step, signal: AbortSignal) => Promise<void>;
  readonly onStep: (step: Step, what: 'begins' | StepOutcome['outcome'], problem?: string) => void;
  readonly signal: AbortSignal;
  readonly now: () => number;
};

const never = new AbortController().signal;

export async function runSteps(steps: readonly Step[], around: Around): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let hasMade = false;
  for (const step of steps) {
    const isOver = outcomes.some(({ outcome }) => outcome === 'failed') || around.signal.aborted;
    const isTaken = step.always === true ? hasMade : !isOver;
    // Also of one that fails in the middle.
    if (isTaken && step.makes === true) hasMade = true;
    const outcome = isTaken ? await taken(step, around) : ({ step, outcome: 'left out', seconds: 0 } as const);
    if (!isTaken) around.onStep(step, 'left out');
    outcomes.push(outcome);
  }
  return outcomes;
}

async function taken(step: Step, { perform, onStep, signal, now }: Around): Promise<StepOutcome> {
  const began = now();
  const seconds = () => (now() - began) / 1_000;
  onStep(step, 'begins');
  try {
    await perform(step, step.always === true ? never : signal);
    if (step.always !== true) signal.throwIfAborted();
    onStep(step, 'done');
    return { step, outcome: 'done', seconds: seconds() };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    onStep(step, 'failed', problem);
    return { step, outcome: 'failed', seconds: seconds(), problem };
  }
}
