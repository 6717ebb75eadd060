/** Whether an item meets a condition, and whether the condition makes sense with the values given. */
import { type Attribute, beginsWith, compareValues, type StoredItem, typeOf } from './attribute.ts';
import type { Comparator, Condition } from './condition.ts';
import { refuse } from './errors.ts';
import { nameOf, type Placeholders, valueIn } from './placeholders.ts';

/** An item that is not there is met as one without attributes. */
export function meets(item: StoredItem, condition: Condition, placeholders: Placeholders): boolean {
  const value = (operand: Parameters<typeof valueIn>[0]) => valueIn(operand, item, placeholders);
  switch (condition.kind) {
    case 'and':
      return meets(item, condition.left, placeholders) && meets(item, condition.right, placeholders);
    case 'or':
      return meets(item, condition.left, placeholders) || meets(item, condition.right, placeholders);
    case 'not':
      return !meets(item, condition.of, placeholders);
    case 'group':
      return meets(item, condition.of, placeholders);
    case 'exists':
      return value(condition.of) !== undefined;
    case 'missing':
      return value(condition.of) === undefined;
    case 'compare':
      return holds(condition.comparator, orderOf(value(condition.left), value(condition.right)));
    case 'between':
      return (
        holds('>=', orderOf(value(condition.of), value(condition.from))) &&
        holds('<=', orderOf(value(condition.of), value(condition.to)))
      );
    case 'begins-with': {
      const of = value(condition.of);
      const prefix = value(condition.prefix);
      return of !== undefined && prefix !== undefined && beginsWith(of, prefix);
    }
  }
}

/** What is missing, or of another type, has no order: it is only unequal. */
const orderOf = (one: Attribute | undefined, other: Attribute | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : compareValues(one, other);

function holds(comparator: Comparator, order: number | undefined): boolean {
  if (order === undefined) return comparator === '<>';
  switch (comparator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Refuses what is wrong whatever the item is. */
export function checkCondition(condition: Condition, placeholders: Placeholders): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkCondition(condition.left, placeholders);
      checkCondition(condition.right, placeholders);
      return;
    case 'not':
    case 'group':
      checkCondition(condition.of, placeholders);
      return;
    case 'compare':
      checkDistinct(condition.left, condition.right, placeholders);
      return;
    case 'between':
      checkBounds(placeholders.values[condition.from.text], placeholders.values[condition.to.text]);
      return;
    case 'begins-with':
      checkDistinct(condition.of, condition.prefix, placeholders);
      for (const { kind, text } of [condition.of, condition.prefix]) {
        if (kind === 'value' && placeholders.values[text]!.N !== undefined)
          throw refuse('Incorrect operand type for operator or function; function: begins_with, operand type: N');
      }
  }
}

function checkDistinct(one: Parameters<typeof nameOf>[0], other: typeof one, placeholders: Placeholders): void {
  if (one.kind === 'value' || other.kind === 'value') return;
  if (nameOf(one, placeholders) !== nameOf(other, placeholders)) return;
  throw refuse('The first operand must be distinct from the remaining operands for this operator or function');
}

export function checkBounds(from: Attribute | undefined, to: Attribute | undefined): void {
  if (from === undefined || to === undefined) return;
  if (typeOf(from) !== typeOf(to)) throw refuse('The BETWEEN operator requires same data type for both bounds');
  if (compareValues(from, to)! > 0) throw refuse('The BETWEEN operator requires upper bound >= lower bound');
}
