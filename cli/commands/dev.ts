/** `sluice dev`: its options. What it does is in `run-dev.ts`. */
import { externalEndpoints } from '../../local/services/services.ts';
import type { AddCommand } from '../command.ts';
import { withEvents } from '../event-options.ts';
import type { Flags } from '../flags.ts';
import { textOf } from '../option-values.ts';
import { pagePort } from '../page-port.ts';
import { devOptions } from '../project-settings.ts';
import { dev } from '../run-dev.ts';
import { devWatch } from '../watch/dev-watch.ts';

export const addDev: AddCommand = (program, result) => {
  const command = program
    .command('dev')
    .description(
      'run a pipeline on this machine, with servers of its own or those of AWS_ENDPOINT_URL_KINESIS and _DYNAMODB',
    )
    .argument('[file]', 'module whose default export is a pipeline (default: what package.json says under `sluice`)')
    .option(
      '--input <file>',
      'publish the lines of a file (.ndjson, .csv, …), plain or .gz; of .b64 what they decode to',
    )
    .option('--generate <template>', 'publish events made from a Kinesis Data Generator template, or a file with one');
  withEvents(command)
    .option('--shards <n>', 'shards of the streams that are made (default: 1)')
    .option(
      '--max-record-bytes <n>',
      'largest record, 1048576 (1 MiB, the default) to 10485760, of streams that are made; with other servers, of the source',
    )
    .option('--until-caught-up', 'end when everything in the source was read')
    .option('--batches <n>', 'end after so many batches')
    .option(
      '--results <[output=]file>',
      'write every record of the sink stream to a file, one JSON a line; of each output that is named, or of the first with a stream',
      inTurn,
    )
    .option('--json', 'print JSON objects on stdout: one per batch, then a summary')
    .option('--state <dir>', 'keep streams and checkpoints there, and go on from them (default: start afresh)')
    .option('--table <name>', 'table of checkpoints (default: sluice)')
    .option('--source <stream>', 'name or ARN of the source stream, instead of the one in the file')
    .option(
      '--sink <[output=]stream>',
      'name or ARN of the stream or table that is written, instead of the one in the file; of each output that is named, or of the first',
      inTurn,
    )
    .option('--no-page', 'serve no page that shows the run')
    .option(...pagePort)
    .option(
      '--step-functions',
      'serve an endpoint of Step Functions that shows executions, and starts them again, until Ctrl-C',
    )
    .option('--step-functions-port <port>', 'where it is served (default: 4601, or any if that is taken; 0: any)')
    .option('--watch', 'run again with the new code when the file, or what it imports, has changed')
    .option('--verbose', 'log what the functions log, on stderr')
    .addHelpText('after', examples)
    .action(async (given: string | undefined, flags: Flags) => {
      const { file, options } = devOptions(given, flags);
      const args = result.args.filter((arg) => arg !== '--watch');
      result.exitCode =
        options.watch === true ? await watched(file, options, args) : await dev(file, options, process.env);
    });
};

const watched = (file: string, options: Flags, args: readonly string[]): Promise<number> =>
  devWatch({
    ...{ file, args, stateDirectory: textOf(options, 'state') },
    isElsewhere: externalEndpoints(process.env) !== undefined,
  });

const examples = `
Examples:
  npx sluice dev
  npx sluice dev departures.ts --input flights.ndjson --partition-key origin
  npx sluice dev departures.ts --generate event.txt --rate 1000 --for 60 --results departures.ndjson
  npx sluice dev departures.ts --input flights.ndjson --state .sluice
  npx sluice dev departures.ts --generate event.txt --watch
  npx sluice dev departures.ts --generate event.txt --step-functions`;

/** Of what may be said more than once. */
const inTurn = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
