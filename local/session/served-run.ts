/** A run that is served as a deployed pipeline is: what has ended, or failed, can be started again until the run is told to end. */
import { once } from 'node:events';
import type { LocalMachine } from '../step-functions/local-machine.ts';

export type Served = {
  readonly machine: LocalMachine;
  /** The run's own execution has ended, or failed with a problem; executions can still be started. */
  readonly onIdle: (problem: unknown) => void;
};

type Around = Pick<Served, 'onIdle'> & {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  /** Of a publisher that goes on although the pipeline has ended; its failure ends the run. */
  readonly publishing: () => Promise<unknown> | undefined;
  /** All batches of the run were shown: before that nobody is told that it has ended. */
  readonly shown: () => Promise<void>;
  /** All that others have started is over. */
  readonly ended: () => Promise<unknown>;
};

/** The end of `run`, or its problem, when all is over. */
export async function serveUntilTold<End>(
  run: () => Promise<End>,
  { stop, abort, publishing, shown, ended, onIdle }: Around,
): Promise<End> {
  const first = await run().then(
    async (end) => {
      await shown();
      return { kind: 'ended', end } as const;
    },
    (problem: unknown) => ({ kind: 'failed', problem }) as const,
  );
  const isTold = AbortSignal.any([stop, abort]);
  if (!isTold.aborted) onIdle(first.kind === 'failed' ? first.problem : undefined);
  await Promise.race([until(isTold), failureOf(publishing())]);
  await ended();
  if (first.kind === 'failed') throw first.problem;
  return first.end;
}

async function until(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Never resolves. */
const failureOf = (work: Promise<unknown> | undefined): Promise<never> =>
  new Promise((_, reject) => void work?.catch(reject));
