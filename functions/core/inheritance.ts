/**
 * What a shard takes over from its parents, and they from theirs.
 *
 * Lineages part and meet again. Walked as a tree, each split that is merged again would double the work; here each shard
 * is asked once. Nothing recurses: a stream may be any number of generations deep.
 */
export type Descendant = { readonly shardId: string; readonly parents: readonly string[] };

/**
 * `make` makes a shard's value of those of its parents; a parent that is not `known` has none, nor has one that would
 * be its own ancestor.
 */
export function inherited<Shard extends Descendant, Value>(
  known: ReadonlyMap<string, Shard>,
  make: (shard: Shard, parentValue: (shardId: string) => Value | undefined) => Value,
): (shard: Shard) => Value {
  const values = new Map<string, Value>();
  const entered = new Set<string>();
  const parentValue = (shardId: string): Value | undefined => values.get(shardId);
  const resolve = (from: Shard): void => {
    const path = [from];
    for (let shard = path.at(-1); shard !== undefined; shard = path.at(-1)) {
      const open = entered.has(shard.shardId) ? [] : openParents(shard, known, values);
      entered.add(shard.shardId);
      path.push(...open);
      if (open.length > 0) continue;
      path.pop();
      if (!values.has(shard.shardId)) values.set(shard.shardId, make(shard, parentValue));
    }
  };
  return (shard) => {
    if (!values.has(shard.shardId)) resolve(shard);
    return values.get(shard.shardId)!;
  };
}

const openParents = <Shard extends Descendant>(
  { parents }: Shard,
  known: ReadonlyMap<string, Shard>,
  values: ReadonlyMap<string, unknown>,
): Shard[] => parents.flatMap((parent) => (values.has(parent) ? [] : (known.get(parent) ?? [])));
