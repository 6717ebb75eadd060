/**
 * Reference data that callbacks are given: when it is loaded again, how long what is kept may stay, and what a report says of it.
 *
 * REFERENCE-1 A task, or a try of a reduce, takes what there is before its first callback and keeps it to its end: a row, and all that
 *    comes of one event, is of one version of each.
 * REFERENCE-2 What is as old as `every` is loaded again. A load that fails, or gives no answer in time, leaves what is kept, for as long as
 *    that is younger than `staleAfter`.
 * REFERENCE-3 Without any, or with none but what is too old, nothing is evaluated: the task or try ends as `ReferenceUnavailable`, and its
 *    events are read, and its rows made, by another.
 */
import type { ReferenceSpec } from '../pipeline/references.ts';
import { isThenable } from '../user-code/callback-failure.ts';
import { thrownText } from '../user-code/thrown-text.ts';
import { SluiceError } from './errors.ts';

/** By name. */
export type References = Readonly<Record<string, unknown>>;

export type LoadedReference = {
  readonly value: unknown;
  readonly version: string;
  /** When its load began, in epoch milliseconds: what it holds is no older. */
  readonly loadedAt: number;
};

/** What was taken in hand: the values, and what is told of them. */
export type TakenReferences = { readonly values: References; readonly uses: ReferenceUses };

/** What a task, a key group or a batch has used, by name. */
export type ReferenceUses = Readonly<Record<string, ReferenceUse>>;

export type ReferenceUse = {
  /** In order, the first so many. */
  readonly versions: readonly string[];
  /** How many more there were at least. Absent: none. */
  readonly more?: number;
  /** Of the oldest: when its load began. */
  readonly loadedAt: number;
  /** Loads that failed, or gave no answer, before it was taken. Absent: none. */
  readonly failed?: number;
};

const mostVersionLength = 64;
const mostReasonLength = 200;
const mostVersions = 10;

export const isDue = ({ everyMs }: ReferenceSpec, { loadedAt }: LoadedReference, now: number): boolean =>
  now - loadedAt >= everyMs;

export const isUsable = ({ staleAfterMs }: ReferenceSpec, { loadedAt }: LoadedReference, now: number): boolean =>
  now - loadedAt < staleAfterMs;

export function unavailable({ name }: ReferenceSpec, kept: LoadedReference | undefined, why: string): SluiceError {
  const since = kept && new Date(kept.loadedAt).toISOString();
  const rest =
    since === undefined ? 'none was loaded before' : `the last one is of ${since}, older than its staleAfter`;
  return new SluiceError('ReferenceUnavailable', `withReference ${name}: ${why}; ${rest}`);
}

export const isUnavailable = (error: unknown): error is SluiceError =>
  error instanceof SluiceError && error.name === 'ReferenceUnavailable';

/** What is wrong with what `version` returned. Undefined: nothing. */
export function objectionToVersion(version: unknown): string | undefined {
  if (typeof version === 'string' && version.length >= 1 && version.length <= mostVersionLength) return undefined;
  const given =
    typeof version === 'string' ? `a text of ${version.length}` : isThenable(version) ? 'a promise' : typeof version;
  return `version returned ${given}; return a text of 1 to ${mostVersionLength} characters`;
}

export const whyFailed = (thrown: unknown): string => `load failed: ${thrownText(thrown).slice(0, mostReasonLength)}`;

export function useOf({ version, loadedAt }: LoadedReference, failed: number): ReferenceUse {
  return { versions: [version], loadedAt, ...(failed === 0 ? {} : { failed }) };
}

export const addUses = (one: ReferenceUses, other: ReferenceUses): ReferenceUses => {
  const sum: Record<string, ReferenceUse> = { ...one };
  for (const [name, use] of Object.entries(other)) sum[name] = Object.hasOwn(sum, name) ? addUse(sum[name]!, use) : use;
  return sum;
};

function addUse(one: ReferenceUse, other: ReferenceUse): ReferenceUse {
  const all = [...new Set([...one.versions, ...other.versions])].sort();
  const more = (one.more ?? 0) + (other.more ?? 0) + Math.max(0, all.length - mostVersions);
  const failed = (one.failed ?? 0) + (other.failed ?? 0);
  return {
    versions: all.slice(0, mostVersions),
    ...(more === 0 ? {} : { more }),
    loadedAt: Math.min(one.loadedAt, other.loadedAt),
    ...(failed === 0 ? {} : { failed }),
  };
}

/** As a part of what is saved or told: nothing where there are none. */
export const usesPart = (uses: ReferenceUses | undefined): { readonly references?: ReferenceUses } =>
  uses === undefined || Object.keys(uses).length === 0 ? {} : { references: uses };
