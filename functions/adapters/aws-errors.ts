/** From errors of the AWS SDK to the two families a step can raise: try again, or stop. */
import { type FatalErrorName, SluiceError } from '../core/errors.ts';

type AwsError = Error & { readonly $metadata?: { readonly httpStatusCode?: number }; readonly code?: string };

const limits = [
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'KMSThrottlingException',
  'TooManyRequestsException',
];

const temporary = new Set([
  ...limits,
  'InternalServerError',
  'InternalFailureException',
  'ServiceUnavailable',
  'TimeoutError',
  'AbortError',
]);

const notAllowed = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'CredentialsProviderError',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSNotFoundException',
]);

export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

const throttling = new Set(limits);

/** Refused because of a limit: the same call is good later. */
export const isThrottling = (error: unknown): boolean =>
  error instanceof Throttled || (error instanceof Error && throttling.has(error.name));

/** What a service refused because of its limits, under a name that the SDK does not repeat by itself. */
export class Throttled extends Error {
  override readonly name = 'Throttled';

  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** `fatal` names what certain service errors mean in this call; everything unknown is worth another try. */
export function fromAws(
  error: unknown,
  doing: string,
  fatal: Readonly<Record<string, FatalErrorName>> = {},
): SluiceError {
  if (error instanceof SluiceError) return error;
  const { name, message } = error as AwsError;
  const text = `${doing}: ${name}: ${message}`;
  const meaning = fatal[name];
  if (meaning !== undefined) return new SluiceError(meaning, text, { cause: error });
  if (notAllowed.has(name)) return new SluiceError('NotAllowed', text, { cause: error });
  if (name === 'ValidationException' && !isTemporary(error as AwsError)) {
    return new SluiceError('InvalidInput', text, { cause: error });
  }
  return new SluiceError('TemporaryFailure', text, { cause: error });
}

function isTemporary(error: AwsError): boolean {
  return temporary.has(error.name) || (error.$metadata?.httpStatusCode ?? 500) >= 500;
}
