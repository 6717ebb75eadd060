/** Key conditions: one partition key, and of its sort keys all or one range. */
import type { Attribute } from './attribute.ts';
import { keyText } from './calls.ts';
import type { Comparator, Condition } from './condition.ts';
import { refuse } from './errors.ts';
import type { Partition } from './partition.ts';
import { nameOf, type Placeholders } from './placeholders.ts';
import { compareText } from './text-order.ts';
import type { Operand } from './tokens.ts';

type By = Exclude<Comparator, '<>'> | 'between' | 'begins-with';
/** `to` is for 'between'. */
export type SortRange = { readonly by: By; readonly from: string; readonly to: string };

type Part = { readonly by: By; readonly of: Operand; readonly from: Operand; readonly to: Operand };

export function rangeOf(
  condition: Condition,
  placeholders: Placeholders,
): { readonly pk: string; readonly range: SortRange | undefined } {
  const parts = new Map<string, Part>();
  for (const part of partsOf(condition)) {
    if (part.of.kind === 'value' || part.from.kind === 'path' || part.to.kind === 'path')
      throw refuse('Invalid condition in KeyConditionExpression: a key attribute and values are expected');
    const name = nameOf(part.of, placeholders);
    if (parts.has(name)) throw refuse('KeyConditionExpressions must only contain one condition per key');
    parts.set(name, part);
  }
  const text = (operand: Operand, name: 'pk' | 'sk') =>
    keyText((placeholders.values[operand.text] as Attribute).S, name);
  const [pk, sk] = [parts.get('pk'), parts.get('sk')];
  if (pk === undefined || parts.size > (sk === undefined ? 1 : 2)) throw refuse('Query condition missed key schema');
  if (pk.by !== '=') throw refuse('Query key condition not supported');
  return {
    pk: text(pk.from, 'pk'),
    range: sk === undefined ? undefined : { by: sk.by, from: text(sk.from, 'sk'), to: text(sk.to, 'sk') },
  };
}

const swapped: Readonly<Record<Comparator, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function partsOf(condition: Condition): Part[] {
  switch (condition.kind) {
    case 'and':
      return [...partsOf(condition.left), ...partsOf(condition.right)];
    case 'group':
      return partsOf(condition.of);
    case 'between':
      return [{ by: 'between', of: condition.of, from: condition.from, to: condition.to }];
    case 'begins-with':
      return [{ by: 'begins-with', of: condition.of, from: condition.prefix, to: condition.prefix }];
    case 'compare': {
      const { comparator, left, right } = condition;
      const isSwapped = left.kind === 'value';
      const by = isSwapped ? swapped[comparator] : comparator;
      if (by === '<>') throw refuse('Invalid operator used in KeyConditionExpression: <>');
      const [of, value] = isSwapped ? [right, left] : [left, right];
      return [{ by, of, from: value, to: value }];
    }
    default:
      throw refuse(`Invalid operator used in KeyConditionExpression: ${condition.kind}`);
  }
}

/** Places in the order of sort keys, from `first` to before `end`. */
export type Places = { readonly first: number; readonly end: number };

export function placesOf(partition: Partition, range: SortRange | undefined): Places {
  const { size } = partition;
  switch (range?.by) {
    case '=':
      return { first: partition.firstFrom(range.from), end: partition.firstAfter(range.from) };
    case '<':
      return { first: 0, end: partition.firstFrom(range.from) };
    case '<=':
      return { first: 0, end: partition.firstAfter(range.from) };
    case '>':
      return { first: partition.firstAfter(range.from), end: size };
    case '>=':
      return { first: partition.firstFrom(range.from), end: size };
    case 'between':
      return { first: partition.firstFrom(range.from), end: partition.firstAfter(range.to) };
    case 'begins-with':
      return { first: partition.firstFrom(range.from), end: partition.firstPast(range.from) };
    case undefined:
      return { first: 0, end: size };
  }
}

export function isWithin(sk: string, range: SortRange | undefined): boolean {
  if (range === undefined) return true;
  const order = compareText(sk, range.from);
  switch (range.by) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case 'between':
      return order >= 0 && compareText(sk, range.to) <= 0;
    case 'begins-with':
      return sk.startsWith(range.from);
  }
}
