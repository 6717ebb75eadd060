/** Commands and flags that the documents name exist, and all flags of `sluice dev` are in README. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { documentPaths, readDocument, section, tableIn } from './documents.ts';

// Each test starts the command.
vi.setConfig({ testTimeout: 30_000 });

const project = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

function flagsOf(command: string): string[] {
  const args = ['--conditions=sluice-source', 'cli/main.ts', ...command.split(' '), '--help'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+(?: <[^>]+>)?)/gm)]
    .map(([, flag]) => flag!)
    .filter((flag) => flag !== '--help');
}

test('the table of `sluice dev` has its flags, and no other', () => {
  const rows = tableIn(section(readDocument('README.md'), '## Running a pipeline on your machine'));
  expect(rows.map(([flag]) => flag!.replaceAll('`', '')).toSorted()).toEqual(flagsOf('dev').toSorted());
});

test.each(['start', 'stop', 'status', 'dead-letters list', 'dead-letters show'])(
  '`sluice %s` has the flags that the documents give it',
  (command) => {
    const known = flagsOf(command).map((flag) => flag.split(' ')[0]!);
    for (const path of documentPaths) {
      for (const [line] of readDocument(path).matchAll(new RegExp(`npx sluice ${command}\\b.*`, 'g'))) {
        for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(known, line).toContain(flag);
      }
    }
  },
);

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
