/** The commands of `sluice` as a shell has to know them: from the program itself, so that none is forgotten. */
import type { Command } from 'commander';

export type CommandNode = {
  /** Names from the program on, with a slash before each: '/dead-letters/list'; '' is the program itself. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
  readonly takesFile: boolean;
};

export type OptionNode = {
  /** With its dashes. */
  readonly flag: string;
  readonly description: string;
  readonly value: 'none' | 'file' | 'other';
};

export function commandTree(command: Command, path = ''): CommandNode {
  const help: OptionNode = { flag: '--help', description: 'display help for command', value: 'none' };
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.map(({ long, short, description, flags, required, optional }): OptionNode => {
        const value = required || optional ? (namesFile(flags) ? 'file' : 'other') : 'none';
        return { flag: long ?? short ?? flags, description, value };
      }),
      help,
    ],
    commands: command.commands.map((each) => commandTree(each, `${path}/${each.name()}`)),
    takesFile: command.registeredArguments.some((argument) => ['file', 'folder'].includes(argument.name())),
  };
}

const namesFile = (flags: string): boolean => /<[^>]*\b(file|dir|template)>/.test(flags);

/** The node itself, and all below it. */
export const allNodes = (node: CommandNode): readonly CommandNode[] => [node, ...node.commands.flatMap(allNodes)];
