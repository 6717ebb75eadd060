/** From errors of the AWS SDK to the two families a step can raise: try again, or stop. */
import { type FatalErrorName, SluiceError } from '../core/errors.ts';

type AwsError = Error & {
  /** Errors that a service answered with have it. */
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Of Node's own network errors. */
  readonly code?: string;
};

/** Someone has to change a policy, a key or credentials. Services with XML (STS) leave out the ending `Exception`. */
const accessDenied = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'MissingAuthenticationToken',
  'OptInRequired',
  'RegionDisabledException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'KMSOptInRequired',
]);

/** Errors of the SDK and of our own whose messages are texts of its own. */
const ofSdk = new Set(['TimeoutError', 'AbortError', 'CredentialsProviderError', 'Throttled', 'IncompleteAnswer']);

export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

const throttling = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'KMSThrottlingException',
  'TooManyRequestsException',
]);

/** Refused because of a limit: the same call is good later. */
export const isThrottling = (error: unknown): boolean =>
  error instanceof Throttled || (error instanceof Error && throttling.has(error.name));

/** What a service refused because of its limits, under a name that the SDK does not repeat by itself. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/**
 * `fatal` names what certain service errors mean in this call; everything unknown is worth another try. The error itself
 * is no cause of the new one: through its answer it holds the request, and that has credentials in its headers.
 */
export function fromAws(
  error: unknown,
  doing: string,
  fatal: Readonly<Record<string, FatalErrorName>> = {},
): SluiceError {
  if (error instanceof SluiceError) return error;
  const { name } = error as AwsError;
  const text = `${doing}: ${wordsOf(error as AwsError)}`;
  const meaning = fatal[name];
  if (meaning !== undefined) return new SluiceError(meaning, text);
  if (accessDenied.has(name)) return new SluiceError('NotAllowed', text);
  if (name === 'ValidationException' && !isOfServer(error as AwsError)) {
    return new SluiceError('InvalidInput', text);
  }
  return new SluiceError('TemporaryFailure', text);
}

/** An answer that could not be read may be quoted in the message about it, and answers hold payloads and secrets. */
function wordsOf(error: AwsError): string {
  const { name, message, code } = error;
  if (error.$fault !== undefined || code !== undefined || ofSdk.has(name)) return `${name}: ${message || code}`;
  return name;
}

function isOfServer(error: AwsError): boolean {
  return (error.$metadata?.httpStatusCode ?? 500) >= 500;
}
