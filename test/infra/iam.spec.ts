/** The evaluation of statements itself, on what IAM is documented to do. */
import { describe, expect, test } from 'vitest';
import { type Ask, allows, isLike } from './iam.ts';
import type { Statement } from './stack.ts';

const template = { Resources: { Table: { Type: 'AWS::DynamoDB::Table' } } };
const table = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Table';
const statement = (more: Partial<Statement> = {}): Statement => ({
  ...{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } },
  ...more,
});
const ask = (keys?: readonly string[], more: Partial<Ask> = {}): Ask => ({
  ...{ action: 'dynamodb:GetItem', resource: table },
  context: keys === undefined ? {} : { 'dynamodb:LeadingKeys': keys },
  ...more,
});
const own = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['a', 'a/*'] } };

describe('a statement', () => {
  test('is for its actions on its resources', () => {
    expect(allows([statement()], ask(), template)).toBe(true);
    expect(allows([statement()], ask([], { action: 'dynamodb:PutItem' }), template)).toBe(false);
    expect(allows([statement()], ask([], { resource: `${table}2` }), template)).toBe(false);
    expect(allows([], ask(), template)).toBe(false);
  });

  test('with a condition on all values needs each of them, and holds for none', () => {
    const confined = [statement({ Condition: own })];
    expect(allows(confined, ask(['a', 'a/b']), template)).toBe(true);
    expect(allows(confined, ask(['a', 'b']), template)).toBe(false);
    expect(allows(confined, ask(['ab']), template)).toBe(false);
    expect(allows(confined, ask(), template)).toBe(true);
  });

  test('that denies is stronger than one that allows', () => {
    expect(allows([statement(), statement({ Effect: 'Deny', Condition: own })], ask(['b']), template)).toBe(true);
    expect(allows([statement(), statement({ Effect: 'Deny', Condition: own })], ask(['a']), template)).toBe(false);
  });

  test('is not guessed at', () => {
    const odd = [statement({ Condition: { NumericEquals: { 'a:b': '1' } } })];
    expect(() => allows(odd, ask(), template)).toThrow('NumericEquals is not known');
    expect(() => allows([statement({ Resource: { 'Fn::Sub': 'x' } })], ask(), template)).toThrow('Fn::Sub');
  });
});

test('a pattern has * and ?, and no other signs', () => {
  expect(isLike('a/*', 'a/b/c')).toBe(true);
  expect(isLike('a/*', 'a')).toBe(false);
  expect(isLike('a.b', 'axb')).toBe(false);
  expect(isLike('a?c', 'abc')).toBe(true);
});
