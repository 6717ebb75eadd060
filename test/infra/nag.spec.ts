/**
 * The rules of cdk-nag on all kinds of stacks: no finding. What the construct acknowledges, with the reason, is in `infra/acknowledgements.ts`; apps have
 * their own, of what is theirs.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { afterAll, expect, test } from 'vitest';
import { templateCases } from './template-cases.ts';

type Report = {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
};

const outdir = mkdtempSync(join(tmpdir(), 'sluice-nag-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** As `rule at construct`. */
function findings(make: (app: App) => void): readonly string[] {
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  make(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  try {
    app.synth();
  } catch {
    // The report says why.
  }
  const { pluginReports }: Report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  return pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs: where }) =>
      where.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    ),
  );
}

test('no stack has a finding', () => {
  const found = findings((app) => {
    for (const [name, make] of Object.entries(templateCases)) make(new Stack(app, name));
  });
  expect(found).toEqual([]);
});

test('what an app makes itself beside a pipeline is still judged', () => {
  const found = findings((app) => {
    const stack = new Stack(app, 'Own');
    templateCases.Standard!(stack);
    new Bucket(stack, 'Bucket');
    new Policy(stack, 'Policy', {
      roles: [Role.fromRoleName(stack, 'Role', 'role')],
      statements: [new PolicyStatement({ actions: ['s3:*'], resources: ['*'] })],
    });
    new LambdaFunction(stack, 'Function', {
      ...{ code: Code.fromInline('1'), handler: 'index.handler', runtime: Runtime.NODEJS_24_X },
    });
  });
  expect(found).toEqual(
    expect.arrayContaining([
      'AwsSolutions-S10 at Own/Bucket/Resource',
      'AwsSolutions-IAM5[Resource::*] at Own/Policy/Resource',
      'Serverless-LambdaDLQ at Own/Function/Resource',
    ]),
  );
  expect(found.filter((finding) => finding.includes('/Departures/'))).toEqual([]);
});
