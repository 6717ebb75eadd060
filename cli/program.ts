/** The commands and their options. Values are checked by the commands themselves, all at once. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { exitCodes } from '../local/local-problem.ts';
import { listDeadLetters, showDeadLetter } from './dead-letter-commands.ts';
import { dev } from './dev-command.ts';
import { doctor } from './doctor-command.ts';
import type { Flags } from './flags.ts';
import { start, status, stop } from './operate-commands.ts';
import { problemOf } from './problems.ts';
import { fork, repartition, rewind } from './restore-commands.ts';
import { savepoint } from './savepoint-command.ts';
import { showState } from './state-command.ts';

/** Returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message; asking for help or the version is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    const problem = problemOf(error, args.includes('--verbose'));
    process.stderr.write(`${problem.message}\n`);
    return exitCodes[problem.kind];
  }
}

function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('sluice')
    .description('Structured streaming over Amazon Kinesis on Step Functions, Lambda and DynamoDB.')
    .version(versionOf())
    .showHelpAfterError('(npx sluice --help lists commands, npx sluice <command> --help its options)')
    .exitOverride();
  addDev(program, setExitCode);
  addOperations(program);
  addDeadLetters(program);
  addState(program);
  addRestoring(program);
  addDoctor(program);
  return program;
}

function addDev(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('dev')
    .description(
      'run a pipeline on this machine, with servers of its own or those of AWS_ENDPOINT_URL_KINESIS and _DYNAMODB',
    )
    .argument('<file>', 'module whose default export is a pipeline')
    .option(
      '--input <file>',
      'publish the lines of a file (.ndjson, .csv, …), plain or .gz; of .b64 what they decode to',
    )
    .option('--generate <template>', 'publish events made from a Kinesis Data Generator template, or a file with one')
    .option(
      '--partition-key <field>',
      'field of each event that is its partition key (default: another one for each event)',
    )
    .option('--rate <events/s>', 'with --generate (default: 100)')
    .option('--for <seconds>', 'with --generate: end after this time')
    .option('--count <n>', 'with --generate: end after so many events')
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
    .option('--verbose', 'log what the functions log, on stderr')
    .action(async (file: string, options: Flags) => {
      setExitCode(await dev(file, options, process.env));
    });
}

/** Of what may be said more than once. */
const inTurn = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function addOperations(program: Command): void {
  const operations = [
    ['start', 'start a deployed pipeline', start],
    ['stop', 'let a pipeline finish its batch and end', stop],
    ['status', 'show how far a pipeline is', status],
  ] as const;
  for (const [name, description, action] of operations) {
    const command = withTableOptions(program.command(name).description(description)).option(
      '--verbose',
      `${name === 'status' ? 'list the shards of the last batch, worst first; ' : ''}show where an error came from`,
    );
    if (name === 'start') command.option('--state-machine <arn>', "the pipeline's state machine");
    command.action(async (options: Record<string, string | boolean>) => action(options));
  }
}

/** Where a pipeline's checkpoints are. */
function withTableOptions(command: Command, json = 'print one JSON object'): Command {
  return command
    .option('--pipeline <name>', 'name of the pipeline')
    .option('--table <name>', 'table of checkpoints (default: sluice)')
    .option('--region <region>', 'region of AWS')
    .option('--profile <profile>', 'profile of the shared AWS configuration')
    .option('--endpoint-url <url>', 'another server than AWS')
    .option('--json', json);
}

function addDeadLetters(program: Command): void {
  const letters = program.command('dead-letters').description('what could not be processed, and why');
  const inTable = (command: Command): Command =>
    withTableOptions(command)
      .option('--state <dir>', 'the state that a local run has kept')
      .option('--verbose', 'show where an error came from');
  inTable(letters.command('list').description('list dead letters, in the order of their shards and records'))
    .option('--source <id>', 'only those of this source: main, or results (rows that were refused)')
    .option('--shard <id>', 'only those of this shard of it (of results: group-<key group>)')
    .option('--reason <reason>', 'only those with this reason')
    .option('--limit <n>', 'show at most so many (default: 20)')
    .action(async (options: Record<string, string | boolean>) => listDeadLetters(options));
  inTable(letters.command('show').description('show one with its payload, as text or else as base64'))
    .argument('<id>', 'as `list` shows it: <source>/<shard>/<sequence number>/<event>')
    .action(async (id: string, options: Record<string, string | boolean>) => showDeadLetter(id, options));
}

