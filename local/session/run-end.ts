/** How a run that ended is told to its user. */
import type { RunEnd } from '../driver/driver.ts';
import { LocalProblem, type ProblemKind } from '../local-problem.ts';

/** By the name of the error that ended the execution; others are the pipeline's fault or a bug. */
const kinds: Readonly<Record<string, ProblemKind>> = {
  NotAllowed: 'unreachable',
  StreamNotFound: 'unreachable',
  TemporaryFailure: 'unreachable',
  // A server that hangs, or that no task could read.
  TimeoutError: 'unreachable',
  'States.Timeout': 'unreachable',
  AllTasksFailed: 'unreachable',
  InvalidPipeline: 'usage',
  FingerprintChanged: 'usage',
  StreamRecreated: 'usage',
  TooManyRows: 'usage',
  DeduplicationMemoryTooLarge: 'usage',
  ItemTooLarge: 'usage',
};

/** Where the servers of the run are. */
export type ServerPlaces = { readonly kinesisEndpoint: string; readonly dynamodbEndpoint: string };

export function exitOf(end: RunEnd, pipeline: string, places?: ServerPlaces): 'complete' | 'stopped' {
  if (end.kind === 'aborted')
    throw new LocalProblem('aborted', 'Stopped at once. The next run goes on from the last committed batch.');
  if (end.kind === 'failed') {
    const kind = kinds[end.error] ?? 'wrong-result';
    const cause = messageOf(end.cause);
    const server = kind === 'unreachable' && places !== undefined ? ` (${serverIn(cause, places)})` : '';
    throw new LocalProblem(kind, `${end.error}: ${cause}${server}`);
  }
  if (end.reason === 'another-driver' || end.reason === 'superseded') {
    throw new LocalProblem('another-driver', `Another driver runs pipeline ${pipeline}; this one has left it alone.`);
  }
  return end.reason === 'stopped' ? 'stopped' : 'complete';
}

/** The server that the text is about; both where it does not say. */
function serverIn(cause: string, { kinesisEndpoint, dynamodbEndpoint }: ServerPlaces): string {
  const isDynamodb = /DynamoDB|\btable /.test(cause);
  const isKinesis = /Kinesis|\bstream |\bshard/.test(cause);
  const named = [
    ...(isKinesis || !isDynamodb ? [`Kinesis at ${kinesisEndpoint}`] : []),
    ...(isDynamodb || !isKinesis ? [`DynamoDB at ${dynamodbEndpoint}`] : []),
  ];
  return named.join(', ');
}

/** Lambda's causes are JSON with an errorMessage; local ones are the message itself. */
function messageOf(cause: string): string {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? cause;
  } catch {
    return cause;
  }
}
