/**
 * Key groups of a pipeline that has had another number of them.
 *
 * FORMER-1 What lies under the number of a group is of the layout of its batch. A number that is a group in one layout may be the gathering step,
 *    or nothing, in another, so what was there before the batch `until` is purged as a whole, once that batch is no longer retained.
 */

/** Before the batch `until` there were `least` to `most` key groups: what they have left is purged with the batches of then. */
export type FormerGroups = { readonly least: number; readonly most: number; readonly until: number };

type Purged = { readonly purgedBelow: number; readonly formerGroups?: FormerGroups | undefined };
type Layout = Purged & { readonly parallelism: number };

/** Undefined: nothing is left of them. */
export const formerGroupsOf = ({ formerGroups, purgedBelow }: Purged): FormerGroups | undefined =>
  formerGroups !== undefined && purgedBelow <= formerGroups.until ? formerGroups : undefined;

/** Once the restored batch has been sealed. */
export function formerGroupsAfter(
  head: Layout,
  { batchId, parallelism }: { readonly batchId: number; readonly parallelism: number },
): FormerGroups | undefined {
  const known = formerGroupsOf(head);
  if (parallelism === head.parallelism) return known;
  const { least = head.parallelism, most = head.parallelism } = known ?? {};
  return {
    least: Math.min(least, head.parallelism, parallelism),
    // Of new groups, too: a command that died may have put something for so many.
    most: Math.max(most, head.parallelism, parallelism - 1),
    until: batchId,
  };
}
