/**
 * What a function says of a batch, as it says it to an event source mapping with ReportBatchItemFailures.
 *
 * Nothing failed: no answer, null, no list, null in its place, an empty list, and what is no object. All of it failed: what stands
 * there is no list, or names anything that is not in the batch: an empty identifier, null, none.
 */
export function failuresIn(answer: unknown, length: number): ReadonlySet<number> | 'all' {
  const listed = isObject(answer) ? answer.batchItemFailures : undefined;
  if (listed === undefined || listed === null) return new Set();
  if (!Array.isArray(listed)) return 'all';
  const places = listed.map((item) => placeOf(isObject(item) ? item.itemIdentifier : undefined, length));
  return places.includes(undefined) ? 'all' : new Set(places as readonly number[]);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function placeOf(identifier: unknown, length: number): number | undefined {
  const isPlace = typeof identifier === 'string' && /^(0|[1-9]\d{0,4})$/.test(identifier);
  return isPlace && Number(identifier) < length ? Number(identifier) : undefined;
}
