/** `sluice completion`: what a shell needs to complete commands and flags. */
import { LocalProblem } from '../../local/local-problem.ts';
import type { AddCommand } from '../command.ts';
import { commandTree } from '../completion/command-tree.ts';
import { completionScript, shells } from '../completion/scripts.ts';
import { examples } from '../help-examples.ts';
import { print } from '../print.ts';

export const addCompletion: AddCommand = (program) => {
  program
    .command('completion')
    .description('print what a shell evaluates to complete commands and flags')
    .argument('<shell>', shells.join(', '))
    .addHelpText(
      'after',
      examples(
        'source <(npx sluice completion bash)',
        'source <(npx sluice completion zsh)',
        'npx sluice completion fish | source',
      ) + '\n\nIt completes `sluice`, where that is found: PATH=$PWD/node_modules/.bin:$PATH.',
    )
    .action((name: string) => {
      const shell = shells.find((each) => each === name);
      if (shell === undefined) throw new LocalProblem('usage', `${name}: use one of ${shells.join(', ')}`);
      print(completionScript(shell, commandTree(program)).trimEnd());
    });
};
