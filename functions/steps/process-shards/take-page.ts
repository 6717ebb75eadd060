/** One page of a shard: in steps, each delivered before the next. */
import type { Undelivered } from '../../core/read/effects.ts';
import type { Step } from '../../core/read/step.ts';
import { applied, takeStep } from '../../core/read/take-step.ts';
import type { Page } from '../../core/record.ts';
import type { StopReason } from '../../core/shard-result.ts';
import type { StepPace } from '../../core/step-pace.ts';
import { type AskSink, knowingTheLimits } from '../knowing-the-limit.ts';
import { deliver } from './deliver.ts';
import type { ExecutorContext } from './executor-context.ts';
import type { OpenShard } from './open-shard.ts';

/** What deliveries may take past the end of reading: what is left of the function's time is for the block. */
export const deliveryGraceMs = 3_000;

export const isBlockFull = ({ task, parts }: ExecutorContext): boolean => task.carried.isFull || parts.areAll;

/** Step by step; why the read ends in the middle of the page, if it does. */
export async function takePage(
  context: ExecutorContext,
  open: OpenShard,
  page: Page,
  pace: StepPace,
): Promise<StopReason | undefined> {
  const { deadline, notes, parts } = context;
  const { clock } = context.runtime.ports;
  if (page.records.length > 0) await notes.begin(open);
  for (let at = 0, steps = 0; at < page.records.length; steps++) {
    const startedAt = clock.now();
    // Whatever time it is, a batch gets on by a step.
    if (steps > 0 && startedAt >= deadline) return 'deadline';
    if (isBlockFull(context)) return 'deadline';
    const { next, stop } = await takeOneStep(context, open, page, { at, pace });
    if (stop !== undefined) return stop;
    pace.took(clock.now() - startedAt);
    await notes.afterStep();
    await parts.afterStep();
    at = next;
  }
  return undefined;
}

/** Of a step of this task. */
const nothingDelivered = ({ effects, reader }: Step): Undelivered => ({
  outputs: new Map(effects.outputs.map(({ places }, at) => [reader.task.direct[at]!.id, new Set(places)])),
  letters: new Set(effects.deadLetters.keys()),
});

async function takeOneStep(
  { task, deadline, runtime, isolated }: ExecutorContext,
  open: OpenShard,
  page: Page,
  { at, pace }: { readonly at: number; readonly pace: StepPace },
): Promise<{ readonly next: number; readonly stop?: StopReason }> {
  const { ports, log } = runtime;
  const most = Math.min(pace.most, (await isolated?.before(open, page, at)) ?? pace.most);
  const ask: AskSink = (output) => isolated?.asking(ports.sink(output)) ?? ports.sink(output);
  const step = await knowingTheLimits(ask, () => takeStep(open.reader, open.state, page, at, most));
  try {
    await isolated?.after(step.halt);
  } catch (error) {
    // What needs no delivery is in the table already, so the position must not be before it.
    open.state = applied(step, page, nothingDelivered(step));
    throw error;
  }
  const missing = await deliver(step.effects, task.direct, ports, deadline + deliveryGraceMs);
  open.state = applied(step, page, missing);
  const { next } = step;
  if (missing === undefined) return step.halt === undefined ? { next } : { next, stop: 'held' };
  // What was delivered before, and what of this went through, is whole and stays.
  open.undelivered = missing;
  if (!missing.isOnlySlow) throw missing.error;
  log.warn('delivery ran out of time', { reason: missing.error.message });
  return { next, stop: 'deadline' };
}
