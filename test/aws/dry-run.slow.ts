/** `npm run verify:aws` as it is called, as far as it goes without AWS. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('./verify.ts', import.meta.url));

function verify(...args: readonly string[]) {
  // With no way to anything that it could call.
  const env = { PATH: '/nowhere', AWS_REGION: 'eu-west-1' };
  const run = spawnSync(process.execPath, ['--conditions=sluice-source', script, ...args], { env, encoding: 'utf8' });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

test('a dry run prints the plan, and calls nothing', () => {
  const { code, stdout, stderr } = verify('--account', '123456789012', '--dry-run');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Account 123456789012, eu-west-1, stack SluiceVerify: nothing of this was done.');
  expect(stdout).toContain('npx cdk destroy SluiceVerify');
});

test('without an account it is refused, with the exit code of a wrong usage', () => {
  const { code, stdout, stderr } = verify('--dry-run');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('verify:aws: --account is missing: the 12 digits of the account that may be written to');
});
