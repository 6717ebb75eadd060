/**
 * Deletes what no batch from the horizon on can reach, and expired items that TTL has not taken yet.
 *
 * P1 Nothing with a batch id at or above the horizon is deleted. The horizon never falls, so a purge may be late,
 *    repeated or run twice at once.
 */
import { inParallel } from '../../core/in-parallel.ts';
import type { Clock, Purge } from '../../ports.ts';
import { textIn } from './item.ts';
import { blockPartition, padBatch, partialsPartition, statePartition } from './keys.ts';
import type { Key, Table } from './table.ts';

const atOnce = 10;
type Where = { readonly condition: string; readonly values: Readonly<Record<string, string>> };
const everything: Where = { condition: 'sk >= :from', values: { ':from': '0' } };

export function createPurge(table: Table, pipeline: string, clock: Clock): Purge {
  return async ({ horizon, from, parallelism, tasks: taskCount, maxItems, deadline }) => {
    const keys: Key[] = [];
    const isOver = (): boolean => keys.length >= maxItems || clock.now() >= deadline;
    const collect = async (pk: string, where: Where): Promise<void> => {
      if (isOver()) return;
      const limit = maxItems - keys.length;
      for await (const item of table.query(pk, where, { limit, keysOnly: true }))
        keys.push({ pk, sk: textIn(item, 'sk') });
    };
    const groups = Array.from({ length: parallelism }, (_, group) => group);
    const tasks = Array.from({ length: taskCount }, (_, task) => task);
    const below: Where = { condition: 'sk < :to', values: { ':to': padBatch(horizon) } };

    // States are the largest and are rewritten with every batch: they go first.
    await inParallel(groups, atOnce, (group) => collect(statePartition(pipeline, group), below));
    let purgedBelow = from;
    while (purgedBelow < horizon && !isOver()) {
      await inParallel(groups, atOnce, (group) => collect(partialsPartition(pipeline, purgedBelow, group), everything));
      await collect(pipeline, bodiesOf(purgedBelow));
      if (!isOver()) purgedBelow += 1;
    }
    // Which tasks had blocks differs from batch to batch: all partitions are looked at.
    await inParallel(tasks, atOnce, (task) => collect(blockPartition(pipeline, task), below));
    keys.push(...(await expired(table, pipeline, clock)));
    // Queries side by side may together have found more.
    const taken = keys.slice(0, maxItems);
    await table.deleteAll(taken);
    return { deleted: taken.length, purgedBelow: taken.length < keys.length ? from : purgedBelow };
  };
}

const bodiesOf = (batchId: number) => ({
  condition: 'sk BETWEEN :from AND :to',
  values: { ':from': `BATCH#${padBatch(batchId)}#`, ':to': `BATCH#${padBatch(batchId)}#~` },
});

const mostExpired = 10;

async function expired(table: Table, pipeline: string, clock: Clock): Promise<Key[]> {
  const keys: Key[] = [];
  for (const kind of ['PLAN#', 'PROGRESS#']) {
    const oldest = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': kind } };
    for await (const item of table.query(pipeline, oldest, { limit: mostExpired, keysOnly: true })) {
      if (Number(item.expires?.N) * 1000 < clock.now()) keys.push({ pk: pipeline, sk: textIn(item, 'sk') });
    }
  }
  return keys;
}
