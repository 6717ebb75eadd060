/**
 * Which bytes of which segments are needed, in two rounds of requests: first small segments as a whole and of others the index, then the
 * pages that the indexes tell of. Whoever reads has one request for each range, and all of a round side by side.
 */

import { hasSlice, hasSlices, type Manifest, namedBy, type SegmentRef, type Slices } from './manifest.ts';
import type { Packing } from './packing.ts';
import type { PageRef } from './page-index.ts';
import { readIndex } from './segment.ts';

/** Bytes of a segment from `from` to before `upTo`. */
export type ByteRange = { readonly segment: SegmentRef; readonly from: number; readonly upTo: number };
/** Those bytes. */
export type LoadedRange = ByteRange & { readonly bytes: Uint8Array };

/** The first round. */
export function readsOf(
  manifest: Manifest,
  slices: Slices,
  { mostReadWhole }: { readonly mostReadWhole: number },
): readonly ByteRange[] {
  return namedBy(manifest)
    .filter((segment) => hasSlices(segment.slices, slices, manifest.overUpTo))
    .map((segment) => (slices === 'all' ? wholeOf(segment) : firstReadOf(segment, mostReadWhole)));
}

const wholeOf = (segment: SegmentRef): ByteRange => ({ segment, from: 0, upTo: segment.bytes });

/** All of it, or its index. */
export const firstReadOf = (segment: SegmentRef, mostReadWhole: number): ByteRange => ({
  ...wholeOf(segment),
  from: segment.bytes <= mostReadWhole ? 0 : segment.bytes - segment.index,
});

/** The second round; empty: all that is needed has been loaded. */
export function rangesOf(
  manifest: Manifest,
  slices: Slices,
  loaded: readonly LoadedRange[],
  packing: Packing,
): readonly ByteRange[] {
  const reader = new SegmentReader(loaded, packing);
  const isNeeded = (page: PageRef): boolean => isPageRead(page, slices, manifest);
  return namedBy(manifest)
    .filter((segment) => hasSlices(segment.slices, slices, manifest.overUpTo))
    .flatMap((segment) => reader.missing(segment, isNeeded));
}

/** It may have something of them. */
export const isPageRead = ({ slice, lastSlice }: PageRef, slices: Slices, { overUpTo }: Manifest): boolean =>
  hasSlices([slice, lastSlice], slices, overUpTo);

export const isRead = (slice: number, slices: Slices, { overUpTo = Number.NEGATIVE_INFINITY }: Manifest): boolean =>
  slice > overUpTo && hasSlice(slices, slice);

/** What has been loaded of segments, as pages. */
export class SegmentReader {
  readonly #loaded = new Map<string, LoadedRange[]>();
  readonly #indexes = new Map<string, readonly PageRef[]>();
  readonly packing: Packing;

  constructor(loaded: readonly LoadedRange[], packing: Packing) {
    this.packing = packing;
    for (const range of loaded) {
      const known = this.#loaded.get(range.segment.name);
      if (known === undefined) this.#loaded.set(range.segment.name, [range]);
      else known.push(range);
    }
  }

  /** In order. */
  pagesOf(segment: SegmentRef): readonly PageRef[] {
    const known = this.#indexes.get(segment.name);
    if (known !== undefined) return known;
    const bytes = this.#bytesOf(segment, segment.bytes - segment.index, segment.bytes);
    if (bytes === undefined) throw new Error(`the index of segment ${segment.name} was not loaded`);
    const pages = readIndex(bytes, segment, this.packing);
    this.#indexes.set(segment.name, pages);
    return pages;
  }

  bytesOfPage(segment: SegmentRef, { offset, length }: PageRef): Uint8Array {
    const bytes = this.#bytesOf(segment, offset, offset + length);
    if (bytes === undefined) throw new Error(`the page at ${offset} of segment ${segment.name} was not loaded`);
    return bytes;
  }

  /** Of pages that are needed and not loaded, the ranges: those that follow each other are one. */
  missing(segment: SegmentRef, isNeeded: (page: PageRef) => boolean): readonly ByteRange[] {
    const ranges: { segment: SegmentRef; from: number; upTo: number }[] = [];
    for (const page of this.pagesOf(segment)) {
      const [from, upTo] = [page.offset, page.offset + page.length];
      if (!isNeeded(page) || this.#bytesOf(segment, from, upTo) !== undefined) continue;
      const last = ranges.at(-1);
      if (last?.upTo === from) last.upTo = upTo;
      else ranges.push({ segment, from, upTo });
    }
    return ranges;
  }

  #bytesOf({ name }: SegmentRef, from: number, upTo: number): Uint8Array | undefined {
    const range = this.#loaded.get(name)?.find((each) => each.from <= from && upTo <= each.upTo);
    return range?.bytes.subarray(from - range.from, upTo - range.from);
  }
}
