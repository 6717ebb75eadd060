/**
 * From a dead letter to the record of the output for dead letters.
 *
 * LETTER-1 Each letter goes there and into the table. The table alone has all of its payload, whatever the sink takes.
 * LETTER-2 Without aggregation it is sent where it is made, unless its sink is sent to after the seal, as records of events are: its event
 *    counts once both have it. Else it goes by the outbox, as rows do: that of an event travels in the block (CARRY-1), that of a row is stored in the row's step.
 */
import type { Output } from '../pipeline/pipeline.ts';
import type { DeadLetterRecord } from '../pipeline/side-outputs.ts';
import type { Identity } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import { sideRecord, type ToCarry } from './carried.ts';
import type { DeadLetter } from './dead-letter.ts';
import { keyGroupOf } from './key-group.ts';

type Encoded = { readonly record: OutputRecord; readonly bytes: number };

/** Under the identity of what it is a letter of. */
export function letterRecord(output: Output, letter: DeadLetter, identity: Identity): Encoded {
  const { payload, arrivalTime, resultIdentity, ...told } = letter;
  const value = (form: DeadLetterRecord['payload']): DeadLetterRecord => ({
    ...{ reason: told.reason, message: told.message, payload: form, payloadBytes: payload.length },
    ...{ partitionKey: told.partitionKey, source: told.source, shardId: told.shardId },
    ...{ sequenceNumber: told.sequenceNumber, subSequenceNumber: told.subSequenceNumber },
    arrivalTime: arrivalTime === null ? null : new Date(arrivalTime).toISOString(),
  });
  const defaultKey = resultIdentity?.key ?? (letter.partitionKey || letter.sequenceNumber);
  return sideRecord(output, value, { payload, identity, defaultKey });
}

/** Of an event, into the outbox of some key group: it may have no key. */
export function carriedLetter(
  output: Output,
  letter: DeadLetter,
  { identity, parallelism }: { readonly identity: Identity; readonly parallelism: number },
): ToCarry {
  const { shardId, sequenceNumber, subSequenceNumber } = letter;
  const { record, bytes } = letterRecord(output, letter, identity);
  return {
    keyGroup: keyGroupOf(`${shardId}/${sequenceNumber}`, parallelism),
    carried: { output: output.id, record, place: [shardId, sequenceNumber, subSequenceNumber, 0] },
    bytes,
  };
}
