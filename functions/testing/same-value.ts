/** Whether two values say the same, in all of what the first of them names or in everything. */

/** Numbers that are none are equal to each other; so are lists, plain objects, dates and bytes of the same content. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other || Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (one instanceof Date || other instanceof Date)
    return one instanceof Date && other instanceof Date && Object.is(one.getTime(), other.getTime());
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => hasSame(one, other, name));
}

/** Whether the other has, under each name of the first, the same; of what is no plain object, whether it is the same. */
export function isPartOf(part: unknown, whole: unknown): boolean {
  if (!isRecord(part) || !isRecord(whole)) return isSame(part, whole);
  return Object.keys(part).every((name) => hasSame(part, whole, name));
}

const hasSame = (one: object, other: object, name: string): boolean =>
  Object.hasOwn(other, name) && isSame(one[name as keyof object], other[name as keyof object]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

export type Matched<Wanted, Found> = { readonly missing: readonly Wanted[]; readonly surplus: readonly Found[] };

/**
 * What is left when each of those wanted has taken one of those found, in whatever order they stand, and as many have as can.
 * One that would fit several may have to leave the one it took to another: so a general match, not the first that fits.
 */
export function matchAll<Wanted, Found>(
  wanted: readonly Wanted[],
  found: readonly Found[],
  fits: (wanted: Wanted, found: Found) => boolean,
): Matched<Wanted, Found> {
  /** By place in `found`, who took it. */
  const takenBy = new Map<number, number>();
  const take = (who: number, asked: Set<number>): boolean =>
    found.some((each, place) => {
      if (asked.has(place) || !fits(wanted[who]!, each)) return false;
      asked.add(place);
      const owner = takenBy.get(place);
      if (owner !== undefined && !take(owner, asked)) return false;
      takenBy.set(place, who);
      return true;
    });
  const missing = wanted.filter((_, who) => !take(who, new Set()));
  return { missing, surplus: found.filter((_, place) => !takenBy.has(place)) };
}
