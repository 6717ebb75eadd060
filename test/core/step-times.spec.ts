/** STEPTIME-1 to STEPTIME-4: when the steps of a batch began, and how long they took. */
import { describe, expect, it } from 'vitest';
import { batchMs, markOf, marksAfter, type StepMark, stepTimes, withRound } from '../../functions/core/step-times.ts';

const at = (...starts: readonly (readonly [StepMark['step'], number])[]): StepMark[] =>
  starts.map(([step, at]) => ({ step, at }));
const whole = at(['plan', 100], ['process', 130], ['seal', 400], ['reduce', 450], ['commit', 900]);

it('each step ends where the next begins, the last one with the report, so they add up (STEPTIME-1)', () => {
  const steps = stepTimes(whole, 960)!;
  expect(steps).toEqual([
    { step: 'plan', at: 100, ms: 30 },
    { step: 'process', at: 130, ms: 270 },
    { step: 'seal', at: 400, ms: 50 },
    { step: 'reduce', at: 450, ms: 450 },
    { step: 'commit', at: 900, ms: 60 },
  ]);
  expect(batchMs(steps)).toBe(860);
});

describe('clocks of functions that are off (STEPTIME-2)', () => {
  it.each([
    ['ahead', 5_000, { plan: 300, process: 0, seal: 50 }],
    ['behind', 3, { plan: 0, process: 300, seal: 50 }],
  ])('%s: what they time lies between the steps that the state machine times', (_, process, expected) => {
    const marks = at(['plan', 100], ['process', process], ['seal', 400], ['commit', 450]);
    const steps = stepTimes(marks, 10)!;
    expect(Object.fromEntries(steps.map(({ step, ms }) => [step, ms]))).toEqual({ ...expected, commit: 0 });
  });
});

describe('a mark', () => {
  const enteredAt = '2026-11-29T10:00:00.500Z';
  it('is where the state was entered, with its tries if there were several', () => {
    expect(markOf('seal', { enteredAt, retries: 0 }, 9)).toEqual({ step: 'seal', at: Date.parse(enteredAt) });
    expect(markOf('seal', { enteredAt, retries: 2 }, 9)).toEqual({ step: 'seal', at: Date.parse(enteredAt), tries: 3 });
  });

  it('is now, where no state machine calls', () => {
    expect(markOf('seal', {}, 9)).toEqual({ step: 'seal', at: 9 });
  });
});

it('rounds of the reduce are one step, which counts them (STEPTIME-3)', () => {
  const twice = withRound(withRound(whole));
  expect(twice).toEqual(whole.map((mark) => (mark.step === 'reduce' ? { ...mark, tries: 3 } : mark)));
  expect(stepTimes(twice, 960)![3]).toEqual({ step: 'reduce', at: 450, ms: 450, tries: 3 });
});

it('nothing is said of a batch of which another driver has done a part (STEPTIME-4)', () => {
  const marks = marksAfter([], ...at(['commit', 900]));
  expect(marks).toEqual([]);
  expect(stepTimes(marks, 960)).toBeUndefined();
});
