/** `sluice shards`: all shards that a pipeline knows, through splits and merges, and where each stands. */
import { createSealStore } from '../../functions/adapters/dynamodb/seal-store.ts';
import { shardRows, shardTreeTable } from '../../local/report/shard-tree.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { bucketOf } from '../local-state.ts';
import { requirePipelineName } from '../option-values.ts';
import { lastReports, openKnown } from '../pipeline-facts.ts';
import { print } from '../print.ts';
import { openTable, requireHead } from '../table-access.ts';
import { atTable, verbose, withBucket } from '../table-options.ts';

/** A shard that has nothing new is in the report of a batch that others have made. */
const batchesAsked = 5;

export const addShards: AddCommand = (program) => {
  const description = 'list all shards that a pipeline knows, with their parents, and where each stands';
  withBucket(atTable(program.command('shards').description(description)))
    .option(...verbose)
    .addHelpText(
      'after',
      `
Children stand under their parents. What each state means: docs/reference/reports.md#shards

Examples:
  npx sluice shards --pipeline departures --table <TableName>
  npx sluice shards --pipeline departures --table <TableName> --json | jq '.shards[] | select(.state != "ended") | .shardId'`,
    )
    .action(async (options: Flags) => shards(options));
};

async function shards(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const { head: store, storage } = openKnown(openTable(options), bucketOf(options), pipeline);
  const { committed } = await requireHead(store, pipeline);
  const body = committed && (await createSealStore(storage).loadBody(committed.batchId, committed.ref));
  const rows = shardRows(body?.shards ?? [], await lastReports(storage, { committed }, batchesAsked));
  if (options.json === true) {
    print(JSON.stringify({ pipeline, committedBatch: committed?.batchId ?? null, shards: rows }));
    return;
  }
  const open = rows.filter(({ state }) => state !== 'ended').length;
  print(`${pipeline}: ${open} open and ${rows.length - open} ended, after batch ${committed?.batchId ?? 'none'}`);
  if (rows.length > 0) print(shardTreeTable(rows));
}
