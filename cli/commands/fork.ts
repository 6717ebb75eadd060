/** `sluice fork`: a pipeline of another name that goes on from a batch of this one. */
import type { Head } from '../../functions/core/model.ts';
import { committedHead, retainedBatch, wholeSavepoint } from '../../functions/operations/listed-savepoints.ts';
import type { BatchOf } from '../../functions/operations/operated-pipeline.ts';
import { fork as begin } from '../../functions/operations/savepoint.ts';
import { forkText } from '../../local/report/operation-text.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { type ForkSettings, forkSettings } from '../operation-settings.ts';
import { print } from '../print.ts';
import { toOperate } from '../table-options.ts';
import { type Operations, withOperations } from '../with-operations.ts';

export const addFork: AddCommand = (program) => {
  toOperate(program, 'fork', 'begin a pipeline of another name with what a pipeline has come to')
    .argument('<new>', 'name of the pipeline that begins')
    .option('--from <savepoint>', 'with this savepoint of the pipeline')
    .option('--batch <n>', 'after this batch of it, which is still retained')
    .addHelpText(
      'after',
      examples(
        'npx sluice fork departures-next --pipeline departures --table <TableName> --from before-new-prices',
        'npx sluice fork departures-next --pipeline departures --table <TableName> --batch 41',
      ),
    )
    .action(async (name: string, options: Flags) => fork(name, options));
};

async function fork(name: string, options: Flags): Promise<void> {
  const settings = forkSettings(name, options);
  const { pipeline } = settings;
  await withOperations(options, async (operations) => {
    const { source, head } = await sourceOf(operations, settings);
    const { body } = await begin(operations.pipeline(name), source, head);
    const { batchId, ref, origin, parallelism } = body;
    const made = { pipeline: name, batchId, ref, origin, parallelism };
    print(options.json === true ? JSON.stringify(made) : forkText({ name, from: pipeline, source, parallelism }));
  });
}

async function sourceOf(
  operations: Operations,
  { pipeline, from }: ForkSettings,
): Promise<{ readonly source: BatchOf; readonly head: Head }> {
  if (from.kind === 'savepoint') {
    const listed = operations.savepoint(pipeline, from.name);
    const head = await wholeSavepoint(listed);
    return { source: { of: listed.savepoint, ...head.committed }, head };
  }
  const of = operations.pipeline(pipeline);
  const head = await committedHead(of);
  return { source: { of, ...(await retainedBatch(of, head, from.batchId)) }, head };
}
