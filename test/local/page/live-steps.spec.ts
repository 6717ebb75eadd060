/** What the page knows of the steps of a run (LIVE-1). */
import { expect, it } from 'vitest';
import { afterStep, type LiveSteps, noSteps, type StepEvent, stepOf } from '../../../local/page/live-steps.ts';

/** `plan+ plan- process+ process!`: begins, ends, fails, a millisecond each. */
function after(text: string, before: LiveSteps = noSteps): LiveSteps {
  const words = { '+': 'begins', '-': 'ends', '!': 'fails' } as const;
  return text.split(' ').reduce((live, each, at) => {
    const what = words[each.at(-1) as '+' | '-' | '!'];
    const event: StepEvent = { step: each.slice(0, -1) as StepEvent['step'], what, at: at + 1 };
    return afterStep(live, what === 'fails' ? { ...event, error: new TypeError(`at ${at + 1}`) } : event);
  }, before);
}

it('knows functions by the step that they are', () => {
  expect(['plan-batch', 'process-shards', 'commit-batch', 'other'].map(stepOf)).toEqual([
    'plan',
    'process',
    'commit',
    undefined,
  ]);
});

it('counts what runs side by side, and says when the last of it ended', () => {
  const running = after('plan+ plan- process+ process+ process-');
  expect(running.spans).toEqual([
    { step: 'plan', at: 1, endedAt: 2, running: 0, begun: 1, failed: 0 },
    { step: 'process', at: 3, endedAt: undefined, running: 1, begun: 2, failed: 0 },
  ]);
  expect(after('process-', running).spans[1]).toMatchObject({ running: 0, endedAt: 1 });
});

it('begins anew with each plan (LIVE-1)', () => {
  expect(after('plan+ plan- process+ process- plan+').spans.map(({ step }) => step)).toEqual(['plan']);
});

it('remembers what failed through the turns that try again, and forgets it with a commit (LIVE-1)', () => {
  const failing = after('plan+ plan- process+ process! process+ process! plan+ plan- process+ process!');
  expect(failing.failure).toEqual({ step: 'process', count: 3, error: 'TypeError', message: 'at 10', at: 10 });
  expect(failing.spans[1]).toMatchObject({ begun: 1, failed: 1 });
  expect(after('process+ process- seal+ seal- commit+', failing).failure?.count).toBe(3);
  const committed = after('process+ process- seal+ seal- commit+ commit-', failing);
  expect(committed.failure).toBeUndefined();
  expect(committed.committed).toBe(committed.spans);
});
