/** The index of a segment: where its pages lie and what they have, as a text, and back. */

/** Where a page lies, and what it has. */
export type PageRef = {
  readonly slice: number;
  /** Of its last entry. */
  readonly lastSlice: number;
  /** Canonical key of its first entry. */
  readonly first: string;
  readonly entries: number;
  /** Of its bytes in the segment. */
  readonly offset: number;
  readonly length: number;
  /** How many bytes it has when it is expanded. */
  readonly size: number;
  readonly digest: string;
  /** No entry takes anything away or replaces what was given out: applied to nothing it stays as it is. */
  readonly isPlain: boolean;
};

const version = 1;

type IndexColumns = {
  readonly v: number;
  readonly slices: readonly number[];
  readonly lasts: readonly number[];
  readonly firsts: readonly string[];
  readonly entries: readonly number[];
  readonly lengths: readonly number[];
  readonly sizes: readonly number[];
  readonly digests: readonly string[];
  readonly plain: readonly boolean[];
};

export function indexText(pages: readonly PageRef[]): string {
  const columns: IndexColumns = {
    v: version,
    slices: pages.map(({ slice }) => slice),
    lasts: pages.map(({ lastSlice }) => lastSlice),
    firsts: pages.map(({ first }) => first),
    entries: pages.map(({ entries }) => entries),
    lengths: pages.map(({ length }) => length),
    sizes: pages.map(({ size }) => size),
    digests: pages.map(({ digest }) => digest),
    plain: pages.map((page) => page.isPlain),
  };
  return JSON.stringify(columns);
}

/** What does not hang on how pages are compressed. */
export const contentText = (pages: readonly PageRef[]): string =>
  JSON.stringify([
    version,
    pages.map((page) => [page.slice, page.lastSlice, page.first, page.entries, page.digest, page.isPlain]),
  ]);

/** @throws if the text is no index, or of another version. */
export function pagesIn(text: string): readonly PageRef[] {
  const columns = JSON.parse(text) as IndexColumns;
  if (columns.v !== version) throw new Error(`it is of version ${columns.v}, and this code reads version ${version}`);
  let offset = 0;
  return columns.slices.map((slice, at): PageRef => {
    const page = {
      ...{ slice, lastSlice: columns.lasts[at]!, first: columns.firsts[at]!, entries: columns.entries[at]! },
      ...{ offset, length: columns.lengths[at]!, size: columns.sizes[at]! },
      ...{ digest: columns.digests[at]!, isPlain: columns.plain[at]! },
    };
    offset += page.length;
    return page;
  });
}
