/** Stacks with pipelines, made without bundling: these tests look at the template only. */
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SluicePipeline, type SluicePipelineProps } from '../../infra/index.ts';

export type Properties = Record<string, unknown>;
export type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
};

export const examples = {
  departures: 'examples/departures.ts',
  republish: 'examples/republish.ts',
  fanOut: 'test/infra/pipelines/fan-out.ts',
  adopting: 'test/infra/pipelines/adopting.ts',
  fixedName: 'test/infra/pipelines/fixed-name.ts',
  fixedNameRenamed: 'test/infra/pipelines/fixed-name-renamed.ts',
  givenConsumer: 'test/infra/pipelines/given-consumer.ts',
};

export function newStack(env: Environment = {}): Stack {
  const context = { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:validateAgainstDefaultRules': true };
  return new Stack(new App({ context, analyticsReporting: false }), 'Test', { env });
}

/** Without a bucket: what it brings is looked at by itself. */
export function synthesise(props: Partial<SluicePipelineProps> = {}) {
  const stack = newStack();
  const pipeline = new SluicePipeline(stack, 'Departures', {
    pipeline: examples.departures,
    source: {},
    sink: {},
    stateBucket: false,
    ...props,
  });
  return { stack, pipeline, template: Template.fromStack(stack) };
}

export function resources(
  template: Template,
  type: string,
): { readonly id: string; readonly properties: Properties }[] {
  return Object.entries(template.findResources(type)).map(([id, { Properties }]) => ({ id, properties: Properties }));
}

/** Every statement of every policy, with the role it belongs to. */
export function statements(template: Template): { readonly role: string; readonly statement: Statement }[] {
  type Document = { readonly Statement: readonly Statement[] };
  const inline = resources(template, 'AWS::IAM::Role').flatMap(({ id, properties }) => {
    const policies = (properties.Policies ?? []) as { readonly PolicyDocument: Document }[];
    return policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.map((statement) => ({ role: id, statement })),
    );
  });
  const attached = resources(template, 'AWS::IAM::Policy').flatMap(({ properties }) => {
    const { Roles, PolicyDocument } = properties as { Roles: { Ref: string }[]; PolicyDocument: Document };
    return Roles.flatMap(({ Ref: role }) => PolicyDocument.Statement.map((statement) => ({ role, statement })));
  });
  return [...inline, ...attached];
}

export function actionsOf({ Action: actions }: Statement): readonly string[] {
  return typeof actions === 'string' ? [actions] : actions;
}
