/**
 * From a value to the records of the outputs that take it.
 *
 * OUTPUT-1 Equal identity means equal bytes and sink key: nothing here depends on a clock, on chance or on who resumes.
 * OUTPUT-2 A value goes to all the outputs that take it, or to none: what one refuses is a dead letter, and the outputs hold the
 *    same results and events.
 */
import { mainOutput } from '../pipeline/outputs.ts';
import type { KeyValue, Output } from '../pipeline/pipeline.ts';
import type { Identity } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { AboutRecord } from '../sinks/sink-kind.ts';
import { SluiceError, type SluiceErrorName } from './errors.ts';
import { canonicalKey } from './key-group.ts';

/** The record of one output. `bytes`: what counts of it against the limits of its sink, if that was reckoned. */
export type Addressed = { readonly output: string; readonly record: OutputRecord; readonly bytes?: number };
export type Encoded = Required<Addressed>;

/** One for each output, in their order. */
export function encodeFor(
  outputs: readonly Output[],
  value: unknown,
  { identityFor, ...about }: Omit<AboutRecord, 'identity'> & { readonly identityFor: (output: string) => Identity },
): readonly Encoded[] {
  return outputs.map(({ id, sink: { kind, options } }) => {
    const record = kind.encode(options, value, { ...about, identity: identityFor(id) });
    return { output: id, record, bytes: kind.bytesOf(record) };
  });
}

export function defaultPartitionKey(keyValues: readonly KeyValue[]): string {
  return keyValues.length === 1 ? String(keyValues[0]) : canonicalKey(keyValues);
}

/** Names outputs and the places they go to: what one has acknowledged says nothing of another. */
export function destinationOf(outputs: readonly Output[]): string {
  return outputs.map(({ id, sink: { kind, options } }) => `${id} ${kind.destination(options)}`).join('\n');
}

/** Of the only output there usually is, a sink's own words are enough. */
export const withOutput = (output: string, text: string): string =>
  output === mainOutput ? text : `output ${output}: ${text}`;

export function errorOfOutput(output: string, error: SluiceError): SluiceError {
  if (output === mainOutput) return error;
  return new SluiceError(error.name as SluiceErrorName, withOutput(output, error.message), { cause: error });
}
