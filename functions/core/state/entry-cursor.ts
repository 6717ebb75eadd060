/**
 * What one run has, entry by entry: a page is decoded when it is come to, and let go when the next one is.
 *
 * Hot: once for each entry of a state that is read, or merged.
 */
import type { Position } from './manifest.ts';
import type { PageEntries } from './page.ts';
import type { StateEntry } from './state-entry.ts';

/** A page that is there, and may still have to be decoded. */
export type PageToRead = {
  /** Of its first entry, and of its last. */
  readonly slice: number;
  readonly lastSlice: number;
  /** Canonical key of its first entry. */
  readonly first: string;
  readonly entries: () => PageEntries;
};

export class EntryCursor<Page extends PageToRead = PageToRead> {
  /** Of several with one key, the one with the least comes first. */
  readonly order: number;
  readonly #pages: readonly Page[];
  #page = 0;
  #entries: readonly StateEntry[] | undefined;
  #slices: readonly number[] | undefined;
  #at = 0;
  /** Where it stands, if `isThere`. */
  slice = 0;
  canonical = '';

  /** `pages` in order. Entries before `from` are left out. */
  constructor(order: number, pages: readonly Page[], from?: Position) {
    this.order = order;
    this.#pages = pages;
    this.#page = from === undefined ? 0 : firstWith(pages, from);
    this.#show();
    if (from === undefined) return;
    while (this.isThere && isBefore(this, from)) this.next();
  }

  get isThere(): boolean {
    return this.#page < this.#pages.length;
  }

  get entry(): StateEntry {
    return (this.#entries ?? this.#decoded())[this.#at]!;
  }

  next(): void {
    const entries = this.#entries ?? this.#decoded();
    this.#at += 1;
    if (this.#at < entries.length) {
      this.canonical = entries[this.#at]!.canonical;
      if (this.#slices !== undefined) this.slice = this.#slices[this.#at]!;
    } else this.nextPage();
  }

  #decoded(): readonly StateEntry[] {
    const { entries, slices } = this.#pages[this.#page]!.entries();
    this.#entries = entries;
    this.#slices = slices;
    return entries;
  }

  nextPage(): void {
    this.#page += 1;
    this.#at = 0;
    this.#entries = undefined;
    this.#show();
  }

  /** The page that it stands on, if nothing of it has been taken and all of it is known to lie before `limit`, if there is one. */
  pageBefore(limit: Position | undefined): Page | undefined {
    const page = this.#pages[this.#page]!;
    if (this.#at > 0) return undefined;
    if (limit === undefined || page.lastSlice < limit[0]) return page;
    const next = this.#pages[this.#page + 1];
    return next !== undefined && !isBefore({ slice: limit[0], canonical: limit[1] }, [next.slice, next.first])
      ? page
      : undefined;
  }

  /** Pages of which something is still to be taken. */
  get left(): readonly Page[] {
    return this.#pages.slice(this.#page);
  }

  #show(): void {
    const page = this.#pages[this.#page];
    if (page === undefined) return;
    this.slice = page.slice;
    this.canonical = page.first;
  }
}

/** The first page that may have something from `from` on. */
function firstWith(pages: readonly PageToRead[], from: Position): number {
  const behind = pages.findIndex(({ slice, first }) => !isBefore({ slice, canonical: first }, from));
  const last = (behind < 0 ? pages.length : behind) - 1;
  return last >= 0 && pages[last]!.lastSlice >= from[0] ? last : last + 1;
}

export const isBefore = (at: { readonly slice: number; readonly canonical: string }, limit: Position): boolean =>
  at.slice < limit[0] || (at.slice === limit[0] && at.canonical < limit[1]);
