/** A server in the place of AWS that can be none is told by all commands in the same way, before anything is asked. */
import { afterEach, expect, test, vi } from 'vitest';
import { runCommand } from '../support/run-command.ts';

afterEach(() => vi.unstubAllEnvs());

const help = 'use a URL such as http://127.0.0.1:4567';

test.each([
  ['status', '--pipeline', 'p'],
  ['stop', '--pipeline', 'p'],
  ['progress', '--pipeline', 'p'],
  ['dead-letters', 'list', '--pipeline', 'p'],
  ['page', '--pipeline', 'p'],
  ['doctor', '--pipeline', 'p'],
  ['start', '--pipeline', 'p', '--state-machine', 'arn:aws:states:us-east-1:000000000000:stateMachine:p'],
  ['tail', '--stream', 's'],
])('%s refuses what is no URL of http', async (...command) => {
  for (const url of ['here', 'ftp://127.0.0.1:1'])
    expect(await runCommand(...command, '--endpoint-url', url)).toEqual({
      ...{ code: 2, stdout: '', stderr: `--endpoint-url ${url}: ${help}\n` },
    });
});

test('so it is with one of the environment, which is named', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'here');
  const stderr = `AWS_ENDPOINT_URL_DYNAMODB here: ${help}\n`;
  expect(await runCommand('status', '--pipeline', 'p')).toMatchObject({ code: 2, stderr });
  expect(await runCommand('tail', '--stream', 's')).toMatchObject({ code: 2, stderr });
});
