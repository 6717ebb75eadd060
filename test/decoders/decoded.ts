/** What one decoder makes of a payload, as events of a pipeline have it: through the check of its options. */
import {
  type Decode,
  decoderKindOf,
  isUndecoded,
  type UndecodedReason,
} from '../../functions/decoders/decoder-kind.ts';
import type { RawOptions } from '../../functions/pipeline/options.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';
import { inflate, utf8 } from '../support/builders.ts';

export function decoderOf(decoder: object): Decode {
  const problems: Problem[] = [];
  const kind = decoderKindOf(decoder as RawOptions)!;
  const options = kind.read(decoder as RawOptions, problems);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return kind.open(options, inflate);
}

/** The event, or its reason and what is said of it. */
export function decoded(decoder: object, data: Uint8Array | string): unknown {
  const value = decoderOf(decoder)(typeof data === 'string' ? utf8(data) : data);
  return isUndecoded(value) ? ([value.reason, value.message] satisfies [UndecodedReason, string]) : value;
}

/** What is wrong with what a constructor was given. */
export function problemsOf(decoder: object): string[] {
  const problems: Problem[] = [];
  decoderKindOf(decoder as RawOptions)!.read(decoder as RawOptions, problems);
  return problems.map(({ message }) => message);
}

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
