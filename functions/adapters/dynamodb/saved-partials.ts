/** Partial aggregates of a key group as they are saved, wherever they lie. Their format version stands in what names them. */
import type { Carried } from '../../core/carried.ts';
import type { CountedPartials, NamedPartials, SavedPartials } from '../../core/group-partials.ts';
import type { SavedKey } from '../../core/saved-windows.ts';
import { fields, itemKind, list, readAs } from './item-kind.ts';
import { encode, encodeList } from './packed-json.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import type { Key } from './table.ts';

type StoredPartials = Pick<SavedPartials, 'windows'> & { readonly carried: readonly StoredCarried[] };
type StoredCarried = Omit<Carried, 'record'> & { readonly record: SavedOutput };

/** Where nothing is carried, the form that needs no name for what is not there. */
const [windowsAlone, withCarried] = [1, 2];
const ofWindows = list<SavedKey>();
const partials = itemKind<StoredPartials>('partial aggregate', {
  [windowsAlone]: (json) => {
    const windows = ofWindows(json);
    return windows && { windows, carried: [] };
  },
  [withCarried]: fields({ windows: 'list', carried: 'list' }),
});

export function encodePartials({ windows, carried = [] }: Omit<CountedPartials, 'open'>): {
  v: number;
  bytes: Uint8Array;
} {
  if (carried.length === 0) return { v: windowsAlone, bytes: encodeList(windows) };
  const stored = carried.map((each): StoredCarried => ({ ...each, record: toSavedOutput(each.record) }));
  const json: StoredPartials = { windows: [...windows], carried: stored };
  // The query is billed by the sum of their sizes.
  return { v: withCarried, bytes: encode(json, { plainBytes: 0 }) };
}

/** `json`: what was encoded. */
export function readPartials({ v }: Pick<NamedPartials, 'v'>, json: unknown, key: Key): SavedPartials {
  const { windows, carried } = readAs(partials, { v, json }, key);
  if (carried.length === 0) return { windows };
  return { windows, carried: carried.map((each) => ({ ...each, record: fromSavedOutput(each.record) })) };
}
