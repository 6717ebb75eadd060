/** State of one key group as segments, in memory: what an adapter does, with every range that is asked for. */

import { statePacking } from '../functions/adapters/state-packing.ts';
import type { AggregateFunction } from '../functions/aggregates/aggregate-function.ts';
import { canonicalKey } from '../functions/core/key-group.ts';
import type { SavedKey } from '../functions/core/saved-windows.ts';
import { getOrSet } from '../functions/core/sorted-keys.ts';
import { compactionStep, rangesOfStep } from '../functions/core/state/compaction.ts';
import { everySlice, type KeyOfSlice, keysBySlice, portionsOf } from '../functions/core/state/keys-by-slice.ts';
import { keysOf } from '../functions/core/state/keys-of-state.ts';
import {
  defaultStateLimits,
  type Manifest,
  namedBy,
  noManifest,
  refOf,
  type Slices,
  type StateLimits,
} from '../functions/core/state/manifest.ts';
import type { Packing } from '../functions/core/state/packing.ts';
import { type ByteRange, type LoadedRange, rangesOf, readsOf } from '../functions/core/state/reading.ts';
import { stateAfterBatch } from '../functions/core/state/state-change.ts';
import type { EntryOfSlice, StateEntry } from '../functions/core/state/state-entry.ts';

type Options = {
  readonly functions: readonly AggregateFunction[];
  readonly limits?: StateLimits;
  readonly packing?: Packing;
  readonly keyGroup?: number;
};

/** Nothing inline, pages of three, merges of two runs, in steps of four entries, in each batch. */
export const smallLimits: StateLimits = {
  mostInlineChars: 0,
  pageEntries: 3,
  mostPageChars: 1_048_576,
  fanIn: 2,
  mostYounger: 1,
  mostMerged: { entries: 4, share: 0, ofYoungest: 0, chars: 33_554_432 },
  turns: 1,
  mostReadWhole: 0,
};

export class SegmentStore {
  readonly functions: readonly AggregateFunction[];
  readonly limits: StateLimits;
  readonly packing: Packing;
  readonly #keyGroup: number;
  readonly blobs = new Map<string, Uint8Array>();
  manifest: Manifest = noManifest;
  batchId = 0;
  /** Of the last batch. */
  written = 0;
  readRanges = 0;
  merged = 0;
  puts = 0;

  constructor({ functions, limits = defaultStateLimits, packing = statePacking, keyGroup = 0 }: Options) {
    this.functions = functions;
    this.limits = limits;
    this.packing = packing;
    this.#keyGroup = keyGroup;
  }

  load(ranges: readonly ByteRange[]): readonly LoadedRange[] {
    this.readRanges += ranges.length;
    return ranges.map((range) => ({
      ...range,
      bytes: this.blobs.get(range.segment.name)!.subarray(range.from, range.upTo),
    }));
  }

  /** What a reduce of one batch does. */
  apply(entries: Iterable<EntryOfSlice>, overUpTo?: number): void {
    const { functions, limits, packing, manifest, batchId } = this;
    const step = compactionStep(manifest, { batchId, keyGroup: this.#keyGroup, overUpTo }, limits);
    const first = this.load(step?.reads ?? []);
    const loaded = step && [...first, ...this.load(rangesOfStep(step, first, { limits, packing }))];
    const change = { entries, overUpTo, step, loaded, limits, functions, packing };
    const { segments, manifest: after } = stateAfterBatch(manifest, change);
    this.written = 0;
    const refs = segments.map((segment, at) => {
      const name = `${batchId}#${at}`;
      this.blobs.set(name, segment.bytes);
      this.written += segment.bytes.length;
      this.puts += 1;
      return refOf(segment, { name, chunks: 1 });
    });
    // As it is saved.
    this.manifest = JSON.parse(JSON.stringify(after(refs))) as Manifest;
    this.merged += step === undefined ? 0 : 1;
    this.batchId += 1;
    const named = new Set(namedBy(this.manifest).map(({ name }) => name));
    for (const name of this.blobs.keys()) if (!named.has(name)) this.blobs.delete(name);
  }

  keys(slices: Slices = 'all'): SavedKey[] {
    const { manifest, limits, packing, functions } = this;
    const first = this.load(readsOf(manifest, slices, limits));
    const loaded = [...first, ...this.load(rangesOf(manifest, slices, first, packing))];
    return [...keysOf(manifest, { loaded, slices, functions, packing })];
  }
  /** All of it, as one run would have it: of windows that are slices of their own. */
  *entries(): Generator<EntryOfSlice> {
    const bySlice = new Map<number, StateEntry[]>();
    for (const [keyValues, windows] of this.keys()) {
      const canonical = canonicalKey(keyValues);
      for (const window of windows)
        getOrSet(bySlice, window[1], () => []).push({ canonical, upserts: [window], added: [], removals: [] });
    }
    for (const slice of [...bySlice.keys()].sort((one, other) => one - other))
      for (const entry of bySlice.get(slice)!) yield [slice, entry];
  }

  /** Slice by slice, in portions of so many bytes. */
  bySlice(mostBytes: number): KeyOfSlice[] {
    const { manifest, packing, functions } = this;
    const indexes = this.load(readsOf(manifest, everySlice, this.limits));
    return portionsOf(manifest, { loaded: indexes, packing }, mostBytes).flatMap((slices) => {
      const loaded = [...indexes, ...this.load(rangesOf(manifest, slices, indexes, packing))];
      return [...keysBySlice(manifest, { loaded, slices, functions, packing })];
    });
  }
}
