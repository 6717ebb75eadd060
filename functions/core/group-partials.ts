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

export type NamedPartials = ApartPartials | KeptPartials;

type OfGroup = {
  readonly keyGroup: number;
  /** Of the block; absent: the first. */
  readonly part?: number;
  readonly v: number;
  /** As they lie there, or would lie apart. */
  readonly bytes: number;
};
/** A value of their own. */
export type ApartPartials = OfGroup & { readonly chunks: number; readonly digest: string };
/** They lie in the block, and from the seal on with what the other blocks of the batch keep. */
export type KeptPartials = OfGroup & { readonly chunks?: never };

/** What the blocks of a batch keep, where it is little: JSON of each key group's, in the order of the blocks, in the body itself. */
export type KeptInBody = readonly (readonly [keyGroup: number, kept: readonly unknown[]])[];
/** What they keep, where it is more: one value, put before the body that names it. */
export type GatheredPartials = {
  /** Of the try of the seal. */
  readonly nonce: string;
  readonly chunks: number;
  readonly digest: string;
  /** Where in it those of a key group lie, and what they come to. */
  readonly groups: readonly GatheredGroup[];
};
/** Both absent: they keep nothing. */
export type KeptOfBlocks = { readonly kept?: KeptInBody; readonly gathered?: GatheredPartials };
export type GatheredGroup = {
  readonly keyGroup: number;
  readonly from: number;
  readonly bytes: number;
  readonly digest: string;
};
