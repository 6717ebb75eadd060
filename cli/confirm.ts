/** Before a command does what nothing brings back: it shows what will happen, and asks. */
import { createInterface } from 'node:readline/promises';
import { LocalProblem } from '../local/local-problem.ts';
import type { Flags } from './flags.ts';
import { say } from './print.ts';

export const yes = ['--yes', 'do it without asking'] as const;

/** Shows `what` and goes on if the answer is yes, or with `--yes`. Throws a LocalProblem where it is not, or there is nobody to ask. */
export async function confirm(what: string, options: Flags): Promise<void> {
  if (options.yes === true) return;
  say(what);
  if (!process.stdin.isTTY)
    throw new LocalProblem('usage', '--yes: it is needed where nobody can be asked; nothing has changed');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // Ctrl-C and the end of the input are no.
    const answer = await terminal.question('Go on? [y/N] ').catch(() => '');
    if (!/^y(es)?$/i.test(answer.trim())) throw new LocalProblem('aborted', 'Nothing has changed.');
  } finally {
    terminal.close();
  }
}
