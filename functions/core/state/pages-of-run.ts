/** The pages of runs, to be decoded when they are come to. */
import type { PageToRead } from './entry-cursor.ts';
import type { Inline, Manifest, Position, SegmentRef } from './manifest.ts';
import { entriesOfPage } from './page.ts';
import type { SegmentReader } from './reading.ts';
import { type PageRef, readPage } from './segment.ts';

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
  isRead: (slice: number, segment: SegmentRef) => boolean,
): readonly PageOfSegment[] {
  return segments.flatMap((segment) =>
    reader
      .pagesOf(segment)
      .filter(({ slice }) => isRead(slice, segment))
      .map((page) => ({
        ...{ slice: page.slice, first: page.first, segment, page },
        bytes: () => reader.bytesOfPage(segment, page),
        entries: () => readPage(reader.bytesOfPage(segment, page), page, segment, reader.packing),
      })),
  );
}

export function inlinePages({ pages }: Inline): readonly PageToRead[] {
  return pages.map(([slice, count, text]) => {
    const entries = entriesOfPage(text, count);
    return { slice, first: entries[0]!.canonical, entries: () => entries };
  });
}
