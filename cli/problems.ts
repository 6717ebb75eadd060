/** What went wrong, for the user and for the exit code. */
import { OperationRefused } from '../functions/operations/refused.ts';
import { LocalProblem, type ProblemKind } from '../local/local-problem.ts';

/** Errors of the SDK and of the functions, by name. */
const unreachable = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'NotAllowed',
  'ResourceNotFoundException',
  'StateMachineDoesNotExist',
  'StreamNotFound',
  'TemporaryFailure',
  'TimeoutError',
  'UnrecognizedClientException',
]);
const usage = new Set([
  'InvalidInput',
  'InvalidPipeline',
  'FingerprintChanged',
  'StreamRecreated',
  'MissingItem',
  'UnknownFormat',
  'TooManyRows',
  'DeduplicationMemoryTooLarge',
  'ItemTooLarge',
  'ValidationException',
  'InvalidArn',
]);
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH']);

export function problemOf(
  error: unknown,
  isVerbose: boolean,
): { readonly kind: ProblemKind; readonly message: string } {
  if (!(error instanceof Error)) return { kind: 'wrong-result', message: String(error) };
  const kind = kindOf(error);
  return { kind, message: isVerbose || isBug(error, kind) ? (error.stack ?? error.message) : errorText(error) };
}

function kindOf(error: Error): ProblemKind {
  if (error instanceof LocalProblem) return error.kind;
  if (error instanceof OperationRefused) return error.why === 'held' ? 'another-driver' : 'usage';
  if (unreachable.has(error.name) || networkCodes.has(codeOf(error))) return 'unreachable';
  return usage.has(error.name) ? 'usage' : 'wrong-result';
}

function isBug(error: Error, kind: ProblemKind): boolean {
  return kind === 'wrong-result' && !(error instanceof LocalProblem);
}

/** A refused connection to several addresses is one error without a message of its own. */
function errorText(error: Error): string {
  if (error.message !== '') return error.message;
  const inner = (error as { errors?: readonly Error[] }).errors?.[0];
  return inner?.message ?? error.name;
}

function codeOf(error: Error): string {
  const { code, errors } = error as { code?: unknown; errors?: readonly { code?: unknown }[] };
  return String(code ?? errors?.[0]?.code ?? '');
}
