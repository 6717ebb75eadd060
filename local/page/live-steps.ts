/**
 * What the steps of a run on this machine do, as its driver tells it.
 *
 * LIVE-1 A turn begins with its plan. What failed is remembered beyond its turn, until a batch is committed.
 */
import type { StepName } from '../../functions/core/step-times.ts';

/** What one step has done in a turn. */
export type StepSpan = {
  readonly step: StepName;
  /** When the first of it began. */
  readonly at: number;
  /** When the last of it ended. Undefined: some of it runs. */
  readonly endedAt: number | undefined;
  /** How many of it run now. */
  readonly running: number;
  /** How many began, tries again too. */
  readonly begun: number;
  /** How many failed. */
  readonly failed: number;
};

export type LiveSteps = {
  /** Of the turn that runs, or ended last. */
  readonly spans: readonly StepSpan[];
  /** Of the last turn that was committed. */
  readonly committed: readonly StepSpan[];
  /** Since the last commit. Undefined: nothing failed. */
  readonly failure: StepFailure | undefined;
};

export type StepFailure = {
  readonly step: StepName;
  /** Failures in a row, of any step. */
  readonly count: number;
  readonly error: string;
  readonly message: string;
  readonly at: number;
};

export type StepEvent = {
  readonly step: StepName;
  readonly what: 'begins' | 'ends' | 'fails';
  readonly at: number;
  readonly error?: unknown;
};

export const noSteps: LiveSteps = { spans: [], committed: [], failure: undefined };

const steps: Readonly<Record<string, StepName>> = {
  'plan-batch': 'plan',
  'process-shards': 'process',
  'seal-batch': 'seal',
  'reduce-key-group': 'reduce',
  'commit-batch': 'commit',
};

/** From the name of a function. Undefined: it is no step. */
export const stepOf = (functionName: string): StepName | undefined => steps[functionName];

export function afterStep(live: LiveSteps, event: StepEvent): LiveSteps {
  const { step, what } = event;
  const isNewTurn = step === 'plan' && what === 'begins' && !live.spans.some(({ running }) => running > 0);
  const before = isNewTurn ? [] : live.spans;
  const known = before.find((span) => span.step === step);
  if (known === undefined && what !== 'begins') return live;
  const span = what === 'begins' ? begun(known, event) : ended(known!, event);
  const spans = known === undefined ? [...before, span] : before.map((each) => (each === known ? span : each));
  if (step === 'commit' && what === 'ends') return { spans, committed: spans, failure: undefined };
  return { ...live, spans, failure: what === 'fails' ? failureAfter(live.failure, event) : live.failure };
}

const begun = (known: StepSpan | undefined, { step, at }: StepEvent): StepSpan => ({
  ...{ step, at: known?.at ?? at, endedAt: undefined },
  ...{ running: (known?.running ?? 0) + 1, begun: (known?.begun ?? 0) + 1, failed: known?.failed ?? 0 },
});

function ended(known: StepSpan, { what, at }: StepEvent): StepSpan {
  const running = Math.max(0, known.running - 1);
  return {
    ...known,
    ...{ running, endedAt: running === 0 ? at : undefined },
    failed: known.failed + (what === 'fails' ? 1 : 0),
  };
}

const maxMessageLength = 300;

function failureAfter(before: StepFailure | undefined, { step, at, error }: StepEvent): StepFailure {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { step, at, error: name, message: message.slice(0, maxMessageLength), count: (before?.count ?? 0) + 1 };
}
