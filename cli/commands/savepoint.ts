/** `sluice savepoint`: makes, lists and deletes copies of what a pipeline had come to after a batch. */
import { committedHead, makeListed, removeListed } from '../../functions/operations/listed-savepoints.ts';
import { savepointsText, savepointText } from '../../local/report/operation-text.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { savepointSettings } from '../operation-settings.ts';
import { print } from '../print.ts';
import { toOperate } from '../table-options.ts';
import { withOperations } from '../with-operations.ts';

export const addSavepoint: AddCommand = (program) => {
  toOperate(program, 'savepoint', 'keep what a pipeline has come to under a name, also while it runs')
    .argument('[name]', 'of the savepoint')
    .option('--batch <n>', 'after this batch (default: the last that was committed)')
    .option('--list', 'list the savepoints of the pipeline')
    .option('--delete', 'delete the savepoint of this name')
    .addHelpText(
      'after',
      examples(
        'npx sluice savepoint before-new-prices --pipeline departures --table <TableName>',
        'npx sluice savepoint --list --pipeline departures --table <TableName>',
        'npx sluice savepoint before-new-prices --delete --pipeline departures --table <TableName>',
      ),
    )
    .action(async (name: string | undefined, options: Flags) => savepoint(name, options));
};

async function savepoint(name: string | undefined, options: Flags): Promise<void> {
  const settings = savepointSettings(name, options);
  const { pipeline } = settings;
  const isJson = options.json === true;
  await withOperations(options, async (operations) => {
    if (settings.kind === 'list') {
      const { index, pipeline: of } = operations.savepoint(pipeline, '');
      const savepoints = await index.list();
      // They outlive it; where there are none, a name that is none is told.
      if (savepoints.length === 0) await committedHead(of);
      print(isJson ? JSON.stringify({ pipeline, savepoints }) : savepointsText(savepoints));
      return;
    }
    const listed = operations.savepoint(pipeline, settings.name);
    if (settings.kind === 'delete') {
      const removed = await removeListed(listed);
      const { items, objects } = removed;
      const text = `${listed.savepoint.name} was deleted: ${items} items, ${objects} objects.`;
      print(isJson ? JSON.stringify({ pipeline, deleted: settings.name, ...removed }) : text);
      return;
    }
    const saved = await makeListed(listed, settings.batchId);
    print(isJson ? JSON.stringify({ pipeline, savepoint: saved }) : savepointText(pipeline, saved));
  });
}
