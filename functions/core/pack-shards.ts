/** Packs shards into tasks: a shard keeps an executor busy for a few hundredths of its time. */

/**
 * Heaviest first, each onto the task with the least load so far that has room. The same input gives the same packing.
 *
 * K2 Every shard is in exactly one task, and no task holds more than ceil(shards / tasks) of them.
 */
export function packShards<Shard extends { readonly shardId: string; readonly load: { readonly bytes: number } }>(
  shards: readonly Shard[],
  limits: { readonly shardsPerTask: number; readonly maxTasks: number },
): Shard[][] {
  if (shards.length === 0) return [];
  const taskCount = Math.min(limits.maxTasks, Math.ceil(shards.length / limits.shardsPerTask));
  const capacity = Math.ceil(shards.length / taskCount);
  const tasks = Array.from({ length: taskCount }, () => ({ bytes: 0, shards: [] as Shard[] }));
  const heaviestFirst = [...shards].sort(
    (one, other) => other.load.bytes - one.load.bytes || (one.shardId < other.shardId ? -1 : 1),
  );
  for (const shard of heaviestFirst) {
    const target = tasks
      .filter((task) => task.shards.length < capacity)
      .reduce((least, task) =>
        task.bytes < least.bytes || (task.bytes === least.bytes && task.shards.length < least.shards.length)
          ? task
          : least,
      );
    target.shards.push(shard);
    target.bytes += shard.load.bytes;
  }
  return tasks.map((task) => task.shards);
}
