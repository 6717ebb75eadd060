import * as kinesis from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { fromAws } from '../../functions/adapters/aws-errors.ts';
import { SluiceError } from '../../functions/core/errors.ts';

type Details = { readonly $fault?: string; readonly status?: number; readonly code?: string };

const awsError = (name: string, { status, ...details }: Details = { $fault: 'client', status: 400 }) =>
  Object.assign(new Error('the words of the service'), {
    name,
    ...details,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  });
const nameOf = (error: unknown) => fromAws(error, 'read').name;

/** Every error that the client knows, and what it is to a step. */
const meanings: Readonly<Record<string, string>> = {
  AccessDeniedException: 'NotAllowed',
  DryRunOperationException: 'TemporaryFailure',
  ExpiredIteratorException: 'TemporaryFailure',
  ExpiredNextTokenException: 'TemporaryFailure',
  InternalFailureException: 'TemporaryFailure',
  InvalidArgumentException: 'TemporaryFailure',
  KMSAccessDeniedException: 'NotAllowed',
  KMSDisabledException: 'NotAllowed',
  KMSInvalidStateException: 'NotAllowed',
  KMSNotFoundException: 'NotAllowed',
  KMSOptInRequired: 'NotAllowed',
  KMSThrottlingException: 'TemporaryFailure',
  LimitExceededException: 'TemporaryFailure',
  ProvisionedThroughputExceededException: 'TemporaryFailure',
  ResourceInUseException: 'TemporaryFailure',
  ResourceNotFoundException: 'TemporaryFailure',
  ValidationException: 'InvalidInput',
};

describe('an error of Kinesis', () => {
  it('is one of these, as far as the client knows', () => {
    const known = Object.entries(kinesis)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof kinesis.KinesisServiceException)
      .map(([name]) => name);
    expect(known.toSorted()).toEqual(Object.keys(meanings).toSorted());
  });

  it.each(Object.entries(meanings))('%s is %s', (name, meaning) => {
    expect(nameOf(awsError(name))).toBe(meaning);
  });

  it('means what a call says that it means there', () => {
    const error = fromAws(awsError('ResourceNotFoundException'), 'read', {
      ResourceNotFoundException: 'StreamNotFound',
    });
    expect(error).toMatchObject({ name: 'StreamNotFound', canRetry: false });
    expect(error.message).toBe('read: ResourceNotFoundException: the words of the service');
  });
});

describe('an error of any service', () => {
  it.each([
    'AccessDenied',
    'CredentialsProviderError',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ])('%s is for someone to mend', (name) => {
    expect(fromAws(awsError(name), 'read')).toMatchObject({ name: 'NotAllowed', canRetry: false });
  });

  it.each<[string, Details]>([
    ['InternalServerError', { $fault: 'server', status: 500 }],
    ['ServiceUnavailable', { $fault: 'server', status: 503 }],
    ['ThrottlingException', { $fault: 'client', status: 400 }],
    ['ValidationException', { $fault: 'server', status: 500 }],
    ['TimeoutError', {}],
    ['Error', { code: 'ECONNRESET' }],
    ['SomethingNew', { $fault: 'client', status: 400 }],
  ])('%s is worth another try', (name, details) => {
    expect(fromAws(awsError(name, details), 'read')).toMatchObject({ name: 'TemporaryFailure', canRetry: true });
  });

  it('that is one of ours already stays what it is', () => {
    const error = new SluiceError('DataLoss', 'gone');
    expect(fromAws(error, 'read')).toBe(error);
  });
});

describe('what is passed on', () => {
  it.each<[string, Details, string]>([
    ['AccessDeniedException', { $fault: 'client' }, 'read: AccessDeniedException: the words of the service'],
    ['TimeoutError', {}, 'read: TimeoutError: the words of the service'],
    ['Error', { code: 'ECONNRESET' }, 'read: Error: the words of the service'],
  ])('are the words of %s', (name, details, message) => {
    expect(fromAws(awsError(name, details), 'read').message).toBe(message);
  });

  it('is a code where there are no words', () => {
    const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(fromAws(refused, 'read').message).toBe('read: AggregateError: ECONNREFUSED');
  });

  it('is only the name of an error that may quote an answer', () => {
    const quoting = Object.assign(new SyntaxError(`Unexpected token in "{"Data":"hunter2"}"`), {
      $metadata: { httpStatusCode: 200 },
    });
    expect(fromAws(quoting, 'read').message).toBe('read: SyntaxError');
  });

  it('has no cause: an error of the SDK holds the request, and the request credentials', () => {
    for (const name of ['AccessDeniedException', 'ValidationException', 'InternalFailure'])
      expect(fromAws(awsError(name), 'read').cause).toBeUndefined();
    expect(
      fromAws(awsError('ResourceNotFoundException'), 'read', { ResourceNotFoundException: 'StreamNotFound' }).cause,
    ).toBeUndefined();
  });
});
