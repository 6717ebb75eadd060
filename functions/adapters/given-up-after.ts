import type { Clock } from '../ports/clock.ts';

const usualOvertimeMs = 2_000;
/** Of a sink: an answer that is not there so long after the deadline is not waited for, the batch has to be written down. */
export const overtimeOfSinkMs = 1_000;

/** A request under way may end a little after the deadline; one that hangs for longer is aborted. */
export function givenUpAfter(
  deadline: number,
  clock: Clock,
  overtimeMs = usualOvertimeMs,
): { readonly abortSignal?: AbortSignal } {
  if (!Number.isFinite(deadline)) return {};
  return { abortSignal: AbortSignal.timeout(Math.max(0, Math.ceil(deadline + overtimeMs - clock.now()))) };
}
