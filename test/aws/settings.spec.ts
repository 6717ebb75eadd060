import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const account = ['--account', '123456789012'];
const problemsOf = (args: readonly string[], environment = {}) => {
  const read = readSettings(args, environment);
  return read.kind === 'invalid' ? read.problems : [];
};

test('an account and a region are enough', () => {
  expect(readSettings([...account, '--region', 'eu-west-1'], { AWS_PROFILE: 'mine' })).toEqual({
    kind: 'valid',
    settings: {
      ...{ account: '123456789012', region: 'eu-west-1', profile: 'mine', stack: 'SluiceVerify' },
      ...{ fisRole: undefined, events: 20_000, isDry: false },
    },
  });
  expect(problemsOf(account, { AWS_REGION: 'us-east-1' })).toEqual([]);
});

test('nothing stands for the account but what is said', () => {
  expect(problemsOf(['--region', 'eu-west-1'], { AWS_ACCOUNT_ID: '123456789012' })).toEqual([
    expect.stringMatching(/^--account is missing: the 12 digits/),
  ]);
});

test('all that is wrong is told at once', () => {
  const role = 'arn:aws:iam::999999999999:role/fis';
  const args = ['--account', '12', '--region', 'here', '--stack', '1', '--fis', role, '--events', '20001'];
  expect(problemsOf(args, { AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:1' })).toEqual([
    expect.stringMatching(/^--account 12: the 12 digits/),
    expect.stringMatching(/^--region here: /),
    expect.stringMatching(/^--stack 1: /),
    expect.stringMatching(/^--fis .*: the ARN of a role of account 12/),
    expect.stringMatching(/^--events 20001: a whole number from 100 to 20,000/),
    'AWS_ENDPOINT_URL_SFN is set: this is about AWS itself',
  ]);
  expect(problemsOf([...account, '--keep'])).toEqual([
    expect.stringMatching(/'--keep'.* Its options: --account, --region, /),
  ]);
});
