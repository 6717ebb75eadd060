/** Options of all commands that look at a pipeline's table. */
import type { Command } from 'commander';

export const verbose = ['--verbose', 'show where an error came from'] as const;

/** Where a pipeline's checkpoints are. */
export function atTable(command: Command, json = 'print one JSON object'): Command {
  return command
    .option('--pipeline <name>', 'name of the pipeline')
    .option('--table <name>', 'table of checkpoints (default: sluice)')
    .option('--region <region>', 'region of AWS')
    .option('--profile <profile>', 'profile of the shared AWS configuration')
    .option('--endpoint-url <url>', 'another server than AWS')
    .option('--json', json);
}

/** As `atTable`, and of a local run that is over. */
export const atTableOrState = (command: Command, json?: string): Command =>
  atTable(command, json).option('--state <dir>', 'the state that a local run has kept');

export const withBucket = (command: Command): Command =>
  command.option('--state-bucket <name>', 'bucket of its large values, if it has one');

/** A command that changes a pipeline between two batches. */
export const toOperate = (program: Command, name: string, description: string): Command =>
  withBucket(atTableOrState(program.command(name).description(description))).option(...verbose);
