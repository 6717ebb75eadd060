/** The pages of runs, to be decoded when they are come to: with accumulators as today's aggregates have them. */
import type { SavedWindow } from '../saved-windows.ts';
import type { PageToRead } from './entry-cursor.ts';
import type { Inline, Manifest, Position, SegmentRef } from './manifest.ts';
import { entriesOfPage } from './page.ts';
import type { SegmentReader } from './reading.ts';
import { type PageRef, readPage } from './segment.ts';
import type { StateEntry } from './state-entry.ts';

/**
 * Accumulators that a pipeline with `fingerprint` has saved, as this one has them. Only asked for what says that it is of another one
 * than its manifest.
 */
export type Fitting = (saved: readonly unknown[], fingerprint: string) => readonly unknown[];

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
  fitting: Fitting | undefined,
  isRead: (slice: number, segment: SegmentRef) => boolean,
): readonly PageOfSegment[] {
  return segments.flatMap((segment) =>
    reader
      .pagesOf(segment)
      .filter(({ slice }) => isRead(slice, segment))
      .map((page) => ({
        ...{ slice: page.slice, first: page.first, segment, page },
        bytes: () => reader.bytesOfPage(segment, page),
        entries: () =>
          fitted(
            readPage(reader.bytesOfPage(segment, page), page, segment, reader.packing),
            segment.fingerprint,
            fitting,
          ),
      })),
  );
}

export function inlinePages({ pages, fingerprint }: Inline, fitting: Fitting | undefined): readonly PageToRead[] {
  return pages.map(([slice, count, text]) => {
    const entries = fitted(entriesOfPage(text, count), fingerprint, fitting);
    return { slice, first: entries[0]!.canonical, entries: () => entries };
  });
}

function fitted(
  entries: readonly StateEntry[],
  fingerprint: string | undefined,
  fitting: Fitting | undefined,
): readonly StateEntry[] {
  if (fingerprint === undefined || fitting === undefined) return entries;
  const ofWindow = ([start, end, saved, ...mark]: SavedWindow): SavedWindow => [
    start,
    end,
    saved.length === 0 ? saved : fitting(saved, fingerprint),
    ...mark,
  ];
  return entries.map((entry) => ({
    ...entry,
    upserts: entry.upserts.map(ofWindow),
    added: entry.added.map(ofWindow),
  }));
}
