/** What was seen, field by field, for people and for programs. */
import { isKeyedByValues, merged, type Seen, stringFormats } from './seen-values.ts';

export type FieldStatistics = {
  /** `a.b`, `a[]` of items, `a{}` of values whose names are values themselves. */
  readonly field: string;
  /** Share of what it could be in, 0 to 1. */
  readonly present: number;
  /** How many values of each type. */
  readonly types: Readonly<Record<string, number>>;
  /** Worth knowing before a schema is written. */
  readonly notes: readonly string[];
  /** Longest text or list; null of other types. */
  readonly longest: number | null;
  /** Only where values are asked for. */
  readonly examples?: readonly string[];
};

export const statisticsOf = (seen: Seen): readonly FieldStatistics[] => below(seen, '');

function below(seen: Seen, path: string): readonly FieldStatistics[] {
  const { count, fields } = seen.objects;
  const of = (field: string, value: Seen, among: number) => [statistics(field, value, among), ...below(value, field)];
  const items = seen.arrays.items;
  return [
    ...(isKeyedByValues(seen)
      ? of(`${path}{}`, merged([...fields.values()]), 0)
      : [...fields].flatMap(([name, value]) => of(path === '' ? name : `${path}.${name}`, value, count))),
    ...(items === undefined ? [] : of(`${path}[]`, items, 0)),
  ];
}

function statistics(field: string, seen: Seen, among: number): FieldStatistics {
  const { numbers, strings, arrays, objects, examples } = seen;
  const types = {
    ...{ object: objects.count, array: arrays.count, string: strings.count },
    ...{ number: numbers.count, boolean: seen.booleans, null: seen.nulls },
  };
  return {
    field,
    present: among === 0 ? 1 : seen.count / among,
    types: Object.fromEntries(Object.entries(types).filter(([, count]) => count > 0)),
    notes: notesOf(seen),
    longest: strings.count + arrays.count === 0 ? null : Math.max(strings.longest, arrays.longest),
    ...(examples.size === 0 ? {} : { examples: [...examples] }),
  };
}

const formatNames = { dateTime: 'dates with times', date: 'dates', uuid: 'UUIDs' } as const;

function notesOf({ numbers, strings, arrays, objects, booleans }: Seen): string[] {
  const kinds = [numbers.count, strings.count, arrays.count, objects.count, booleans].filter((count) => count > 0);
  const format = stringFormats.find((name) => strings.count > 0 && strings.formats[name] === strings.count);
  const some = stringFormats.find((name) => strings.formats[name] > 0 && strings.formats[name] < strings.count);
  return [
    ...(kinds.length > 1 ? ['mixed types'] : []),
    ...(format === undefined ? [] : [formatNames[format]]),
    ...(some === undefined ? [] : [`some are ${formatNames[some]}`]),
    ...(numbers.beyondSafe > 0 ? ["beyond 2^53: json(Event, { largeIntegers: 'text' })"] : []),
    ...(numbers.count > 0 && numbers.epochMs === numbers.count ? ['perhaps epoch milliseconds'] : []),
    ...(numbers.count > 0 && numbers.whole === numbers.count && numbers.epochMs < numbers.count ? ['whole'] : []),
  ];
}
