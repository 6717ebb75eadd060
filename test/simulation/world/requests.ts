/** What executions are asked for when they are started. */
import type { Request } from '../../../functions/core/driver.ts';
import type { Scenario } from './scenario.ts';

/** `since`: milliseconds of the run; `isOver`: no more events will come. */
export function requestAt(
  { request, untilBatch, closing }: Scenario,
  { since, isOver }: { readonly since: number; readonly isOver: boolean },
): Request {
  const isClosing = closing !== undefined && (typeof closing.from === 'number' ? since >= closing.from : isOver);
  if (isClosing) return { untilCaughtUp: true, closeWindows: true };
  if (untilBatch !== undefined && since < untilBatch.until) return { ...request, untilBatch: untilBatch.batch };
  return request;
}
