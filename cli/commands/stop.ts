/** `sluice stop`: through the table. */
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { requirePipelineName } from '../option-values.ts';
import { print } from '../print.ts';
import { openStores, requireHead } from '../table-access.ts';
import { atTable, verbose } from '../table-options.ts';

export const addStop: AddCommand = (program) => {
  atTable(program.command('stop').description('let a pipeline finish its batch and end'))
    .option(...verbose)
    .action(async (options: Flags) => stop(options));
};

async function stop(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const { head } = openStores(options, pipeline);
  await requireHead(head, pipeline);
  await head.setControl('stop');
  print(
    options.json === true ? JSON.stringify({ pipeline, control: 'stop' }) : `${pipeline} ends after its running batch.`,
  );
}
