/**
 * From a value to the records of the outputs that take it.
 *
 * OUTPUT-1 Equal identity means equal bytes and sink key: nothing here depends on a clock, on chance or on who resumes.
 * OUTPUT-2 A value goes to each output that takes it, whatever becomes of it elsewhere. What an output's filter leaves out is counted
 *    of that output; what one refuses is a dead letter that names it, one for all that refuse it.
 * OUTPUT-3 Outputs are asked in their order, and each record is made before the next output's callbacks are run.
 */

import type { EventMeta, RowMeta } from '../pipeline/callback.ts';
import { mainOutput } from '../pipeline/outputs.ts';
import type { KeyValue, Output } from '../pipeline/pipeline.ts';
import type { Identity } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { AboutRecord } from '../sinks/sink-kind.ts';
import { failureOf, refusePromise } from '../user-code/callback-failure.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { SluiceError, type SluiceErrorName } from './errors.ts';
import { canonicalKey } from './key-group.ts';

/** The record of one output. `bytes`: what counts of it against the limits of its sink, if that was reckoned. */
export type Addressed = { readonly output: string; readonly record: OutputRecord; readonly bytes?: number };
export type Encoded = Required<Addressed>;

/** Why an output does not get a value. `count`: of several that come of one event or result, so many; absent: the one. */
export type Missed =
  | { readonly kind: 'filtered'; readonly output: string; readonly count?: number }
  | ({ readonly kind: 'refused'; readonly output: string } & Refusal);

/** What a letter says of it. */
export type Refusal = { readonly reason: DeadLetterReason; readonly message: string };

/** Each output is in one of the two, both in the outputs' order; of several values (`several-records.ts`) perhaps in both. */
export type ForOutputs<Record = Addressed> = {
  readonly records: readonly Record[];
  readonly missed: readonly Missed[];
};

/** What nearly always is missed. */
export const nothingMissed: readonly Missed[] = Object.freeze([]);

export type Given = {
  readonly value: unknown;
  /** What callbacks are given beside it. */
  readonly meta?: EventMeta | RowMeta;
  /** The bytes that it came in: what is written where no map has made something else of them. */
  readonly bytes?: Uint8Array | undefined;
  /** Of an event, where the pipeline says it. */
  readonly eventTime?: number | undefined;
};

/** `at`: the place of a record among those that come of one event or result for the output. */
export type AboutValue = Omit<AboutRecord, 'identity' | 'madeOf' | 'eventTime'> & {
  readonly identityFor: (output: string, at: number) => Identity;
};

export function encodeFor(outputs: readonly Output[], given: Given, about: AboutValue): ForOutputs<Encoded> {
  const records: Encoded[] = [];
  let missed: Missed[] | undefined;
  for (const output of outputs) {
    const made = encodeOne(output, given, about);
    if (!('kind' in made)) records.push(made);
    else if (missed === undefined) missed = [made];
    else missed.push(made);
  }
  return { records, missed: missed ?? nothingMissed };
}

function encodeOne(output: Output, given: Given, about: AboutValue): Encoded | Missed {
  try {
    if (!isTaken(output, given)) return { kind: 'filtered', output: output.id };
    return encodeMapped(output, given, about, 0);
  } catch (error) {
    return { kind: 'refused', output: output.id, ...failureOf(error) };
  }
}

/** Whatever the output's filter throws is thrown. */
export function isTaken({ id, filter }: Output, { value, meta }: Given): boolean {
  if (filter === undefined) return true;
  const takes: unknown = filter(value as never, meta);
  if (typeof takes !== 'boolean') refusePromise(takes, `filter of ${id}`);
  return Boolean(takes);
}

/** As the output's map makes it. What that throws is thrown, and what the sink's callbacks throw. */
export function encodeMapped(output: Output, given: Given, about: AboutValue, at: number): Encoded {
  const { id, map } = output;
  const { value, meta, bytes, eventTime } = given;
  const made = map === undefined ? value : map(value as never, meta);
  if (map !== undefined) refusePromise(made, `map of ${id}`);
  return bytes !== undefined && map === undefined
    ? encodeRecord(output, { value: bytes, madeOf: { value }, eventTime }, about, at)
    : encodeRecord(output, { value: made, eventTime }, about, at);
}

export function encodeRecord(
  { id, sink: { kind, options } }: Output,
  { value, madeOf, eventTime }: Pick<Given, 'value' | 'eventTime'> & Pick<AboutRecord, 'madeOf'>,
  { identityFor, defaultKey, explicitHashKey, keyValues, isRetraction }: AboutValue,
  at: number,
): Encoded {
  const identity = identityFor(id, at);
  const whole = { identity, defaultKey, explicitHashKey, eventTime, keyValues, isRetraction, madeOf };
  const record = kind.encode(options, value, whole);
  return { output: id, record, bytes: kind.bytesOf(record) };
}

/** What the letter of a value says that outputs refuse; undefined: none does. Of the only output its own words are enough. */
export function refusalIn(missed: readonly Missed[], outputs: number): Refusal | undefined {
  if (missed.length === 0) return undefined;
  const refused = missed.filter((one) => one.kind === 'refused');
  const [first] = refused;
  if (first === undefined || outputs === 1) return first;
  return {
    reason: first.reason,
    message: refused.map(({ output, message }) => `output ${output}: ${message}`).join('; '),
  };
}

export function defaultPartitionKey(keyValues: readonly KeyValue[]): string {
  return keyValues.length === 1 ? String(keyValues[0]) : canonicalKey(keyValues);
}

/** Names an output and the place it goes to: what one has acknowledged says nothing of another. */
export const destinationOf = ({ id, sink: { kind, options } }: Output): string => `${id} ${kind.destination(options)}`;

/** Of the only output there usually is, a sink's own words are enough. */
export const withOutput = (output: string, text: string): string =>
  output === mainOutput ? text : `output ${output}: ${text}`;

export function errorOfOutput(output: string, error: SluiceError): SluiceError {
  if (output === mainOutput) return error;
  return new SluiceError(error.name as SluiceErrorName, withOutput(output, error.message), { cause: error });
}
