/** `sluice page`: the live page of a pipeline that runs elsewhere, or of a run that is over. */

import { setTimeout as sleep } from 'node:timers/promises';
import { LocalProblem } from '../../local/local-problem.ts';
import { openPage } from '../../local/page/open-page.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { withTable } from '../local-state.ts';
import { loadPipeline, nameOrDefined } from '../option-values.ts';
import { pagePort, readPagePort } from '../page-port.ts';
import { print, say } from '../print.ts';
import { untilInterrupted } from '../stream/until-interrupted.ts';
import { requireHeadOf } from '../table-access.ts';
import { atTableOrState, verbose, withBucket } from '../table-options.ts';

const longestMs = 2 ** 31 - 1;

export const addPage: AddCommand = (program) => {
  withBucket(
    atTableOrState(
      program
        .command('page')
        .description(
          'serve a page that shows a pipeline as it runs, on this machine and for it alone; nothing is written',
        ),
      'print one JSON object, with the address',
    ),
  )
    .argument('[file]', "the pipeline's module: with it the state's values are shown")
    .option(...pagePort)
    .option(...verbose)
    .addHelpText('after', examples)
    .action(async (file: string | undefined, options: Flags) => page(file, options));
};

const examples = `
It ends with Ctrl-C.

Examples:
  npx sluice page --pipeline departures --table <TableName> --state-bucket <BucketName>
  npx sluice page departures.ts --table <TableName>
  npx sluice page --pipeline departures --state .sluice`;

async function page(file: string | undefined, options: Flags): Promise<void> {
  const problems: string[] = [];
  const port = readPagePort(options, problems);
  const pipeline = file === undefined ? undefined : await loadPipeline(file, options, problems);
  const name = nameOrDefined(options, pipeline, problems);
  if (problems.length > 0 || name === undefined) throw new LocalProblem('usage', problems.join('\n'));
  await withTable(options, async (table, bucket) => {
    await requireHeadOf(table, name);
    const open = await openPage({ pipeline: name, mode: 'table', table, bucket, definition: pipeline, port });
    if (options.json === true) print(JSON.stringify({ pipeline: name, address: open.address }));
    else print(open.address);
    say('Ctrl-C ends it.');
    // Its server does not keep the process.
    await untilInterrupted((signal) => sleep(longestMs, undefined, { signal }).catch(() => {}));
    await open.close();
  });
}
