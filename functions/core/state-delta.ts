/**
 * What a batch changes of the open windows of a key group, so that what stays need not be written again.
 *
 * DELTA-1 The windows before, with the delta, are those after: what it does not name is taken over as it is.
 * DELTA-2 Keys and windows are in the order in which they are saved. Removals were there before, and are no upserts.
 */
import type { KeyValue } from '../pipeline/pipeline.ts';
import { canonicalKey } from './key-group.ts';
import { patchedWindows } from './patched-windows.ts';
import type { Bounds, GivenRun, SavedKey, SavedWindow, SavedWindows } from './saved-windows.ts';

export type KeyDelta = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  /** Windows that are new, or no more what they were: each as a whole. */
  readonly upserts: readonly SavedWindow[];
  /** Windows that are no more. */
  readonly removals: readonly Bounds[];
  /** Of windows that overlap: all that was given out of them, as it is now. */
  readonly given?: readonly GivenRun[];
};
export type StateDelta = readonly KeyDelta[];

export function applyDelta(before: Iterable<SavedKey>, delta: StateDelta): SavedWindows {
  const after: SavedKey[] = [];
  const add = ([keyValues, windows, given = []]: SavedKey): void => {
    if (windows.length > 0) after.push(given.length === 0 ? [keyValues, windows] : [keyValues, windows, given]);
  };
  let next = 0;
  for (const key of before) {
    // Texts are only made where there is something to compare with.
    const canonical = next < delta.length ? canonicalKey(key[0]) : '';
    for (; next < delta.length && delta[next]!.canonical < canonical; next++) add(newKey(delta[next]!));
    if (delta[next]?.canonical === canonical) {
      const change = delta[next]!;
      add([key[0], patchedWindows(key[1], change.upserts, change.removals), change.given]);
      next += 1;
    } else after.push(key);
  }
  for (const change of delta.slice(next)) add(newKey(change));
  return after;
}

const newKey = ({ keyValues, upserts, given }: KeyDelta): SavedKey => [keyValues, upserts, given];
