/**
 * Which errors are tried again. Names are what Step Functions compares: the functions' own `error.name`s
 * (functions/pipeline/errors.ts; a test keeps the lists equal) and those of Lambda and Step Functions.
 */
import { type Retrier, throttled } from './asl.ts';

/** The functions' own refusals: another try cannot change them. */
export const fatalErrors = [
  'InvalidInput',
  'InvalidPipeline',
  'FingerprintChanged',
  'StreamRecreated',
  'StreamNotFound',
  'DataLoss',
  'CorruptCheckpoint',
  'MissingItem',
  'UnknownFormat',
  'PayloadTooLarge',
  'NotAllowed',
  'AllTasksFailed',
  'ConsumerNotOwned',
  'TooManyCrashes',
  'TooManyRows',
  'DeduplicationMemoryTooLarge',
  'ItemTooLarge',
  'StateTooLarge',
] as const;

/** The function did not run. */
export const throttledErrors = [throttled] as const;

/** The functions' own passing troubles. */
export const temporaryErrors = ['TemporaryFailure', 'ReferenceUnavailable'] as const;

/** The call failed or its answer was lost: the function may have run, or may still be running. */
export const callErrors = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
] as const;

/**
 * The sandbox died: time, memory, exit. User code may have done it, and then its next try ends like this one. Not so the
 * handler's own early timeout, which runs only while something is waited for.
 */
export const deathErrors = [
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'Lambda.Unknown',
  'States.Timeout',
] as const;

/** The handler's own early timeout, and the SDK's. */
const timeoutErrors = ['TimeoutError'] as const;
export const sandboxErrors = [...deathErrors, ...timeoutErrors] as const;

const toldOnly = {
  Comment: 'The sandbox died: the next plan hears of it, and packs its shards apart.',
  MaxAttempts: 0,
};

/**
 * The Retry list of one function. Failed calls and dead sandboxes share a retrier: retriers count their attempts apart, so
 * two of them would add up in the worst case. What is in no list (a bug's TypeError) is not tried again.
 *
 * `deaths: 'told'`: a dead sandbox is no business of this list. A record may kill the next one as well, and whoever hears of
 * the first death can do something about it; a second try that fails for another reason would hide it.
 */
export function retryFunction(options: {
  readonly again: number;
  readonly deaths?: 'retried' | 'told';
}): readonly Retrier[] {
  const { again, deaths = 'retried' } = options;
  const dead = deaths === 'told' ? [{ ...toldOnly, ErrorEquals: deathErrors }] : [];
  const sandbox = deaths === 'told' ? timeoutErrors : sandboxErrors;
  return [
    { Comment: "Refused: another try can't change it.", ErrorEquals: fatalErrors, MaxAttempts: 0 },
    ...dead,
    {
      Comment: 'Throttled: the function did not run.',
      ErrorEquals: throttledErrors,
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxDelaySeconds: 4,
      MaxAttempts: 3,
      JitterStrategy: 'FULL',
    },
    {
      Comment: 'Failed for now, or no answer: the function may have run, or may still be running.',
      ErrorEquals: [...callErrors, ...temporaryErrors, ...sandbox],
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxDelaySeconds: 4,
      MaxAttempts: again,
      JitterStrategy: 'FULL',
    },
  ];
}
