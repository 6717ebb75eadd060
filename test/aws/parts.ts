/** The events in parts, and when each was put. */

/** `count` parts of about one size, in order; the last has what is left over. */
export function inParts<Item>(items: readonly Item[], count: number): readonly (readonly Item[])[] {
  const size = Math.floor(items.length / count);
  return Array.from({ length: count }, (_, at) =>
    items.slice(at * size, at === count - 1 ? items.length : (at + 1) * size),
  );
}

/** A part in pieces, each put by itself: when it was is known of each. */
export function* inPieces<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Some events that had been put at a time; `latest`: the greatest event time of them. */
export type Put = { readonly at: number; readonly latest: number };
