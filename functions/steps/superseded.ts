/**
 * A step that comes too late: others have gone on and purged what it was about to read. What is missing is an error of the
 * table only while the head still says that the step's work is to be done.
 */
import { SluiceError } from '../core/errors.ts';
import { isHeld, isUnfinished } from '../core/head.ts';
import type { BatchName, Head } from '../core/model.ts';
import type { Ports } from '../ports/ports.ts';
import type { StepRuntime } from './step-runtime.ts';

export type Work = { readonly epoch: number; readonly run?: string };

/** Whoever waits for a step holds a lease: it takes longer to run out than any step has. */
export const isDriverOver = (head: Head | undefined, { epoch, run }: Work, now: number): boolean =>
  head === undefined || head.epoch !== epoch || (run !== undefined && head.holder?.owner !== run) || !isHeld(head, now);

/** No execution's commit can take this batch any more. */
export const isBatchOver = (head: Head | undefined, batch: BatchName): boolean =>
  head === undefined || !isUnfinished(head, batch);

/** `answer` is what the state machine is told if the head, read again, says that it is over. */
export async function orSuperseded<Answer>(
  { ports, log }: Pick<StepRuntime<Pick<Ports, 'head' | 'clock'>>, 'ports' | 'log'>,
  work: () => Promise<Answer>,
  otherwise: { readonly isOver: (head: Head | undefined, now: number) => boolean; readonly answer: Answer },
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SluiceError) || error.name !== 'MissingItem') throw error;
    if (!otherwise.isOver(await ports.head.load(), ports.clock.now())) throw error;
    log.info('superseded', { missing: error.message });
    return otherwise.answer;
  }
}
