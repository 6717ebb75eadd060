/** What a shell evaluates to complete `sluice`. Pure text: nothing is asked while one types. */
import { allNodes, type CommandNode, type OptionNode } from './command-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const completionScript = (shell: Shell, tree: CommandNode): string => scripts[shell](tree);

const scripts: Readonly<Record<Shell, (tree: CommandNode) => string>> = { bash, zsh, fish };

/** Finds out which command the words before the cursor name: `at` becomes its path. */
const findCommand = (tree: CommandNode, words: string): string[] => [
  `  for word in ${words}; do`,
  '    case "$at/$word" in',
  `      ${allNodes(tree)
    .slice(1)
    .map(({ path }) => path)
    .join('|')}) at="$at/$word" ;;`,
  '    esac',
  '  done',
];

function bash(tree: CommandNode): string {
  const cases = allNodes(tree).flatMap((node) => {
    const files = node.options.filter(({ value }) => value === 'file').map(({ flag }) => flag);
    const others = node.options.filter(({ value }) => value === 'other').map(({ flag }) => flag);
    const words = [...node.commands.map(({ name }) => name), ...node.options.map(({ flag }) => flag)];
    return [
      `    '${node.path}')`,
      `      words='${words.join(' ')}' takes_file=${node.takesFile ? 1 : 0}`,
      `      file_options=' ${files.join(' ')} ' value_options=' ${others.join(' ')} ' ;;`,
    ];
  });
  return lines(
    '# sluice completion for bash: source <(sluice completion bash)',
    '_sluice() {',
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"`,
    '  local at="" word words="" takes_file=0 file_options="" value_options=""',
    ...findCommand(tree, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`),
    '  case "$at" in',
    ...cases,
    '  esac',
    '  COMPREPLY=()',
    '  case "$value_options" in *" $prev "*) return ;; esac',
    '  case "$file_options" in *" $prev "*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;; esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '  if [[ $takes_file == 1 && $cur != -* ]]; then',
    '    compopt -o filenames 2>/dev/null',
    '    COMPREPLY+=($(compgen -f -- "$cur"))',
    '  fi',
    '}',
    'complete -F _sluice sluice',
  );
}

function zsh(tree: CommandNode): string {
  const cases = allNodes(tree).flatMap((node) => [
    `    '${node.path}')`,
    ...(node.commands.length === 0
      ? []
      : [
          '      local -a names',
          `      names=(${node.commands.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ')})`,
          "      [[ $PREFIX == -* ]] || _describe 'command' names",
        ]),
    `      _arguments ${[...node.options.map(zshOption), ...(node.takesFile ? ["'*:file:_files'"] : [])].join(' ')} ;;`,
  ]);
  return lines(
    '#compdef sluice',
    '# sluice completion for zsh: source <(sluice completion zsh), behind compinit',
    '_sluice() {',
    '  local at="" word',
    ...findCommand(tree, '$words[2,CURRENT-1]'),
    '  case "$at" in',
    ...cases,
    '  esac',
    '}',
    'if [[ $funcstack[1] == _sluice ]]; then _sluice; else compdef _sluice sluice; fi',
  );
}

function zshOption({ flag, description, value }: OptionNode): string {
  const text = `${flag}[${description.replaceAll(/[[\]:\\]/g, '\\$&')}]`;
  return quoted(value === 'none' ? text : `${text}:value:${value === 'file' ? '_files' : ' '}`);
}

function fish(tree: CommandNode): string {
  const of = (node: CommandNode): string => {
    const names = node.path.split('/').slice(1);
    return names.length === 0
      ? '__fish_use_subcommand'
      : names.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ');
  };
  const all = allNodes(tree).flatMap((node) => [
    ...node.commands.map(
      ({ name, description }) => `complete -c sluice -n ${quoted(of(node))} -f -a ${name} -d ${quoted(description)}`,
    ),
    ...node.options.map(({ flag, description, value }) => {
      const takes = value === 'none' ? '' : value === 'file' ? ' -r -F' : ' -x';
      return `complete -c sluice -n ${quoted(of(node))} -l ${flag.replace(/^--/, '')}${takes} -d ${quoted(description)}`;
    }),
    ...(node.takesFile ? [`complete -c sluice -n ${quoted(of(node))} -F`] : []),
  ]);
  return lines('# sluice completion for fish: sluice completion fish | source', 'complete -c sluice -f', ...all);
}

/** For all three: what ends a quote within it is said outside of it. */
const quoted = (text: string): string => `'${text.replaceAll('\n', ' ').replaceAll("'", "'\\''")}'`;

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;
