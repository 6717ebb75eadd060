/** Ctrl-C ends what a command does, and is no error; a second one ends the process. So does a reader of stdout that has gone. */
import { exitCodes } from '../../local/local-problem.ts';

export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.aborted);
    stop.abort();
  };
  // As `head` does, once it has enough.
  const onError = (): void => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.stdout.on('error', onError);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.stdout.off('error', onError);
  }
}
