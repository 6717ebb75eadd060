/** Errors as the Kinesis client throws them. */
import { ServiceError } from '../service-error.ts';

export const refuse = (message: string): ServiceError => new ServiceError('InvalidArgumentException', message);
export const notFound = (what: string): ServiceError => new ServiceError('ResourceNotFoundException', what);
export const inUse = (what: string): ServiceError => new ServiceError('ResourceInUseException', what);
export const limitExceeded = (what: string): ServiceError => new ServiceError('LimitExceededException', what);
export const overThroughput = (what: string): ServiceError =>
  new ServiceError('ProvisionedThroughputExceededException', `Rate exceeded for ${what}`);
export const expiredIterator = (): ServiceError =>
  new ServiceError('ExpiredIteratorException', 'Iterator expired: it is older than 300000 milliseconds');
export const expiredToken = (): ServiceError =>
  new ServiceError('ExpiredNextTokenException', 'The token expired: it is older than 300 seconds');

export const internalFailure = (shardId: string): ServiceError =>
  new ServiceError('InternalFailure', `Internal Service Failure on ${shardId}`, 500);

/** What the real service would answer and this one has not learnt: no outcome of a call, but the end of the test. */
export const notSimulated = (what: string): Error => new Error(`the simulated Kinesis does not know ${what}`);
