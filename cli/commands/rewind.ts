/** `sluice rewind`: a batch that the pipeline goes on from, instead of the last. */
import { goBack, type PlaceBefore } from '../../functions/operations/go-back.ts';
import { wentBackText } from '../../local/report/operation-text.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { type PlaceSettings, rewindSettings } from '../operation-settings.ts';
import { print } from '../print.ts';
import { toOperate } from '../table-options.ts';
import { type Operations, withOperations } from '../with-operations.ts';

export const addRewind: AddCommand = (program) => {
  toOperate(program, 'rewind', 'take a pipeline back to where it was; its next start goes on from there')
    .option('--to-batch <n>', 'after this batch, which is still retained')
    .option('--to-time <time>', 'after the last batch that was committed by then: with its zone, or epoch milliseconds')
    .option('--to-savepoint <name>', 'to this savepoint of it')
    .addHelpText(
      'after',
      examples(
        'npx sluice rewind --pipeline departures --table <TableName> --to-batch 41',
        'npx sluice rewind --pipeline departures --table <TableName> --to-time 2026-03-01T12:00:00Z',
      ),
    )
    .action(async (options: Flags) => rewind(options));
};

async function rewind(options: Flags): Promise<void> {
  const { pipeline, to } = rewindSettings(options);
  await withOperations(options, async (operations) => {
    const went = await goBack(operations.pipeline(pipeline), placeOf(operations, pipeline, to));
    const { source, restored, left, gaveUp = null, warnings, before, after } = went;
    const generations = { generation: after.generation, generationBefore: before.generation };
    const { batches, rows, withoutReport } = left;
    const leftBehind = { batches, rows, withoutReport, gaveUp: gaveUp?.batchId ?? null };
    print(
      options.json === true
        ? JSON.stringify({ pipeline, ...restored, ...generations, source, leftBehind, warnings })
        : wentBackText(pipeline, went),
    );
  });
}

const placeOf = (operations: Operations, pipeline: string, to: PlaceSettings): PlaceBefore =>
  to.kind === 'savepoint' ? { kind: 'savepoint', listed: operations.savepoint(pipeline, to.name) } : to;
