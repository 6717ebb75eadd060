/**
 * Deletes what no batch from the horizon on can reach, and expired items that TTL has not taken yet.
 *
 * P1 Nothing with a batch id at or above the horizon is deleted. The horizon never falls, so a purge may be late,
 *    repeated or run twice at once.
 */
import type { Clock, Purge } from '../../ports.ts';
import { blockPartition, padBatch, partialsPartition, statePartition } from './keys.ts';
import type { Key, Table } from './table.ts';

/** Tasks of a batch: the most that the state machine's Map runs at once. */
const maxTasks = 40;
type Where = { readonly condition: string; readonly values: Readonly<Record<string, string>> };
const everything: Where = { condition: 'sk >= :from', values: { ':from': '0' } };

export function createPurge(table: Table, pipeline: string, clock: Clock): Purge {
  return async ({ horizon, from, parallelism, maxItems }) => {
    const keys: Key[] = [];
    const isFull = (): boolean => keys.length >= maxItems;
    const collect = async (pk: string, where: Where): Promise<void> => {
      if (isFull()) return;
      const limit = maxItems - keys.length;
      for await (const item of table.query(pk, where, { limit, keysOnly: true })) keys.push({ pk, sk: item.sk!.S! });
    };
    const groups = Array.from({ length: parallelism }, (_, group) => group);
    const below = { condition: 'sk < :to', values: { ':to': padBatch(horizon) } };

    let purgedBelow = from;
    while (purgedBelow < horizon && !isFull()) {
      for (const group of groups) await collect(partialsPartition(pipeline, purgedBelow, group), everything);
      await collect(pipeline, bodiesOf(purgedBelow));
      if (!isFull()) purgedBelow += 1;
    }
    for (const group of groups) await collect(statePartition(pipeline, group), below);
    for (let task = 0; task < maxTasks; task++) {
      const before = keys.length;
      await collect(blockPartition(pipeline, task), below);
      // Tasks are numbered from 0 without gaps: the first empty one ends the search.
      if (keys.length === before) break;
    }
    keys.push(...(await expired(table, pipeline, clock)));
    await table.deleteAll(keys);
    return { deleted: keys.length, purgedBelow };
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
      if (Number(item.expires?.N) * 1000 < clock.now()) keys.push({ pk: pipeline, sk: item.sk!.S! });
    }
  }
  return keys;
}
