/** What a purge of a pipeline removes, on the screen. */
import type { Removed } from '../../functions/adapters/dynamodb/remove-pipeline.ts';
import type { ToPurge } from '../../functions/operations/purge-pipeline.ts';
import { number } from './progress-text.ts';

export function toPurgeText({ pipeline, committedBatch, savepoints, items, objects }: ToPurge): string {
  const last = committedBatch === null ? 'it has no batch' : `its last batch is ${committedBatch}`;
  const all = Object.values(items).reduce((sum, count) => sum + count, 0);
  return [
    `Of pipeline ${pipeline} (${last}) this will be removed for good:`,
    ...savepoints.map(({ name, batchId }) => `  savepoint ${name}, of batch ${batchId}`),
    ...Object.entries(items).map(([kind, count]) => `  ${number(count)} items: ${kind}`),
    ...(objects === 0 ? [] : [`  ${number(objects)} objects`]),
    `${number(all)} items and ${number(objects)} objects in all, and what its savepoints have. What its outputs were sent stays where it is.`,
  ].join('\n');
}

export const purgedText = (pipeline: string, { items, objects }: Removed): string =>
  `${pipeline} was removed: ${number(items)} items, ${number(objects)} objects.`;
