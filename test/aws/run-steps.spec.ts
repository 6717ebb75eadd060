import { describe, expect, test } from 'vitest';
import { runSteps } from './run-steps.ts';
import type { Step, StepKind } from './steps.ts';

const step = (kind: StepKind, more: Partial<Step> = {}): Step => ({ kind, title: kind, calls: [], ...more });
const steps = [
  ...[step('who'), step('deploy', { makes: true }), step('put'), step('compare')],
  ...[step('end-fis', { always: true }), step('destroy', { always: true })],
];

/** `acts`: what a step does that is not done at once. */
async function run(acts: Partial<Record<StepKind, (signal: AbortSignal) => void>>, interrupt = new AbortController()) {
  const begun: StepKind[] = [];
  const outcomes = await runSteps(steps, {
    async perform({ kind }, signal) {
      begun.push(kind);
      acts[kind]?.(signal);
    },
    onStep: () => {},
    signal: interrupt.signal,
    now: () => 0,
  });
  return {
    begun,
    outcomes: outcomes.map(({ outcome }) => outcome),
    problems: outcomes.flatMap((of) => of.problem ?? []),
  };
}

const fails = () => {
  throw new Error('no');
};
const all: readonly StepKind[] = ['who', 'deploy', 'put', 'compare', 'end-fis', 'destroy'];

describe('the steps of a run', () => {
  test('are taken in order', async () => {
    expect(await run({})).toEqual({ begun: all, outcomes: all.map(() => 'done'), problems: [] });
  });

  test('after one that fails are left out, but for those that clean up', async () => {
    const { begun, outcomes, problems } = await run({ put: fails });
    expect(begun).toEqual(['who', 'deploy', 'put', 'end-fis', 'destroy']);
    expect(outcomes).toEqual(['done', 'done', 'failed', 'left out', 'done', 'done']);
    expect(problems).toEqual(['no']);
  });

  test('clean up after a deployment that fails, too, and all of it though a part fails', async () => {
    expect((await run({ deploy: fails, 'end-fis': fails })).begun).toEqual(['who', 'deploy', 'end-fis', 'destroy']);
  });

  test('clean up nothing where nothing was made', async () => {
    const { begun, outcomes } = await run({ who: fails });
    expect(begun).toEqual(['who']);
    expect(outcomes.slice(1)).toEqual(Array(5).fill('left out'));
  });

  test('after Ctrl-C clean up, and are not told of it there', async () => {
    const interrupt = new AbortController();
    const seen: boolean[] = [];
    const { begun, outcomes, problems } = await run(
      {
        put: () => interrupt.abort(new Error('interrupted')),
        destroy: (signal) => void seen.push(signal.aborted),
      },
      interrupt,
    );
    expect(begun).toEqual(['who', 'deploy', 'put', 'end-fis', 'destroy']);
    expect([outcomes[2], problems, seen]).toEqual(['failed', ['interrupted'], [false]]);
  });
});
