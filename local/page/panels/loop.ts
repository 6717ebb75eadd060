/** The loop as a graph: which step runs now, and of a pipeline that runs elsewhere what its head says of that. */
import { type HeldLease, heldAt, nextBatchId, unfinished } from '../../../functions/core/head.ts';
import { type StepName, stepNames } from '../../../functions/core/step-times.ts';
import type { LiveSteps, StepSpan } from '../live-steps.ts';
import { lastReport, type PageFacts } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type LoopStep = {
  readonly step: StepName | 'wait';
  readonly state: 'running' | 'perhaps' | 'done' | 'idle';
  /** How many of it run side by side. */
  readonly running: number;
  /** Tries that failed in this turn. */
  readonly failed: number;
  /** Of the last time. Null: it is not known. */
  readonly ms: number | null;
};

export type LoopModel = {
  readonly steps: readonly LoopStep[];
  readonly state: 'running' | 'stopping' | 'stopped' | 'not running';
  /** The batch that is being made. Null: the pipeline has never run. */
  readonly batchId: number | null;
  readonly committedBatch: number | null;
  readonly committedAt: number | null;
  readonly execution: string | null;
  readonly leaseUntil: number | null;
  /** Where the lit step is known from. */
  readonly knownFrom: 'driver' | 'head' | 'nothing';
};

export const loopPanel: Panel = {
  id: 'loop',
  model: (facts): LoopModel => {
    const { head, live } = facts;
    const held = heldIn(facts);
    const isLive = live !== undefined && live.spans.length > 0;
    return {
      steps: isLive ? liveSteps(live) : stepsOfHead(facts),
      state: stateOf(facts),
      batchId: head === undefined ? null : nextBatchId(head),
      committedBatch: head?.committed?.batchId ?? null,
      committedAt: lastReport(facts)?.committedAt ?? null,
      execution: held?.execution ?? null,
      leaseUntil: held?.until ?? null,
      knownFrom: isLive ? 'driver' : head === undefined ? 'nothing' : 'head',
    };
  },
};

/** As of when it was read: a lease that has run out since then may have been renewed. */
const heldIn = ({ head, readAt }: PageFacts): HeldLease | undefined =>
  head === undefined || readAt === undefined ? undefined : heldAt(head, readAt);

function stateOf(facts: PageFacts): LoopModel['state'] {
  const { head, live } = facts;
  const isRunning = heldIn(facts) !== undefined || live?.spans.some(isOn) === true;
  if (head?.control === 'stop') return isRunning ? 'stopping' : 'stopped';
  return isRunning ? 'running' : 'not running';
}

const lengthOf = (span: StepSpan | undefined): number | null =>
  span?.endedAt === undefined ? null : span.endedAt - span.at;
const isOn = ({ running }: StepSpan): boolean => running > 0;

function liveSteps({ spans, committed }: LiveSteps): LoopStep[] {
  const steps = stepNames.map((step): LoopStep => {
    const span = spans.find((each) => each.step === step);
    const before = committed.find((each) => each.step === step);
    if (span === undefined) return { step, state: 'idle', running: 0, failed: 0, ms: lengthOf(before) };
    const { running, failed } = span;
    return {
      step,
      state: isOn(span) ? 'running' : 'done',
      running,
      failed,
      ms: lengthOf(span),
    };
  });
  const waits = !spans.some(isOn);
  return [...steps, { step: 'wait', state: waits ? 'running' : 'idle', running: 0, failed: 0, ms: null }];
}

/** A batch that is sealed is reduced or committed; before, whoever has the lease plans, reads or waits. */
function stepsOfHead(facts: PageFacts): LoopStep[] {
  const { head } = facts;
  const isHeld = heldIn(facts) !== undefined;
  const isSealed = head !== undefined && unfinished(head) !== undefined;
  const lit: readonly LoopStep['step'][] = !isHeld
    ? []
    : isSealed
      ? ['reduce', 'commit']
      : ['plan', 'process', 'seal', 'wait'];
  const told = lastReport(facts)?.steps ?? [];
  return [...stepNames, 'wait' as const].map((step) => ({
    step,
    state: lit.includes(step) ? 'perhaps' : isHeld && isSealed && step !== 'wait' ? 'done' : 'idle',
    running: 0,
    failed: 0,
    ms: told.find((each) => each.step === step)?.ms ?? null,
  }));
}
