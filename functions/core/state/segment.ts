/**
 * Entries in order as bytes: pages of about a thousand, each compressed by itself, and behind them an index.
 *
 *   | page of slice 10 | page of slice 10 | page of slice 20 | index |
 *
 * So a slice, or what is behind a key, is read by a range of bytes, and one page at a time is in memory as entries.
 *
 * SEGMENT-1 The digest is over entries, not over bytes, which other versions of a compression may make otherwise: it is that of the index,
 *    which has a digest of each page. So what is read by ranges is known to be what was written, and is refused where it is not.
 * SEGMENT-2 A page has entries of one slice, or of several that are so small that a page for each would be most of what is written.
 */
import { SluiceError } from '../errors.ts';
import type { Packing } from './packing.ts';
import { entriesOfPage, type PageEntries, pageText } from './page.ts';
import { contentText, indexText, type PageRef, pagesIn } from './page-index.ts';
import type { EntryOfSlice, StateEntry } from './state-entry.ts';

/** Slices that a segment has, both included. */
export type SliceRange = readonly [first: number, last: number];

export type EncodedSegment = {
  readonly bytes: Uint8Array;
  /** How many of the bytes, at their end, are the index. */
  readonly index: number;
  readonly entries: number;
  readonly slices: SliceRange;
  readonly digest: string;
};

export type PageLimits = {
  readonly pageEntries: number;
  /** Characters of a page that has more than one entry. */
  readonly mostPageChars: number;
};

/** What the manifest says of the segment, for whoever reads it. */
type Named = Pick<EncodedSegment, 'digest' | 'index'> & { readonly name: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined: there are no entries. They are in order, each key once in a slice. */
export function encodeSegment(
  entries: Iterable<EntryOfSlice>,
  { packing, ...limits }: PageLimits & { readonly packing: Packing },
): EncodedSegment | undefined {
  const writer = new SegmentWriter(limits, packing);
  for (const [slice, entry] of entries) writer.add(slice, entry);
  return writer.finish();
}

/** Takes entries, and whole pages of other segments, in order. */
export class SegmentWriter {
  readonly #limits: PageLimits;
  readonly #packing: Packing;
  readonly #pages: PageRef[] = [];
  readonly #bytes: Uint8Array[] = [];
  #length = 0;
  #open: StateEntry[] = [];
  #slices: number[] = [];

  constructor(limits: PageLimits, packing: Packing) {
    this.#limits = limits;
    this.#packing = packing;
  }

  add(slice: number, entry: StateEntry): void {
    const { pageEntries } = this.#limits;
    const { length } = this.#open;
    const isOther = length > 0 && this.#slices[length - 1] !== slice;
    if (length >= pageEntries || (isOther && length * fewestPages >= pageEntries)) this.#close();
    this.#open.push(entry);
    this.#slices.push(slice);
  }

  /** As it is. */
  addPage(page: PageRef, bytes: Uint8Array): void {
    this.#close();
    this.#put(page, bytes);
  }

  /** Not where that would leave a page before it that is hardly begun. */
  get takesPages(): boolean {
    return this.#open.length === 0 || this.#open.length * 2 >= this.#limits.pageEntries;
  }

  finish(): EncodedSegment | undefined {
    this.#close();
    if (this.#pages.length === 0) return undefined;
    const text = indexText(this.#pages);
    const plain = encoder.encode(text);
    const packed = this.#packing.compress(plain);
    const index = new Uint8Array(sizeBytes + packed.length);
    new DataView(index.buffer).setUint32(0, plain.length);
    index.set(packed, sizeBytes);
    return {
      bytes: joined([...this.#bytes, index], this.#length + index.length),
      index: index.length,
      entries: this.#pages.reduce((sum, { entries }) => sum + entries, 0),
      slices: [this.#pages[0]!.slice, this.#pages.at(-1)!.lastSlice],
      digest: this.#packing.digest(encoder.encode(contentText(this.#pages))),
    };
  }

  #close(): void {
    const entries = this.#open;
    const slices = this.#slices;
    this.#open = [];
    this.#slices = [];
    if (entries.length > 0) this.#encode(entries, slices);
  }

  /** Of large entries a page has fewer. */
  #encode(entries: readonly StateEntry[], slices: readonly number[]): void {
    const [slice, lastSlice] = [slices[0]!, slices.at(-1)!];
    const text = pageText(slice === lastSlice ? { entries } : { entries, slices });
    if (text.length > this.#limits.mostPageChars && entries.length > 1) {
      const half = entries.length >> 1;
      this.#encode(entries.slice(0, half), slices.slice(0, half));
      this.#encode(entries.slice(half), slices.slice(half));
      return;
    }
    const plain = encoder.encode(text);
    const page = {
      ...{ slice, lastSlice, first: entries[0]!.canonical, entries: entries.length, size: plain.length },
      ...{ digest: this.#packing.digest(plain), isPlain: entries.every(isPlain) },
    };
    this.#put(page, this.#packing.compress(plain));
  }

  #put(page: Omit<PageRef, 'offset' | 'length'>, bytes: Uint8Array): void {
    this.#pages.push({ ...page, offset: this.#length, length: bytes.length });
    this.#bytes.push(bytes);
    this.#length += bytes.length;
  }
}

/** A slice of fewer entries than such a part of a page shares it with the next one. */
const fewestPages = 4;

const isPlain = ({ removals, given }: StateEntry): boolean => removals.length === 0 && given === undefined;

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An index begins with how many bytes it has when it is expanded. */
const sizeBytes = 4;
/** `bytes`: the index alone, the last `index` bytes of the segment. */
export function readIndex(bytes: Uint8Array, segment: Named, packing: Packing): readonly PageRef[] {
  return whole(segment.name, 'index', () => {
    if (bytes.length !== segment.index) throw new Error(`it has ${bytes.length} bytes, not ${segment.index}`);
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const pages = pagesIn(decoder.decode(packing.expand(bytes.subarray(sizeBytes), size)));
    const digest = packing.digest(encoder.encode(contentText(pages)));
    if (digest !== segment.digest) throw new Error('it does not fit the digest');
    return pages;
  });
}

/** `bytes`: those of the page. */
export function readPage(
  bytes: Uint8Array,
  page: PageRef,
  segment: Pick<Named, 'name'>,
  packing: Packing,
): PageEntries {
  return whole(segment.name, `page at ${page.offset}`, () => {
    const plain = packing.expand(bytes, page.size);
    if (packing.digest(plain) !== page.digest) throw new Error('it does not fit its digest');
    return entriesOfPage(decoder.decode(plain), page.entries);
  });
}

/** @throws MissingItem: what is damaged is as good as not there, and never taken for something else. */
function whole<Read>(name: string, what: string, read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SluiceError('MissingItem', `segment ${name}: its ${what} is not what was written: ${why}`);
  }
}
