/** `sluice repartition`: what a pipeline keeps, in another number of key groups. */

import { committedHead } from '../../functions/operations/listed-savepoints.ts';
import { repartition as divide } from '../../functions/operations/repartition.ts';
import { mostKeyGroups } from '../../functions/pipeline/scale.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { repartitionText } from '../../local/report/operation-text.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { repartitionSettings } from '../operation-settings.ts';
import { print } from '../print.ts';
import { toOperate } from '../table-options.ts';
import { withOperations } from '../with-operations.ts';

export const addRepartition: AddCommand = (program) => {
  toOperate(program, 'repartition', 'divide what a pipeline keeps into another number of key groups')
    .argument('<file>', "the pipeline's module, as it has run last")
    .option('--groups <n>', `key groups from now on, 1 to ${mostKeyGroups}`)
    .addHelpText('after', examples('npx sluice repartition departures.ts --table <TableName> --groups 6'))
    .action(async (file: string, options: Flags) => repartition(file, options));
};

async function repartition(file: string, options: Flags): Promise<void> {
  const { name, definition, groups } = await repartitionSettings(file, options);
  await withOperations(options, async (operations) => {
    const of = operations.pipeline(name);
    const head = await committedHead(of);
    const { parallelism: before } = head;
    if (before === groups)
      throw new LocalProblem(
        'usage',
        `--groups ${groups}: ${name} has ${groups} key groups already; nothing has changed`,
      );
    const { body } = await divide(of, { ...definition, name }, head, groups);
    const { batchId, ref } = body;
    const made = { pipeline: name, batchId, ref, parallelism: groups, parallelismBefore: before };
    print(options.json === true ? JSON.stringify(made) : repartitionText(made));
  });
}
