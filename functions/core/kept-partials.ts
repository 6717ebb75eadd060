/**
 * Which partial aggregates of key groups lie in their block, and not each as a value of its own: an item for each task and key group is
 * written and deleted, and most of them are small. The seal reads all blocks: it puts what they keep into one value, key group by key group, of
 * which a reducer reads what is its own.
 *
 * KEPT-1 What is larger than `mostOfGroup` lies apart, and so does what is more than `mostOfBlock` together, the largest first: the seal has all
 *    that is kept in memory at once, and in the table each byte of it is written once more.
 * KEPT-2 What a block keeps stands in the order of the groups that say so. So does what is gathered of a key group, block by block as the
 *    body names them: nothing else says what is whose.
 * KEPT-3 What blocks keep together is in the body where it is little, and else beside it. What is in the body needs no name and no purge.
 */
import type { KeptPartials, NamedPartials } from './group-partials.ts';
import { getOrSet } from './sorted-keys.ts';

/** In bytes, as they would lie apart. */
export type KeptLimits = { readonly mostOfGroup: number; readonly mostOfBlock: number };

/** Those that are kept, by their places. */
export function keptOf(sizes: readonly number[], { mostOfGroup, mostOfBlock }: KeptLimits): ReadonlySet<number> {
  const kept = new Set<number>();
  let left = mostOfBlock;
  const smallFirst = [...sizes.keys()].sort((one, other) => sizes[one]! - sizes[other]!);
  for (const at of smallFirst) {
    left -= sizes[at]!;
    if (sizes[at]! > mostOfGroup || left < 0) break;
    kept.add(at);
  }
  return kept;
}

export const isKept = (partials: NamedPartials): partials is KeptPartials => !('chunks' in partials);

type BlockNamed = { readonly task: number; readonly groups: readonly NamedPartials[] };

/** What blocks keep, by key group, ascending. `keptIn`: of a block, in the order of the groups that say so. */
export function gathered<Kept>(
  blocks: readonly BlockNamed[],
  keptIn: (block: BlockNamed) => readonly Kept[],
): readonly (readonly [number, readonly Kept[]])[] {
  const byGroup = new Map<number, Kept[]>();
  for (const block of blocks) {
    const groups = block.groups.filter(isKept);
    if (groups.length === 0) continue;
    const kept = keptIn(block);
    for (const [at, { keyGroup }] of groups.entries()) getOrSet(byGroup, keyGroup, none<Kept>).push(kept[at]!);
  }
  return [...byGroup].sort(([one], [other]) => one - other);
}

const none = <Kept>(): Kept[] => [];
