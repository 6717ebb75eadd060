/** Errors as the DynamoDB client throws them. */
import { ServiceError } from '../service-error.ts';

class DynamodbError extends ServiceError {
  /** By it, with the name, `instanceof` takes an error for one of the SDK's classes. */
  readonly $fault = 'client';
}

export const refuse = (message: string): ServiceError => new DynamodbError('ValidationException', message);
export const conditionFailed = (): ServiceError =>
  new DynamodbError('ConditionalCheckFailedException', 'The conditional request failed');
export const notFound = (): ServiceError =>
  new DynamodbError('ResourceNotFoundException', 'Requested resource not found');
export const inUse = (table: string): ServiceError =>
  new DynamodbError('ResourceInUseException', `Table already exists: ${table}`);
export const throttled = (): ServiceError =>
  new DynamodbError('ProvisionedThroughputExceededException', 'The level of configured throughput was exceeded');
export const malformed = (message: string): ServiceError => new DynamodbError('SerializationException', message);

/** What the real service would answer and this one has not learnt: no outcome of a call, but the end of the test. */
export const notSimulated = (what: string): Error => new Error(`the simulated DynamoDB does not know ${what}`);
