/** The pages of runs, to be decoded when they are come to. */
import type { PageToRead } from './entry-cursor.ts';
import type { Inline, Manifest, Position, SegmentRef } from './manifest.ts';
import { entriesOfPage } from './page.ts';
import type { PageRef } from './page-index.ts';
import type { SegmentReader } from './reading.ts';
import { readPage } from './segment.ts';

/** What is read one behind the other, the oldest first. `from`: only what lies there or behind. */
export type Source = {
  readonly segments: readonly SegmentRef[];
  readonly from?: Position | undefined;
};

/** Without what lies in the manifest. */
export const sourcesOf = ({ runs }: Pick<Manifest, 'runs'>): readonly Source[] =>
  runs.flatMap(({ segments, rest }): readonly Source[] => {
    if (rest === undefined) return [{ segments }];
    return [{ segments }, ...rest.runs.map((run) => ({ segments: run.segments, from: rest.from }))];
  });

export type PageOfSegment = PageToRead & {
  readonly segment: SegmentRef;
  readonly page: PageRef;
  /** As they lie there. */
  readonly bytes: () => Uint8Array;
};

/** Those that `isRead`. */
export function pagesOfSource(
  { segments }: Source,
  reader: SegmentReader,
  isRead: (page: PageRef) => boolean,
): readonly PageOfSegment[] {
  return segments.flatMap((segment) =>
    reader
      .pagesOf(segment)
      .filter(isRead)
      .map((page) => ({
        ...{ slice: page.slice, lastSlice: page.lastSlice, first: page.first, segment, page },
        bytes: () => reader.bytesOfPage(segment, page),
        entries: () => readPage(reader.bytesOfPage(segment, page), page, segment, reader.packing),
      })),
  );
}

export function inlinePages({ pages }: Inline): readonly PageToRead[] {
  return pages.map(([slice, count, text]) => {
    const page = entriesOfPage(text, count);
    return { slice, lastSlice: slice, first: page.entries[0]!.canonical, entries: () => page };
  });
}

/** By slice: a page of several is decoded for that. */
export function pagesBySlice(pages: readonly PageToRead[]): readonly PageToRead[] {
  return pages.flatMap((page): readonly PageToRead[] => {
    const { slice, lastSlice } = page;
    if (slice === lastSlice) return [page];
    const { entries, slices = [] } = page.entries();
    const bySlice = Map.groupBy(entries.keys(), (at) => slices[at]!);
    return Array.from(bySlice, ([of, places]) => ({
      ...{ slice: of, lastSlice: of, first: entries[places[0]!]!.canonical },
      entries: () => ({ entries: entries.slice(places[0], places.at(-1)! + 1) }),
    }));
  });
}
