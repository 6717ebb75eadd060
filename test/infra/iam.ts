/**
 * What IAM says to a call, by the statements of a template: as far as statements of this project go. An operator or an intrinsic function that it does not
 * know is an error, not a refusal.
 *
 * IAM evaluates each statement by itself: a call is allowed if one of them allows it, and none denies it.
 */
import type { Statement } from './stack.ts';

export type Ask = {
  readonly action: string;
  readonly resource: string;
  /** Of the request: a key that is absent is not in it. */
  readonly context: Readonly<Record<string, readonly string[]>>;
};

export type Template = { readonly Resources: Readonly<Record<string, { readonly Type: string }>> };

export const account = '123456789012';
export const region = 'eu-west-1';

export function allows(statements: readonly Statement[], ask: Ask, template: Template): boolean {
  const speaking = statements.filter((statement) => speaks(statement, ask, template));
  return speaking.some(({ Effect }) => Effect === 'Allow') && !speaking.some(({ Effect }) => Effect === 'Deny');
}

function speaks(statement: Statement, ask: Ask, template: Template): boolean {
  const { Action, Resource, Condition } = statement;
  return (
    [Action].flat().some((action) => isLike(String(action), ask.action)) &&
    [Resource].flat().some((resource) => isLike(resolved(resource, template), ask.resource)) &&
    conditionsOf(Condition).every((condition) => holds(condition, ask, template))
  );
}

/** `*` and `?`, as IAM has them. */
export function isLike(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '[\\s\\S]*').replaceAll('?', '[\\s\\S]')}$`).test(text);
}

type Condition = { readonly operator: string; readonly key: string; readonly values: readonly unknown[] };

const conditionsOf = (condition: unknown): readonly Condition[] =>
  Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values: [values].flat() })),
  );

function holds({ operator, key, values }: Condition, { context }: Ask, template: Template): boolean {
  const wanted = values.map((value) => resolved(value, template));
  const given = context[key];
  const matches = (test: (pattern: string, text: string) => boolean) => (text: string) =>
    wanted.some((pattern) => test(pattern, text));
  const isSame = (pattern: string, text: string): boolean => pattern === text;
  switch (operator) {
    // Also of no value: what has none is not held by it.
    case 'ForAllValues:StringLike':
      return (given ?? []).every(matches(isLike));
    case 'ForAllValues:StringEquals':
      return (given ?? []).every(matches(isSame));
    case 'StringLikeIfExists':
      return given === undefined || given.some(matches(isLike));
    case 'StringLike':
    case 'ArnLike':
      return given?.some(matches(isLike)) === true;
    case 'StringEquals':
      return given?.some(matches(isSame)) === true;
    default:
      throw new Error(`condition ${operator} is not known here`);
  }
}

/** A value of a template as it is once deployed: a resource by its logical id. */
export function resolved(value: unknown, template: Template): string {
  if (typeof value === 'string') return value;
  const [[name, given] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Ref') return pseudo[given as string] ?? (given as string);
  if (name === 'Fn::GetAtt') return arnOf((given as string[])[0]!, template);
  if (name === 'Fn::Join') {
    const [separator, parts] = given as [string, unknown[]];
    return parts.map((part) => resolved(part, template)).join(separator);
  }
  throw new Error(`${name} is not known here`);
}

const pseudo: Readonly<Record<string, string>> = {
  ...{ 'AWS::Partition': 'aws', 'AWS::Region': region, 'AWS::AccountId': account, 'AWS::URLSuffix': 'amazonaws.com' },
};

const arns: Readonly<Record<string, (id: string) => string>> = {
  'AWS::DynamoDB::Table': (id) => `arn:aws:dynamodb:${region}:${account}:table/${id}`,
  'AWS::Kinesis::Stream': (id) => `arn:aws:kinesis:${region}:${account}:stream/${id}`,
  'AWS::S3::Bucket': (id) => `arn:aws:s3:::${id}`,
};

const arnOf = (id: string, { Resources }: Template): string => {
  const type = Resources[id]?.Type ?? 'none';
  return arns[type]?.(id) ?? `arn:aws:${type.split('::')[1]?.toLowerCase()}:${region}:${account}:${id}`;
};
