/** An event or row that could not be processed, with the reason. */
import type { DeadLetterReason } from './evaluate-event.ts';

export type DeadLetter = {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;
  readonly partitionKey: string;
  readonly arrivalTime: number | null;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly payload: Uint8Array;
};
