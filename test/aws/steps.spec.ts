/** The plan of a run, as `--dry-run` prints it. */
import { describe, expect, test } from 'vitest';
import { planText } from './report.ts';
import type { Settings } from './settings.ts';
import { partsOf, type Step, stepsOf } from './steps.ts';

const settings: Settings = {
  ...{ account: '123456789012', region: 'eu-west-1', profile: undefined, stack: 'SluiceVerify' },
  ...{ fisRole: undefined, events: 20_000, isDry: true },
};
const withFis = { ...settings, fisRole: 'arn:aws:iam::123456789012:role/fis' };
const kinds = (steps: readonly Step[]) => steps.map(({ kind }) => kind);

describe('the steps', () => {
  test('look first, make then, and destroy last', () => {
    expect(kinds(stepsOf(settings))).toEqual([
      ...['who', 'absent', 'deploy', 'start', 'put', 'split', 'put', 'kill', 'put', 'merge', 'burst', 'settle'],
      ...['compare', 'measure', 'cost', 'destroy'],
    ]);
    expect(stepsOf(settings).findIndex(({ makes }) => makes)).toBe(2);
  });

  test('have an experiment if there is a role for it, and take it away in any case', () => {
    const steps = stepsOf(withFis);
    expect(kinds(steps).slice(8, 13)).toEqual(['put', 'merge', 'put', 'fis', 'burst']);
    expect(kinds(steps.filter(({ always }) => always))).toEqual(['end-fis', 'destroy']);
  });

  test('put each part of the events once', () => {
    const parts = (of: Settings) => stepsOf(of).flatMap(({ part }) => part ?? []);
    expect(parts(settings)).toEqual([0, 1, 2, 3]);
    expect(parts(withFis)).toEqual([0, 1, 2, 3, 4]);
    expect(partsOf(stepsOf(withFis))).toBe(5);
  });
});

test('a dry run prints every step and every call', () => {
  const text = planText(withFis, stepsOf(withFis));
  expect(text.split('\n')[0]).toBe('Account 123456789012, eu-west-1, stack SluiceVerify: nothing of this was done.');
  const context =
    '-c stack=SluiceVerify -c sourceShards=2 -c sinkShards=1 -c stateMachineType=STANDARD -c schedule=off';
  for (const line of [
    '3. the example is deployed (from here on all is destroyed at the end, also after Ctrl-C)',
    '     aws sts get-caller-identity --output json',
    `     npx cdk deploy SluiceVerify ${context} --require-approval never --outputs-file cdk.out/verify-outputs.json`,
    '     Kinesis PutRecords (<SourceStreamName>), until it is so',
    '     Kinesis SplitShard (<SourceStreamName>)',
    '     StepFunctions StopExecution (<StateMachineArn>)',
    "     aws fis get-experiment --id '<experiment>' --output json, until it is so",
    '19. the stack is destroyed (in any case)',
    `     npx cdk destroy SluiceVerify ${context} --force`,
  ]) {
    expect(text.split('\n'), text).toContain(line);
  }
  const [template = ''] = /create-experiment-template --cli-input-json '(.*)' --output/.exec(text)?.slice(1) ?? [];
  expect(JSON.parse(template)).toMatchObject({
    roleArn: withFis.fisRole,
    targets: { functions: { resourceType: 'aws:iam:role', selectionMode: 'ALL' } },
    actions: {
      internal: { actionId: 'aws:fis:inject-api-internal-error', parameters: { service: 'kinesis', duration: 'PT2M' } },
      throttled: { startAfter: ['internal'] },
      unavailable: { startAfter: ['throttled'] },
    },
  });
});
