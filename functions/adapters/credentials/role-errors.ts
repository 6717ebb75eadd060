/**
 * What it means when a role can't be assumed, or may not do what was asked: which role, which action, and where to look.
 *
 * Nothing but the name and the message of a service's own error is passed on, and no cause: an answer of STS holds
 * secrets.
 */
import { SluiceError } from '../../core/errors.ts';
import type { AssumedRole } from '../../pipeline/stream.ts';
import { fromAws, isNamed } from '../aws-errors.ts';

/** STS refused, or did not answer. */
export function refusedBySts(error: unknown, role: AssumedRole): SluiceError {
  if (isIncomplete(error))
    return new SluiceError('TemporaryFailure', `sts:AssumeRole of ${role.arn}: the answer lacks Credentials`);
  const { name, message } = fromAws(error, `sts:AssumeRole of ${role.arn}`, stsMeanings);
  const advice = name === 'NotAllowed' ? `. ${whatToCheck(error, role)}` : '';
  return new SluiceError(name as ConstructorParameters<typeof SluiceError>[0], `${message}${advice}`);
}

/** The SDK gives it the name of credentials that are not there at all. */
const isIncomplete = (error: unknown): boolean =>
  isNamed(error, 'CredentialsProviderError') && /^Invalid response from STS/.test((error as Error).message);

/** STS uses this name also for a duration that the role does not allow. */
const stsMeanings = { ValidationError: 'InvalidPipeline' } as const;

function whatToCheck(error: unknown, { externalId }: AssumedRole): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'RegionDisabledException') return 'Activate STS in this region for the account, or set role.stsRegion';
  if (name !== 'AccessDenied' && name !== 'AccessDeniedException') return 'Check the credentials that ask for it';
  const given = externalId === undefined ? 'none is given as role.externalId' : 'one is given as role.externalId';
  return (
    'Check that the role exists, that its trust policy names the role of this function, that the sts:ExternalId it asks ' +
    `for is the one given (${given}), and that the role of this function may assume it`
  );
}

/** S3 leaves out the ending, as STS does. */
const denied = new Set(['AccessDeniedException', 'AccessDenied', 'KMSAccessDeniedException']);
const expired = new Set(['ExpiredTokenException', 'ExpiredToken']);

export const isExpired = (error: unknown): boolean => error instanceof Error && expired.has(error.name);

/** The role was assumed, and the service refuses it. `thing`: "stream flights". Other errors stay what they are. */
export function refusedToRole(error: unknown, role: AssumedRole, action: string, thing: string): unknown {
  if (!(error instanceof Error) || !denied.has(error.name)) return error;
  const key =
    error.name === 'KMSAccessDeniedException'
      ? 'use its key, which also the key policy has to allow'
      : `${action} on it`;
  return new SluiceError(
    'NotAllowed',
    `${thing}: ${action} is not allowed to the role ${role.arn}: ${error.name}: ${error.message}. ` +
      `Check that the role's policy allows it to ${key}`,
  );
}