function addState(program: Command): void {
  const description =
    'show what a pipeline keeps of its open windows: how large it is, and what lies in it; nothing is written';
  withTableOptions(program.command('state').description(description), 'print JSON objects, one a line')
    .argument('[file]', "the pipeline's module: values of aggregates, and --changes, need it")
    .option('--state <dir>', 'the state that a local run has kept')
    .option('--verbose', 'show where an error came from')
    .option('--state-bucket <name>', 'bucket of its large values, if it has one')
    .option('--batch <n>', 'after this batch (default: the last that was committed)')
    .option('--group <n>', 'only this key group, from 0 on')
    .option('--key <key>', 'only this key: its value, or JSON: of several a list of all, or an object of some by name')
    .option('--by-window', 'how many keys each window has, instead of its rows')
    .option('--changes <from..to>', 'what is another after batch `to` than after `from`, instead of rows')
    .option('--limit <n>', 'show at most so many rows (default: 20)')
    .addHelpText('after', stateExamples)
    .action(async (file: string | undefined, options: Flags) => showState(file, options));
}

const stateExamples = `
Examples:
  npx sluice state departures.ts --table <TableName> --state-bucket <BucketName>
  npx sluice state --pipeline departures --table <TableName> --by-window
  npx sluice state departures.ts --state .sluice --key ORD --json
  npx sluice state departures.ts --table <TableName> --changes 41..42`;

function addRestoring(program: Command): void {
  const command = (name: string, description: string): Command =>
    withTableOptions(program.command(name).description(description))
      .option('--state <dir>', 'the state that a local run has kept')
      .option('--state-bucket <name>', 'bucket of its large values, if it has one')
      .option('--verbose', 'show where an error came from');
  command('savepoint', 'keep what a pipeline has come to under a name, also while it runs')
    .argument('[name]', 'of the savepoint')
    .option('--batch <n>', 'after this batch (default: the last that was committed)')
    .option('--list', 'list the savepoints of the pipeline')
    .option('--delete', 'delete the savepoint of this name')
    .action(async (name: string | undefined, options: Flags) => savepoint(name, options));
  command('rewind', 'take a pipeline back to where it was; its next start goes on from there')
    .option('--to-batch <n>', 'after this batch, which is still retained')
    .option('--to-time <time>', 'after the last batch that was committed by then: with its zone, or epoch milliseconds')
    .option('--to-savepoint <name>', 'to this savepoint of it')
    .action(async (options: Flags) => rewind(options));
  command('fork', 'begin a pipeline of another name with what a pipeline has come to')
    .argument('<new>', 'name of the pipeline that begins')
    .option('--from <savepoint>', 'with this savepoint of the pipeline')
    .option('--batch <n>', 'after this batch of it, which is still retained')
    .action(async (name: string, options: Flags) => fork(name, options));
  command('repartition', 'divide what a pipeline keeps into another number of key groups')
    .argument('<file>', "the pipeline's module, as it has run last")
    .option('--groups <n>', 'key groups from now on, 1 to 40')
    .action(async (file: string, options: Flags) => repartition(file, options));
}

function addDoctor(program: Command): void {
  const description = 'look whether everything is there that a pipeline names, as after its table was restored';
  withTableOptions(program.command('doctor').description(description))
    .option('--state-bucket <name>', 'bucket of its large values, if it has one')
    .option('--restore', 'bring back what was deleted from the bucket since, of which a version is kept')
    .option('--verbose', 'show where an error came from')
    .action(async (options: Flags) => doctor(options));
}

function versionOf(): string {
  // From the sources the package is one folder up, from what was built two.
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // The other place.
    }
  }
  return 'unknown';
}
