/** A function as the synthesised template describes it, ready to be called in this process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LocalProblem } from '../local-problem.ts';

type Resource = {
  readonly Type: string;
  readonly Properties: {
    readonly Timeout: number;
    readonly MemorySize: number;
    readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  };
  readonly Metadata?: { readonly SamResourceId?: string; readonly 'aws:asset:path'?: string };
};
export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

export type SynthesisedFunction = {
  readonly name: string;
  readonly bundle: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
};

export type Handler = (event: unknown, context: object) => Promise<unknown>;

export function readTemplate(outputFolder: string): Template {
  const { artifacts } = JSON.parse(readFileSync(join(outputFolder, 'manifest.json'), 'utf8'));
  const stacks = Object.values(artifacts as Record<string, { type: string; properties: { templateFile: string } }>);
  const stack = stacks.find(({ type }) => type === 'aws:cloudformation:stack');
  if (stack === undefined) throw new LocalProblem('usage', `There is no stack in ${outputFolder}.`);
  return JSON.parse(readFileSync(join(outputFolder, stack.properties.templateFile), 'utf8'));
}

/** A variable that names another resource gets that resource's logical id, which can serve as a name. */
export function synthesisedFunctions(outputFolder: string): Map<string, SynthesisedFunction> {
  const functions = new Map<string, SynthesisedFunction>();
  for (const { Type, Properties, Metadata } of Object.values(readTemplate(outputFolder).Resources)) {
    const name = Metadata?.SamResourceId;
    const asset = Metadata?.['aws:asset:path'];
    if (Type !== 'AWS::Lambda::Function' || name === undefined || asset === undefined) continue;
    const variables = Object.entries(Properties.Environment.Variables);
    functions.set(name, {
      name,
      bundle: join(outputFolder, asset, 'index.mjs'),
      timeoutMs: Properties.Timeout * 1000,
      environment: Object.fromEntries(variables.map(([key, value]) => [key, textOf(value)])),
    });
  }
  return functions;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::GetAtt': attribute } = value as { readonly Ref?: string; readonly 'Fn::GetAtt'?: string[] };
  const name = ref ?? attribute?.[0];
  if (name === undefined) throw new LocalProblem('usage', `Can't tell what ${JSON.stringify(value)} is.`);
  return name;
}

export async function loadHandler({ bundle }: SynthesisedFunction): Promise<Handler> {
  const { handler } = await import(pathToFileURL(bundle).href);
  return handler;
}

/** What Lambda passes beside the event. */
export function contextOf({ name, timeoutMs }: SynthesisedFunction): object {
  const deadline = Date.now() + timeoutMs;
  return {
    functionName: name,
    functionVersion: '1',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}:1`,
    memoryLimitInMB: '512',
    awsRequestId: crypto.randomUUID(),
    logGroupName: name,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}
