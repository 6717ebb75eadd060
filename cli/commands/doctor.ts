/** `sluice doctor`: whether everything is there that a pipeline names, and what was deleted since its table was what it is. */
import { randomUUID } from 'node:crypto';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { createBucket } from '../../functions/adapters/s3/bucket.ts';
import { createDeletedObjects } from '../../functions/adapters/s3/deleted-objects.ts';
import { checkObjects, healing } from '../../functions/operations/check-objects.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { bucketClient } from '../local-state.ts';
import { requirePipelineName, textOf } from '../option-values.ts';
import { print } from '../print.ts';
import { openTable } from '../table-access.ts';
import { atTable, verbose, withBucket } from '../table-options.ts';

export const addDoctor: AddCommand = (program) => {
  const description = 'look whether everything is there that a pipeline names, as after its table was restored';
  withBucket(atTable(program.command('doctor').description(description)))
    .option('--restore', 'bring back what was deleted from the bucket since, of which a version is kept')
    .option(...verbose)
    .addHelpText(
      'after',
      examples(
        'npx sluice doctor --pipeline departures --table <TableName>',
        'npx sluice doctor --pipeline departures --table <RestoredTable> --restore',
      ),
    )
    .action(async (options: Flags) => doctor(options));
};

async function doctor(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const bucketName = textOf(options, 'stateBucket');
  if (options.restore === true && bucketName === undefined)
    throw new LocalProblem('usage', '--restore: name the bucket as well, with --state-bucket');
  const { bucket, broughtBack } = openBucket(bucketName, options);
  const table = openTable(options);
  const stores = createStores(openStorage({ table, bucket, pipeline, clock: systemClock, newId: randomUUID }));
  const head = await stores.head.load();
  if (head === undefined) throw new LocalProblem('usage', `Pipeline ${pipeline} has never run on this table.`);
  const { batches, found, missing } = await checkObjects({ ...stores, table, name: pipeline }, head);
  const { committed, oldestRetainedBatch } = head;
  print(
    options.json === true
      ? JSON.stringify({
          pipeline,
          committedBatch: committed?.batchId ?? null,
          oldestRetainedBatch,
          batches,
          found,
          broughtBack,
          missing,
        })
      : [
          `pipeline     ${pipeline}`,
          `batches      ${batches} looked at${committed === undefined ? '' : `, ${committed.batchId} is the last one committed, ${oldestRetainedBatch} the oldest retained`}`,
          `found        ${found} bodies, states, segments and other values`,
          `brought back ${broughtBack.length} objects`,
          ...missing.map((message) => `missing      ${message}`),
        ].join('\n'),
  );
  if (missing.length > 0) throw new LocalProblem('wrong-result', whatToDo(pipeline, missing.length, options));
}

function openBucket(name: string | undefined, options: Flags) {
  if (name === undefined) return { bucket: undefined, broughtBack: [] };
  const parts = { client: bucketClient(options), clock: systemClock };
  const bucket = createBucket(name, parts);
  return options.restore === true ? healing(bucket, createDeletedObjects(name, parts)) : { bucket, broughtBack: [] };
}

const whatToDo = (pipeline: string, count: number, { restore }: Flags): string =>
  restore === true
    ? `${count} values of ${pipeline} are missing for good: no version of them is kept.`
    : `${count} values of ${pipeline} are missing. With --restore those are brought back of which a version is kept.`;
