/** `sluice purge`: all that a pipeline has stored, removed for good. */
import { purgePipeline, whatToPurge } from '../../functions/operations/purge-pipeline.ts';
import { purgedText, toPurgeText } from '../../local/report/purge-text.ts';
import type { AddCommand } from '../command.ts';
import { confirm, yes } from '../confirm.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { requirePipelineName } from '../option-values.ts';
import { print, say } from '../print.ts';
import { toOperate } from '../table-options.ts';
import { withOperations } from '../with-operations.ts';

export const addPurge: AddCommand = (program) => {
  toOperate(program, 'purge', 'remove all that a stopped pipeline has stored: state, reports, dead letters, savepoints')
    .option(...yes)
    .addHelpText(
      'after',
      examples('sluice purge --pipeline delays --table <TableName>    # shows what there is, and asks'),
    )
    .action(async (options: Flags) => purge(options));
};

async function purge(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
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
