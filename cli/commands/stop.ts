/** `sluice stop`: through the table. */
import { fence } from '../../functions/operations/fence.ts';
import type { AddCommand } from '../command.ts';
import { confirm, yes } from '../confirm.ts';
import type { Flags } from '../flags.ts';
import { requirePipelineName } from '../option-values.ts';
import { print } from '../print.ts';
import { openStores, requireHead } from '../table-access.ts';
import { atTable, verbose } from '../table-options.ts';
import { withOperations } from '../with-operations.ts';

export const addStop: AddCommand = (program) => {
  atTable(program.command('stop').description('let a pipeline finish its batch and end'))
    .option('--now', 'end it at once: what it does after that counts no more')
    .option(...yes)
    .option(...verbose)
    .addHelpText(
      'after',
      `
With --now nothing is lost either: a batch that is sealed is finished by the next start, one that is not is read again.
What is sent while a batch is read, without groupBy, is then sent again.

Examples:
  npx sluice stop --pipeline departures --table <TableName>
  npx sluice stop --now --yes --pipeline departures --table <TableName>`,
    )
    .action(async (options: Flags) => (options.now === true ? stopNow(options) : stop(options)));
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

async function stopNow(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  await withOperations(options, async (operations) => {
    const of = operations.pipeline(pipeline);
    await requireHead(of.head, pipeline);
    await confirm(
      `${pipeline} is stopped at once: its driver ends without finishing its batch, and the next start goes on from the last commit.`,
      options,
    );
    const { driver, open } = await fence(of);
    if (options.json === true) {
      const fenced = driver === undefined ? null : { execution: driver.execution };
      print(JSON.stringify({ pipeline, control: 'stop', fenced, sealedBatch: open?.batchId ?? null }));
      return;
    }
    const who = driver === undefined ? 'nobody drove it' : `${driver.execution} writes nothing more that counts`;
    const left = open === undefined ? '' : ` Batch ${open.batchId} is sealed; the next start finishes it.`;
    print(`${pipeline} is stopped: ${who}.${left}`);
  });
}
