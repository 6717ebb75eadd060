/** Completion is made of the program, so every command and flag is in it; bash does with it what it should. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { allNodes, commandTree } from '../../cli/completion/command-tree.ts';
import { completionScript, shells } from '../../cli/completion/scripts.ts';
import { createProgram } from '../../cli/program.ts';
import { runCommand } from '../support/run-command.ts';

const tree = commandTree(createProgram());

test.each(shells)('%s is told of every command and every flag', (shell) => {
  const script = completionScript(shell, tree);
  expect(allNodes(tree).length).toBeGreaterThan(18);
  for (const { name, options } of allNodes(tree)) {
    expect(script).toContain(name);
    for (const { flag } of options)
      expect(script).toContain(shell === 'fish' ? `-l ${flag.replace(/^--/, '')} ` : flag);
  }
});

/** What bash offers for the last word. */
function offered(...words: readonly string[]): string[] {
  const given = words.map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(${given}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${completionScript('bash', tree)}\n${asked}`], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, commands of commands, their flags and files', () => {
  expect(offered('sluice', 'st')).toEqual(expect.arrayContaining(['start', 'stop', 'status', 'state']));
  expect(offered('sluice', 'dead-letters', '')).toEqual(expect.arrayContaining(['list', 'show']));
  expect(offered('sluice', 'dead-letters', 'list', '--rea')).toEqual(['--reason']);
  expect(offered('sluice', 'dev', 'tsconfig.j')).toEqual(['tsconfig.json']);
  expect(offered('sluice', 'dev', '--input', 'tsconfig.j')).toEqual(['tsconfig.json']);
  // What only its user knows.
  expect(offered('sluice', 'dev', '--rate', '')).toEqual([]);
  expect(offered('sluice', 'stop', 'tsconfig.j')).toEqual([]);
});

test('the command prints it, and refuses other shells', async () => {
  expect(await runCommand('completion', 'zsh')).toMatchObject({ code: 0, stdout: completionScript('zsh', tree) });
  expect(await runCommand('completion', 'cmd')).toMatchObject({ code: 2, stderr: 'cmd: use one of bash, zsh, fish\n' });
});
