/**
 * The identity that a Sluice sink has written into a record, read from the record's last bytes.
 *
 * IDENTITY-1 It is the last field of a JSON object, as `withIdentity` puts it. Whatever else a record is, it has none, and nothing is
 *    thrown: the record is one of a producer that says nothing of repeats.
 * IDENTITY-2 One that no sink would write (a part is missing, or is no such value; a `ref` that lies ahead of the record's arrival; a
 *    `base` that is not before its event) counts as none: it would make the reader forget, or drop, what others have sent.
 */
import type { EventIdentity, ResultIdentity } from '../../sinks/identity.ts';
import { type Place, placeIn, reaches } from './place.ts';

/** By which repeats of a result's row are found. `sender`: pipeline, generation and output, as a JSON array. */
export type RowName = Pick<ResultIdentity, 'ref' | 'group' | 'index' | 'row'> & {
  readonly kind: 'row';
  readonly sender: string;
};
/** By which those of an event's record are. `sender` has its source and shard as well; `base`: undefined where the try began at no event. */
export type EventName = Pick<EventIdentity, 'index'> & {
  readonly kind: 'event';
  readonly sender: string;
  readonly place: Place;
  readonly base: Place | undefined;
  /** Of one that was sent after the seal. */
  readonly ref: number | undefined;
};
export type SentName = RowName | EventName;

/** Names, a key of at most 256 bytes, each of which may be an escape of six, and numbers. */
const longestIdentity = 4_096;
const longestName = 256;
/** Refs begin as a time, and grow by less than one a millisecond. Clocks are off by less. */
const aheadMs = 86_400_000;

const decoder = new TextDecoder();
/** The ends of both braces. */
const [closing] = new TextEncoder().encode('}');

export function identityIn(data: Uint8Array, field: string, arrivedAt: number): SentName | undefined {
  if (data.at(-1) !== closing || data.at(-2) !== closing) return undefined;
  const text = decoder.decode(data.subarray(-longestIdentity));
  const name = `${JSON.stringify(field)}:{`;
  const at = text.lastIndexOf(name);
  return at < 0 ? undefined : nameOf(parsed(text.slice(at + name.length - 1, -1)), arrivedAt);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function nameOf(identity: Readonly<Record<string, unknown>>, arrivedAt: number): SentName | undefined {
  const { v, pipeline, output, generation, index } = identity;
  if (v !== 1 || !isName(pipeline) || !isName(output) || !isCount(generation) || !isCount(index)) return undefined;
  const of = [pipeline, generation, output];
  return 'sequence' in identity ? eventName(of, index, identity, arrivedAt) : rowName(of, index, identity, arrivedAt);
}

type Of = readonly (string | number)[];
type Identity = Readonly<Record<string, unknown>>;

function rowName(of: Of, index: number, { ref, group, row }: Identity, arrivedAt: number): RowName | undefined {
  if (!isRef(ref, arrivedAt) || !isCount(group) || !isCount(row)) return undefined;
  return { kind: 'row', sender: JSON.stringify(of), ref, group, index, row };
}

function eventName(of: Of, index: number, identity: Identity, arrivedAt: number): EventName | undefined {
  const { source, shard, sequence, sub, base, ref } = identity;
  if (!isName(source) || !isName(shard) || !isCount(sub) || typeof sequence !== 'string') return undefined;
  const place = placeIn(`${sequence}.${sub}`);
  if (place === undefined) return undefined;
  const event = { kind: 'event', sender: JSON.stringify([...of, source, shard]), place, index } as const;
  if (isRef(ref, arrivedAt)) return { ...event, base: undefined, ref };
  const began = typeof base === 'string' ? placeIn(base) : place;
  return began !== undefined && reaches(began, place) ? undefined : { ...event, base: began, ref: undefined };
}

const isRef = (value: unknown, arrivedAt: number): value is number => isCount(value) && value <= arrivedAt + aheadMs;
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= longestName;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
