/** A reader of results that keeps of each the version with the highest (ref, revision), in whatever order they come, or adds up all. */

/** Of a result's record, as its identity says it. */
export type Place = {
  readonly window: readonly [start: number, end: number];
  readonly key: string;
  readonly row: number;
  readonly ref: number;
  readonly revision: number;
  readonly retracted: boolean;
};

export const placeIn = (identity: object | undefined): Place => identity as Place;

const nameIn = ({ window, key, row }: Pick<Place, 'window' | 'key' | 'row'>): string =>
  `${key} ${window.join(' ')} ${row}`;

/** Of one version: that of a row and that of its being taken back are two. */
export const versionName = (identity: object): string => {
  const { revision, retracted, ...place } = placeIn(identity);
  return `${nameIn(place)} ${revision}${retracted ? ' retracted' : ''}`;
};

/** What has the same is a repeat: where it was made, without what tells the versions of a result apart. */
export function recordName(identity: object): string {
  const {
    v: _,
    base,
    window,
    key,
    revision,
    timing,
    final,
    retracted,
    ...record
  } = identity as Record<string, unknown>;
  return JSON.stringify(record);
}

type Latest = { readonly place: Place; readonly row: Readonly<Record<string, unknown>> };

export class Fold {
  readonly #latest = new Map<string, Latest>();
  /** Of versions that belong together: the events of each, once. */
  readonly #parts = new Map<string, Map<string, number>>();

  take(identity: object, row: Latest['row']): void {
    const place = placeIn(identity);
    const name = nameIn(place);
    const known = this.#latest.get(name)?.place;
    const isLater =
      known === undefined || place.ref > known.ref || (place.ref === known.ref && place.revision > known.revision);
    if (isLater) this.#latest.set(name, { place, row });
    const parts = this.#parts.get(name) ?? new Map<string, number>();
    this.#parts.set(name, parts.set(`${versionName(identity)} ${place.ref}`, Number(row.events)));
  }

  /** The latest version of each result, also of one that was taken back. */
  latest(): readonly Latest[] {
    return [...this.#latest.values()];
  }

  /** Rows that hold, by key, window and place. */
  rows(): ReadonlyMap<string, Latest['row']> {
    const rows = new Map<string, Latest['row']>();
    for (const { place, row } of this.#latest.values()) if (!place.retracted) rows.set(nameIn(place), row);
    return rows;
  }

  /** What a reader has who adds up parts: events by key, window and place. */
  sums(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const [name, parts] of this.#parts)
      sums.set(
        name,
        [...parts.values()].reduce((sum, each) => sum + each, 0),
      );
    return sums;
  }

  /** Undefined: there is none, or it was taken back. */
  latestOf(place: Pick<Place, 'window' | 'key' | 'row'>): Latest['row'] | undefined {
    const latest = this.#latest.get(nameIn(place));
    return latest === undefined || latest.place.retracted ? undefined : latest.row;
  }
}
