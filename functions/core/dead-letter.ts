/** An event or row that could not be processed, with the reason. */
import type { ResultIdentity } from '../sinks/identity.ts';
import type { ShardName } from './shard-name.ts';

export const deadLetterReasons = [
  'invalid-compression',
  'payload-too-large',
  'empty-record',
  'invalid-utf8',
  'invalid-json',
  'undecodable',
  'unknown-schema',
  'schema-mismatch',
  'invalid-event-time',
  'event-time-in-future',
  'invalid-key',
  'invalid-aggregate-value',
  'callback-failed',
  'corrupt-aggregated-record',
  'invalid-result',
  'too-many-elements',
  'output-too-large',
  'crashed-reducer',
  'crashed-executor',
] as const;

export type DeadLetterReason = (typeof deadLetterReasons)[number];

export type DeadLetter = ShardName & {
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;
  readonly partitionKey: string;
  readonly arrivalTime: number | null;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly payload: Uint8Array;
  /** Of one that was read: the pipeline had `deadLetterPayload: 'none'`, so the payload is empty. */
  readonly isWithheld?: true;
  /** Of a row: what it would have gone out under, to any output. */
  readonly resultIdentity?: RefusedIdentity;
};

export type RefusedIdentity = Omit<ResultIdentity, 'output'>;
