/** A command of `sluice`: a file that adds it, with its options, to the program. `commands/index.ts` lists them. */
import type { Command } from 'commander';

/**
 * Adds a command and says what it does. Its action throws a LocalProblem, or an error of the functions, for an exit code other than 0.
 *
 * @example
 * ```ts
 * export const addStop: AddCommand = (program) => {
 *   atTable(program.command('stop').description('let a pipeline finish its batch and end')).action(stop);
 * };
 * ```
 */
export type AddCommand = (program: Command, result: CommandResult) => void;

export type CommandResult = {
  /** Of a command that has told by itself what is wrong. */
  exitCode: number;
  /** The command line, for a command that begins itself again. */
  readonly args: readonly string[];
};
