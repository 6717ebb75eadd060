/** From errors of the AWS SDK to the two families a step can raise: try again, or stop. */
import { type FatalErrorName, SluiceError } from '../core/errors.ts';

type AwsError = Error & { readonly $metadata?: { readonly httpStatusCode?: number }; readonly code?: string };

const throttled = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'KMSThrottlingException',
  'TooManyRequestsException',
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
  return throttled.has(error.name) || (error.$metadata?.httpStatusCode ?? 500) >= 500;
}
