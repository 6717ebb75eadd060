/** Where an event stood in the shard that its sender has read. */
import { isAfter } from '../position.ts';

/** `sub`: infinite behind a whole record, -1 before the first event of one. */
export type Place = { readonly sequence: string; readonly sub: number };

const form = /^(0|[1-9]\d{0,127})(?:\.(-1|\d{1,9}))?$/;

/** As positions are told: `495…` is behind that record, `495….3` behind its event 3. Undefined: it names no record. */
export function placeIn(text: string): Place | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [, sequence, sub] = found;
  return { sequence: sequence!, sub: sub === undefined ? Number.POSITIVE_INFINITY : Number(sub) };
}

/** Whether what is read up to `one` has `other` in it. */
export const reaches = (one: Place, other: Place): boolean =>
  one.sequence === other.sequence ? one.sub >= other.sub : isAfter(one.sequence, other.sequence);

export const later = (one: Place | undefined, other: Place | undefined): Place | undefined => {
  if (one === undefined || other === undefined) return one ?? other;
  return reaches(one, other) ? one : other;
};
