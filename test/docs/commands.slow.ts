/** Commands and flags that the documents name exist; `npx vitest run test/docs/commands.slow.ts --update` writes those of the reference anew. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { documentPaths, readDocument, withGenerated } from './documents.ts';

const project = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

const reference = 'docs/reference/command-line.md';

/** Those that do something, in the order of the help: what has commands of its own does nothing itself. */
function leavesOf(command: Command, before = ''): { readonly name: string; readonly command: Command }[] {
  return command.commands.flatMap((each) => {
    const name = `${before}${each.name()}`;
    return each.commands.length > 0 ? leavesOf(each, `${name} `) : [{ name, command: each }];
  });
}

const leaves = leavesOf(createProgram());

/** As it is printed, with examples, in 80 columns. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
  });
  command.outputHelp();
  return text;
}

test('the reference has the help of every command', async () => {
  const told = leaves.map(({ name, command }) => `## \`sluice ${name}\`\n\n\`\`\`text\n${helpOf(command)}\`\`\`\n`);
  await expect(withGenerated(readDocument(reference), 'commands', told.join('\n'))).toMatchFileSnapshot(
    `../../${reference}`,
  );
});

test.each(leaves)('`sluice $name` shows examples', ({ name, command }) => {
  const [, shown = ''] = helpOf(command).split('\nExamples:\n');
  expect(shown).toMatch(new RegExp(`^  .*\\bsluice ${name}\\b`));
});

test('the command prints it', () => {
  const args = ['--conditions=sluice-source', 'cli/main.ts', 'dead-letters', 'list', '--help'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe(helpOf(leaves.find(({ name }) => name === 'dead-letters list')!.command));
});

test.each(leaves)('`sluice $name` has the flags that the documents give it', ({ name, command }) => {
  const known = command.options.map(({ long }) => long);
  for (const path of documentPaths) {
    for (const [line] of readDocument(path).matchAll(new RegExp(`npx sluice ${name}\\b.*`, 'g'))) {
      for (const [flag] of line.matchAll(/(?<= )--[a-z-]+/g)) expect(known, line).toContain(flag);
    }
  }
});

test('every command that the documents name exists', () => {
  const known = createProgram().commands.map((command) => command.name());
  for (const path of documentPaths) {
    for (const [line, name] of readDocument(path).matchAll(/npx sluice ([a-z][a-z-]*).*/g))
      expect(known, `${path}: ${line}`).toContain(name);
  }
});

test('every npm script that the documents name exists', () => {
  for (const path of documentPaths) {
    for (const [, script] of readDocument(path).matchAll(/npm run ([a-z]+(?:[:-][a-z]+)*)/g)) {
      expect(Object.keys(project.scripts), path).toContain(script);
    }
  }
});

test('the change log begins with this version', () => {
  const [first] = readDocument('CHANGELOG.md').match(/^## \[.*/m) ?? [];
  expect(first).toContain(`[${project.version}]`);
});
