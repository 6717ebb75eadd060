/**
 * Errors that leave a function, in the two families Step Functions can act on: try again, or stop.
 *
 * Names are literals, since bundlers rename classes and Step Functions sees only `error.name`. The state machine lists
 * them; a test keeps the two lists equal.
 */
export const retryableErrorNames = ['TemporaryFailure'] as const;

export const fatalErrorNames = [
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
] as const;

export type RetryableErrorName = (typeof retryableErrorNames)[number];
export type FatalErrorName = (typeof fatalErrorNames)[number];

export type SluiceErrorName = RetryableErrorName | FatalErrorName;

export class SluiceError extends Error {
  readonly canRetry: boolean;

  constructor(name: SluiceErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.canRetry = (retryableErrorNames as readonly string[]).includes(name);
  }
}
