/** What `sluice purge` refuses before it looks at anything. */
import { expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';

const unreachable = ['--table', 't', '--endpoint-url', 'http://127.0.0.1:1', '--yes'];

test('a purge is told of the bucket, or that there never was one: what lies in it would stay for good', async () => {
  const { code, stdout, stderr } = await runCommand('purge', '--pipeline', 'p', ...unreachable);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/--state-bucket.*--no-state-bucket.*nothing has changed/);
});

test.each([['--no-state-bucket'], ['--state-bucket', 'b']])('it goes to the table with %s', async (...said) => {
  const { code, stderr } = await runCommand('purge', '--pipeline', 'p', ...said, ...unreachable);
  expect(code).toBe(3);
  expect(stderr).not.toContain('--no-state-bucket');
});
