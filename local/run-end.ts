/** How a run that ended is told to its user. */
import type { RunEnd } from './driver.ts';
import { LocalProblem, type ProblemKind } from './local-problem.ts';

/** By the name of the error that ended the execution; others are the pipeline's fault or a bug. */
const kinds: Readonly<Record<string, ProblemKind>> = {
  NotAllowed: 'unreachable',
  StreamNotFound: 'unreachable',
  TemporaryFailure: 'unreachable',
  InvalidPipeline: 'usage',
  FingerprintChanged: 'usage',
  StreamRecreated: 'usage',
};

export function exitOf(end: RunEnd, pipeline: string): 'complete' | 'stopped' {
  if (end.kind === 'aborted')
    throw new LocalProblem('aborted', 'Stopped at once. The next run goes on from the last committed batch.');
  if (end.kind === 'failed')
    throw new LocalProblem(kinds[end.error] ?? 'wrong-result', `${end.error}: ${messageOf(end.cause)}`);
  if (end.reason === 'another-driver' || end.reason === 'superseded') {
    throw new LocalProblem('another-driver', `Another driver runs pipeline ${pipeline}; this one has left it alone.`);
  }
  return end.reason === 'stopped' ? 'stopped' : 'complete';
}

/** Lambda's causes are JSON with an errorMessage; local ones are the message itself. */
function messageOf(cause: string): string {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? cause;
  } catch {
    return cause;
  }
}
