/** What a row can have under which name, so that one that nothing can have is refused instead of compared. */
import { operatorOf } from '../core/keyed-operators.ts';
import type { StateRow } from '../core/state/state-row.ts';
import { makesValues } from '../pipeline/outputs.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import { identityField } from './transcript-steps.ts';

/** Of the rows of a pipeline. */
export type KnownColumns = {
  /** Undefined: a `map` says them, or the event. */
  readonly names: readonly string[] | undefined;
  /** Of an open window. */
  readonly ofWindows: readonly string[];
  /** They are results, not events. */
  readonly hasVersions: boolean;
};

export function columnsOf({ aggregation }: Pick<Pipeline, 'aggregation'>): KnownColumns {
  if (aggregation === undefined) return { names: undefined, ofWindows: [], hasVersions: false };
  const { keys, window, aggregates, rowOperations, top } = aggregation;
  const ofWindows = [...keys.map(({ name }) => name), ...window.kind.columnNames];
  const isMapped = makesValues(rowOperations) || operatorOf(aggregation).givesValues === true;
  const ranks = top?.rankAs === undefined ? [] : [top.rankAs];
  const names = isMapped ? undefined : [...ofWindows, ...aggregates.map(({ name }) => name), ...ranks];
  return { names, ofWindows, hasVersions: true };
}

const versionFields: Readonly<Record<keyof ResultVersion, true>> = {
  ...{ window: true, key: true, row: true, revision: true, timing: true, final: true, retracted: true },
};

const stateColumns: Readonly<Record<keyof StateRow, true>> = {
  ...{ kind: true, group: true, key: true, start: true, end: true, values: true, saved: true, given: true },
};

export const columnsOfState: readonly string[] = Object.keys(stateColumns);

/** What is wrong with a row that is expected; undefined: nothing. */
export function objectionToRow(row: unknown, { names, hasVersions }: KnownColumns): string | undefined {
  if (typeof row !== 'object' || row === null || !hasVersions) return undefined;
  const { [identityField]: version, ...columns } = row as { readonly [identityField]?: object };
  const objection = names === undefined ? undefined : objectionToNames(columns, names, 'column');
  if (objection !== undefined || version === undefined) return objection;
  return objectionToNames(version, Object.keys(versionFields), `attribute of ${identityField}`);
}

export function objectionToNames(given: object, known: readonly string[], what: string): string | undefined {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  return unknown.length === 0 ? undefined : `there is no ${what} ${unknown.join(', ')}; use ${known.join(', ')}`;
}
