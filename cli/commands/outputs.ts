/** `sluice outputs`: lists a pipeline's outputs, detaches one that fails, and attaches it again. */
import { attachOutput, detachOutput, outputsOf } from '../../functions/operations/detach-outputs.ts';
import {
  attachedText,
  detachedText,
  outputsText,
  toDetachText,
  toDiscardText,
} from '../../local/report/outputs-text.ts';
import type { AddCommand } from '../command.ts';
import { confirm, yes } from '../confirm.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { requirePipelineName } from '../option-values.ts';
import { print } from '../print.ts';
import { requireHead } from '../table-access.ts';
import { atTableOrState, verbose } from '../table-options.ts';
import { type Operations, withOperations } from '../with-operations.ts';

export const addOutputs: AddCommand = (program) => {
  const outputs = program
    .command('outputs')
    .description('the outputs of a pipeline, and what is kept for one that fails');
  atTableOrState(
    outputs.command('list').description('list them, and how many rows are kept for those that are detached'),
  )
    .option(...verbose)
    .addHelpText('after', examples('sluice outputs list --pipeline delays --table <TableName>'))
    .action(async (options: Flags) => list(options));
  atTableOrState(
    outputs.command('detach').description('go on without an output that fails; its rows are kept, also while it runs'),
  )
    .argument('<name>', 'of the output, as `list` shows it')
    .option(...yes)
    .option(...verbose)
    .addHelpText(
      'after',
      examples('sluice outputs detach audit --pipeline delays    # the batch that waits for it can commit'),
    )
    .action(async (name: string, options: Flags) => detach(name, options));
  atTableOrState(outputs.command('attach').description('send what was kept, in its order, and then what is new'))
    .argument('<name>', 'of the output')
    .option('--discard', 'give up what was kept')
    .option(...yes)
    .option(...verbose)
    .addHelpText(
      'after',
      examples(
        'sluice outputs attach audit --pipeline delays    # the next batches send what was kept for it',
        'sluice outputs attach audit --pipeline delays --discard',
      ),
    )
    .action(async (name: string, options: Flags) => attach(name, options));
};

async function list(options: Flags): Promise<void> {
  await withPipeline(options, async (of) => {
    const outputs = outputsOf(await requireHead(of.head, of.name));
    print(options.json === true ? JSON.stringify({ pipeline: of.name, outputs }) : outputsText(outputs));
  });
}

async function detach(output: string, options: Flags): Promise<void> {
  await withPipeline(options, async (of) => {
    await requireHead(of.head, of.name);
    await confirm(toDetachText(of.name, output), options);
    const detached = await detachOutput(of, output);
    const told = { pipeline: of.name, output, ...detached };
    print(options.json === true ? JSON.stringify(told) : detachedText(told));
  });
}

async function attach(output: string, options: Flags): Promise<void> {
  const discard = options.discard === true;
  await withPipeline(options, async (of) => {
    const listed = outputsOf(await requireHead(of.head, of.name)).find(({ id }) => id === output);
    if (discard && listed?.kept !== undefined) await confirm(toDiscardText(of.name, output, listed.kept), options);
    const told = { pipeline: of.name, output, discarded: discard, ...(await attachOutput(of, output, { discard })) };
    print(options.json === true ? JSON.stringify(told) : attachedText(told));
  });
}

async function withPipeline(
  options: Flags,
  work: (of: ReturnType<Operations['pipeline']>) => Promise<void>,
): Promise<void> {
  const pipeline = requirePipelineName(options);
  await withOperations(options, (operations) => work(operations.pipeline(pipeline)));
}
