/** Commands and flags that the documents name exist; `npx vitest run test/docs/commands.slow.ts --update` writes those of the reference anew. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentPaths, readDocument, withGenerated } from './documents.ts';

const project = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

const reference = 'docs/reference/command-line.md';
const commands = [
  ...(['dev', 'start', 'stop', 'status', 'dead-letters list', 'dead-letters show', 'state'] as const),
  ...(['savepoint', 'rewind', 'fork', 'repartition', 'doctor'] as const),
] as const;

const helpTexts = new Map<string, string>();

function helpOf(command: string): string {
  const known = helpTexts.get(command);
  if (known !== undefined) return known;
  const words = command.split(' ').filter((word) => word !== '');
  const args = ['--conditions=sluice-source', 'cli/main.ts', ...words, '--help'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  helpTexts.set(command, stdout);
  return stdout;
}

function flagsOf(command: string): string[] {
  return [...helpOf(command).matchAll(/^ {2}(?:-\w, )?(--[a-z-]+(?: <[^>]+>)?)/gm)]
    .map(([, flag]) => flag!)
    .filter((flag) => flag !== '--help');
}

test('the reference has the help of every command', async () => {
  const told = commands.map((command) => `## \`sluice ${command}\`\n\n\`\`\`text\n${helpOf(command)}\`\`\`\n`);
  await expect(withGenerated(readDocument(reference), 'commands', told.join('\n'))).toMatchFileSnapshot(
    `../../${reference}`,
  );
});

test('every command has its place in the reference', () => {
  const listed = (help: string): string[] =>
    [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name!);
  const top = listed(helpOf('')).filter((name) => name !== 'help');
  expect(top).toEqual([...new Set(commands.map((command) => command.split(' ')[0]))]);
  const letters = listed(helpOf('dead-letters')).filter((name) => name !== 'help');
  expect(letters.map((name) => `dead-letters ${name}`)).toEqual(commands.filter((name) => name.startsWith('dead-')));
});

test.each(commands)('`sluice %s` has the flags that the documents give it', (command) => {
  const known = flagsOf(command).map((flag) => flag.split(' ')[0]!);
  for (const path of documentPaths) {
    for (const [line] of readDocument(path).matchAll(new RegExp(`npx sluice ${command}\\b.*`, 'g'))) {
      for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(known, line).toContain(flag);
    }
  }
});

test('every npm script that the documents name exists', () => {
  for (const path of documentPaths) {
    for (const [, script] of readDocument(path).matchAll(/npm run ([a-z]+)/g)) {
      expect(Object.keys(project.scripts), path).toContain(script);
    }
  }
});

test('the change log begins with this version', () => {
  const [first] = readDocument('CHANGELOG.md').match(/^## \[.*/m) ?? [];
  expect(first).toContain(`[${project.version}]`);
});
