/** The identity in records of JSON objects, as an option of a sink. */
import { oneOf, text } from '../pipeline/option-rules.ts';
import type { RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import type { AboutOutput } from './sink-kind.ts';

export type RecordIdentity = {
  /** Always 'none' where bytes pass through: neither grouping nor `map`. Else for JSON objects; nothing else can carry one. */
  readonly identity: 'field' | 'none';
  readonly identityField: string;
};

export const identityRules = {
  identity: oneOf(['field', 'none'], 'field'),
  identityField: text(
    'a field name of 1 to 64 characters',
    (value) => value.length >= 1 && value.length <= 64 && value !== '__proto__',
    '_sluice',
  ),
};

/** Undefined: none is written. */
export const fieldOf = ({ identity, identityField }: RecordIdentity): string | undefined =>
  identity === 'field' ? identityField : undefined;

/** An identity needs bytes of Sluice's own making, and a field that no column has. `given`: what was asked for. */
export function withPossibleIdentity<Sink extends RecordIdentity>(
  sink: Sink,
  given: RawOptions,
  { path, passesThrough, columns }: AboutOutput,
  problems: Problem[],
): Sink {
  if (passesThrough) {
    if (given.identity === 'field')
      problems.push(
        notAllowed(`${path}.identity`, 'field', "'none', or a map(…): bytes that pass through are not changed"),
      );
    return { ...sink, identity: 'none' };
  }
  const { identity, identityField } = sink;
  // The field's usual name is reserved: a column that has it was refused as a column.
  if (identity === 'field' && identityField !== '_sluice' && columns?.includes(identityField))
    problems.push(notAllowed(`${path}.identityField`, identityField, 'a name that is not a column of the result'));
  return sink;
}
