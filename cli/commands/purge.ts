/** `sluice purge`: all that a pipeline has stored, removed for good. */
import { purgePipeline, whatToPurge } from '../../functions/operations/purge-pipeline.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { purgedText, toPurgeText } from '../../local/report/purge-text.ts';
import type { AddCommand } from '../command.ts';
import { confirm, yes } from '../confirm.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { requirePipelineName, textOf } from '../option-values.ts';
import { print, say } from '../print.ts';
import { toOperate } from '../table-options.ts';
import { withOperations } from '../with-operations.ts';

export const addPurge: AddCommand = (program) => {
  toOperate(program, 'purge', 'remove all that a stopped pipeline has stored: state, reports, dead letters, savepoints')
    .option('--no-state-bucket', 'it has no bucket, and has never had one')
    .option(...yes)
    .addHelpText(
      'after',
      examples(
        'npx sluice purge --pipeline departures --table <TableName> --state-bucket <BucketName>    # shows what there is, and asks',
        'npx sluice purge --pipeline departures --table <TableName> --no-state-bucket --yes',
        'npx sluice purge --pipeline departures --state .sluice',
      ),
    )
    .action(async (options: Flags) => purge(options));
};

async function purge(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  requireBucket(options);
  await withOperations(options, async (operations) => {
    const of = operations.purged(pipeline);
    const there = await whatToPurge(of);
    const text = toPurgeText(there);
    if (options.yes === true && options.json !== true) say(text);
    await confirm(text, options);
    const removed = await purgePipeline(of);
    const savepoints = there.savepoints.map(({ name }) => name);
    print(options.json === true ? JSON.stringify({ pipeline, savepoints, ...removed }) : purgedText(pipeline, removed));
  });
}

/** Objects are named by values that go with the purge, and by nothing else once it is through: so nobody is taken to have none. */
function requireBucket(options: Flags): void {
  const isSaid = ['state', 'stateBucket'].some((name) => textOf(options, name) !== undefined);
  if (isSaid || options.stateBucket === false) return;
  throw new LocalProblem(
    'usage',
    '--state-bucket: name the bucket of its large values, or say --no-state-bucket if it has never had one; nothing has changed',
  );
}
