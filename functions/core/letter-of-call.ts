/** The dead letter of what ended the reducer that called a user's function with it, in the table and as a record. */
import type { Output } from '../pipeline/pipeline.ts';
import { isOfResult, type SentIdentity } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import { deathsOfCall, placeOfCall } from './call-trial.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { RowSetup } from './evaluate-row.ts';
import { letterRecord } from './letter-record.ts';
import type { Addressed } from './output.ts';

/** `place`: that of the record among those of its output. */
export function letterOfCall(setup: RowSetup, output: Output, place: number, record: OutputRecord): DeadLetter {
  const { value, identity } = output.sink.kind.resultIn!(record);
  return {
    ...placeOfCall(setup, output.id, place),
    ...withoutOutput(identity),
    ...{ partitionKey: '', arrivalTime: null, reason: 'crashed-reducer' },
    message: `output ${output.id}: the function has ended its reducer ${deathsOfCall} times with this ${whatWas(output, identity)}`,
    payload: new TextEncoder().encode(JSON.stringify(value)),
  };
}

/** The same for each output that it came to. */
export function rowOfCall(output: Output, record: OutputRecord): string {
  const { identity } = output.sink.kind.resultIn!(record);
  if (!isOfResult(identity)) return [identity.shard, identity.sequence, identity.sub].join();
  return [identity.index, identity.row, identity.revision, identity.retracted].join();
}

/** Others may give up the same row: each letter has a name of its own. */
export function recordOfCall(
  letters: Output,
  setup: RowSetup,
  { output, place, record }: { readonly output: Output; readonly place: number; readonly record: OutputRecord },
): Addressed {
  const { identity } = output.sink.kind.resultIn!(record);
  const named = { ...identity, output: `${letters.id}/${output.id}` };
  return {
    output: letters.id,
    record: letterRecord(letters, letterOfCall(setup, output, place, record), named).record,
  };
}

function withoutOutput(identity: SentIdentity): Pick<DeadLetter, 'resultIdentity'> {
  if (!isOfResult(identity)) return {};
  const { output: _, ...resultIdentity } = identity;
  return { resultIdentity };
}

function whatWas({ from }: Output, identity: SentIdentity): string {
  if (from === 'letters') return 'letter alone';
  if (isOfResult(identity)) return 'row alone';
  const { shard, sequence, sub, index } = identity;
  return `event alone: ${shard} ${sequence} ${sub}, element ${index}`;
}
