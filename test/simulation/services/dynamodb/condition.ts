/** Condition expressions: OR over AND over NOT over comparisons and functions. */
import { notSimulated, refuse } from './errors.ts';
import { type Operand, remembering, Tokens } from './tokens.ts';

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not' | 'group'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly of: Operand; readonly from: Operand; readonly to: Operand }
  | { readonly kind: 'exists' | 'missing'; readonly of: Operand }
  | { readonly kind: 'begins-with'; readonly of: Operand; readonly prefix: Operand };

export type Used = { readonly names: ReadonlySet<string>; readonly values: ReadonlySet<string> };
export type ParsedCondition = Used & { readonly condition: Condition };

const comparators: ReadonlySet<string> = new Set<Comparator>(['=', '<>', '<', '<=', '>', '>=']);
const notLearnt: ReadonlySet<string> = new Set(['size', 'contains', 'attribute_type']);

export const parseCondition = remembering((text: string): ParsedCondition => {
  const tokens = new Tokens(text);
  const condition = either(tokens);
  tokens.end();
  return { condition, ...tokens.used };
});

function either(tokens: Tokens): Condition {
  let left = both(tokens);
  while (tokens.skip('OR')) left = { kind: 'or', left, right: both(tokens) };
  return left;
}

function both(tokens: Tokens): Condition {
  let left = negated(tokens);
  while (tokens.skip('AND')) left = { kind: 'and', left, right: negated(tokens) };
  return left;
}

function negated(tokens: Tokens): Condition {
  return tokens.skip('NOT') ? { kind: 'not', of: negated(tokens) } : primary(tokens);
}

function primary(tokens: Tokens): Condition {
  if (tokens.peek() === '(') return grouped(tokens);
  if (tokens.peek(1) === '(' && /^[A-Za-z]/.test(tokens.peek()!)) return called(tokens);
  return compared(tokens);
}

function grouped(tokens: Tokens): Condition {
  tokens.expect('(');
  const inner = either(tokens);
  tokens.expect(')');
  if (inner.kind === 'group') throw refuse('The expression has redundant parentheses');
  return { kind: 'group', of: inner };
}

function called(tokens: Tokens): Condition {
  const name = tokens.next();
  tokens.expect('(');
  if (name === 'attribute_exists' || name === 'attribute_not_exists') {
    const of = tokens.operand();
    tokens.expect(')');
    if (of.kind === 'value') throw refuse(`Operator or function requires a document path; function: ${name}`);
    return { kind: name === 'attribute_exists' ? 'exists' : 'missing', of };
  }
  if (notLearnt.has(name)) throw notSimulated(`the function ${name}`);
  if (name !== 'begins_with') throw refuse(`Invalid function name; function: ${name}`);
  const of = tokens.operand();
  tokens.expect(',');
  const prefix = tokens.operand();
  tokens.expect(')');
  return { kind: 'begins-with', of, prefix };
}

function compared(tokens: Tokens): Condition {
  const left = tokens.operand();
  if (tokens.skip('BETWEEN')) {
    const from = tokens.operand();
    tokens.expect('AND');
    return { kind: 'between', of: left, from, to: tokens.operand() };
  }
  const comparator = tokens.next();
  if (comparator.toUpperCase() === 'IN') throw notSimulated('IN');
  if (!comparators.has(comparator)) throw tokens.error(comparator);
  return { kind: 'compare', comparator: comparator as Comparator, left, right: tokens.operand() };
}
