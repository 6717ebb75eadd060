/**
 * Keys of events beside keys of groups, where events count only if they pass (`dropDuplicates` before `groupBy`).
 *
 *   ["DE",0,"order-17"]      an event of the group ["DE"]
 *   ["DE"]                   the group
 *
 * ONCE-1 Keys of groups are part of the keys of events, so all events of a key meet in the key group of their group.
 * ONCE-2 In the order of canonical texts the events of a group come before it, and have a part more at least: the mark.
 */
import type { Aggregation, GroupKey, KeyValue } from '../pipeline/pipeline.ts';
import type { WindowSpec } from '../windows/window-kind.ts';

/** What executors count by. */
export const countedBy = ({
  keys,
  window,
  distinct,
}: Aggregation): { readonly keys: readonly GroupKey[]; readonly window: WindowSpec } => distinct ?? { keys, window };

/** Of a key that executors count by, that of its group. */
export const groupIn = ({ keys, distinct }: Aggregation, keyValues: readonly KeyValue[]): readonly KeyValue[] =>
  distinct === undefined ? keyValues : keyValues.slice(0, keys.length);

export const isOfEvents = ({ keys, distinct }: Aggregation, keyValues: readonly KeyValue[]): boolean =>
  distinct !== undefined && keyValues.length > keys.length;

/** Of each event that may pass the block has what is to become of it then. */
export const holdsEvents = ({ operator, distinct }: Aggregation): boolean =>
  operator === 'dropDuplicates' || distinct !== undefined;

/** Roughly, and rather more: of its place, of its key, and of what it counts with. */
export const sizeInBlock = ({
  keyValues,
  values,
}: {
  readonly keyValues: readonly KeyValue[];
  readonly values: readonly unknown[];
}): number => [...keyValues, ...values].reduce((sum: number, value) => sum + sizeOf(value), bytesOfPlace);

const bytesOfPlace = 150;

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null && 'value' in value ? sizeOf(value.value) : 20;
}
