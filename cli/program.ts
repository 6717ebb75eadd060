/** The command `sluice`: its commands, and how an end becomes an exit code. Values are checked by the commands themselves, all at once. */
import { Command, CommanderError } from 'commander';
import { exitCodes } from '../local/local-problem.ts';
import type { CommandResult } from './command.ts';
import { commands } from './commands/index.ts';
import { readManifest } from './package-root.ts';
import { say } from './print.ts';
import { problemOf } from './problems.ts';

/** Returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const result: CommandResult = { exitCode: 0, args };
  const program = createProgram(result);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return result.exitCode;
  } catch (error) {
    // Commander has printed its own message; asking for help or the version is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    const problem = problemOf(error, args.includes('--verbose'));
    say(problem.message);
    return exitCodes[problem.kind];
  }
}

export function createProgram(result: CommandResult = { exitCode: 0, args: [] }): Command {
  const program = new Command('sluice')
    .description('Structured streaming over Amazon Kinesis on Step Functions, Lambda and DynamoDB.')
    .version(readManifest().version)
    .showHelpAfterError('(npx sluice --help lists commands, npx sluice <command> --help its options)')
    .exitOverride();
  for (const add of commands) add(program, result);
  return program;
}
