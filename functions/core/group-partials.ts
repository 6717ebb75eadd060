/** What a block has of a key group. */
import type { Carried } from './carried.ts';
import type { OpenEnds } from './open-ends.ts';
import type { SavedKey, SavedWindows } from './saved-windows.ts';

/** What one task has of a key group, and when its windows close. */
export type GroupPartials = SavedPartials & { readonly open: OpenEnds };
/** The same, but for keys that are saved as they are asked for: all of them at once may be more than what they are saved from. */
export type CountedPartials = Omit<GroupPartials, 'windows'> & { readonly windows: Iterable<SavedKey> };

export const inMemory = (counted: ReadonlyMap<number, CountedPartials>): Map<number, GroupPartials> =>
  new Map(Array.from(counted, ([keyGroup, group]) => [keyGroup, { ...group, windows: [...group.windows] }]));
/** As a block has it. `carried`: what goes with it into the outbox; absent: nothing. */
export type SavedPartials = { readonly windows: SavedWindows; readonly carried?: readonly Carried[] };

/**
 * Where the partial aggregates of a key group lie: `v` is their format version. And when their windows close. A group has one in each part
 * of the block that has something of it.
 */
export type BlockGroup = NamedPartials & OpenEnds;

export type NamedPartials = {
  readonly keyGroup: number;
  /** Of the block; absent: the first. */
  readonly part?: number;
  readonly v: number;
  readonly chunks: number;
  readonly digest: string;
  /** As they lie there. */
  readonly bytes: number;
};
