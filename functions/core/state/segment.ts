/**
 * Entries in order as bytes: pages of about a thousand, each compressed by itself, and behind them an index.
 *
 *   | page of slice 10 | page of slice 10 | page of slice 20 | index |
 *
 * So a slice, or what is behind a key, is read by a range of bytes, and one page at a time is in memory as entries.
 *
 * SEGMENT-1 The digest is over entries, not over bytes, which other versions of a compression may make otherwise: it is that of the index,
 *    which has a digest of each page. So what is read by ranges is known to be what was written, and is refused where it is not.
 * SEGMENT-2 A page has entries of one slice.
 */
import { SluiceError } from '../errors.ts';
import type { Packing } from './packing.ts';
import { entriesOfPage, pageText } from './page.ts';
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

/** Where a page lies, and what it has. */
export type PageRef = {
  readonly slice: number;
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
  #slice = 0;
  #open: StateEntry[] = [];

  constructor(limits: PageLimits, packing: Packing) {
    this.#limits = limits;
    this.#packing = packing;
  }

  add(slice: number, entry: StateEntry): void {
    if (this.#open.length >= this.#limits.pageEntries || (slice !== this.#slice && this.#open.length > 0))
      this.#close();
    this.#slice = slice;
    this.#open.push(entry);
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
      slices: [this.#pages[0]!.slice, this.#pages.at(-1)!.slice],
      digest: this.#packing.digest(encoder.encode(contentText(this.#pages))),
    };
  }

  #close(): void {
    const entries = this.#open;
    this.#open = [];
    if (entries.length > 0) this.#encode(entries);
  }

  /** Of large entries a page has fewer. */
  #encode(entries: readonly StateEntry[]): void {
    const text = pageText(entries);
    if (text.length > this.#limits.mostPageChars && entries.length > 1) {
      const half = entries.length >> 1;
      this.#encode(entries.slice(0, half));
      this.#encode(entries.slice(half));
      return;
    }
    const plain = encoder.encode(text);
    const page = {
      ...{ slice: this.#slice, first: entries[0]!.canonical, entries: entries.length, size: plain.length },
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
const version = 1;

type IndexColumns = {
  readonly v: number;
  readonly slices: readonly number[];
  readonly firsts: readonly string[];
  readonly entries: readonly number[];
  readonly lengths: readonly number[];
  readonly sizes: readonly number[];
  readonly digests: readonly string[];
  readonly plain: readonly boolean[];
};

function indexText(pages: readonly PageRef[]): string {
  const columns: IndexColumns = {
    v: version,
    slices: pages.map(({ slice }) => slice),
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
const contentText = (pages: readonly PageRef[]): string =>
  JSON.stringify([version, pages.map((page) => [page.slice, page.first, page.entries, page.digest, page.isPlain])]);

/** `bytes`: the index alone, the last `index` bytes of the segment. */
export function readIndex(bytes: Uint8Array, segment: Named, packing: Packing): readonly PageRef[] {
  return whole(segment.name, 'index', () => {
    if (bytes.length !== segment.index) throw new Error(`it has ${bytes.length} bytes, not ${segment.index}`);
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const columns = JSON.parse(decoder.decode(packing.expand(bytes.subarray(sizeBytes), size))) as IndexColumns;
    if (columns.v !== version) throw new Error(`it is of version ${columns.v}, and this code reads version ${version}`);
    let offset = 0;
    const pages = columns.slices.map((slice, at): PageRef => {
      const page = {
        ...{ slice, first: columns.firsts[at]!, entries: columns.entries[at]!, offset, length: columns.lengths[at]! },
        ...{ size: columns.sizes[at]!, digest: columns.digests[at]!, isPlain: columns.plain[at]! },
      };
      offset += page.length;
      return page;
    });
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
): readonly StateEntry[] {
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
