/**
 * Where the construct does otherwise than the rules of cdk-nag say, and why. An app that is checked with them finds nothing of Sluice's. The reasons
 * stand here once; a test runs the rules on all kinds of stacks, so what is not here is a finding.
 */
import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

const reasons = {
  'AwsSolutions-S1':
    'The bucket holds values that only the functions of its pipelines read and write, by names that are never used again. CloudTrail data events log who reads it, where that is asked for.',
  'AwsSolutions-SF1':
    'Level ALL would log every transition of a loop that never ends. Errors are logged; what a batch did is in its report.',
  'AwsSolutions-SF2':
    'Tracing is an option: each trace is billed, and the report of a batch has the times of its steps.',
  'AwsSolutions-KDS3': 'The stream has the key that the app gave.',
  'Serverless-LambdaDLQ':
    'The function is called by Step Functions only, which waits for its answer: no call is queued, so none can go to a dead letter target.',
  'Serverless-LambdaTracing': 'As AwsSolutions-SF2.',
  'Serverless-LambdaStarPermissions':
    'Lambda makes network interfaces with the role, for which IAM has no resource; the code of the function is denied the same.',
  'Serverless-StepFunctionStateMachineXray': 'As AwsSolutions-SF2.',
};

const wildcardReason =
  'Each wildcard stands behind the name of one thing: versions of a function, objects below the name of the pipeline, a consumer and the time of its registration. ' +
  'On * are only actions for which IAM has no resource: log deliveries, traces, and the network interfaces of Lambda.';

export type Rule = keyof typeof reasons;

/** For the construct and all below it. */
export function acknowledge(construct: IConstruct, rules: readonly Rule[]): void {
  for (const id of rules) Validations.of(construct).acknowledge({ id, reason: reasons[id] });
}

/** Of what these statements allow on resources with a `*`: each resource is a finding of its own. */
export function acknowledgeWildcards(construct: IConstruct, statements: readonly PolicyStatement[]): void {
  const stack = Stack.of(construct);
  const allowed = statements.filter(({ effect }) => effect === Effect.ALLOW);
  const resources = allowed.flatMap((statement) => statement.resources.map((arn) => flat(stack.resolve(arn))));
  for (const resource of resources.filter((text) => text.includes('*')))
    Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: wildcardReason });
}

type Reference = string | { readonly [name: string]: readonly unknown[] | string };

/** As the rule writes a reference: `<Bucket.Arn>/departures/*`. */
function flat(reference: Reference): string {
  if (typeof reference === 'string') return reference;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: ref } = reference;
  if (join !== undefined) return (join[1] as unknown as Reference[]).map(flat).join(join[0] as string);
  return `<${attribute === undefined ? ref : (attribute as string[]).join('.')}>`;
}
