/**
 * CPU of state as bytes, for each entry: encoding a segment, decoding it, reading it as keys, and merging two dozen segments into a large
 * one. Keys are like "user-0a1b2c3d"; each has a window with count, sum and avg.
 *
 *   npm run bench:state-codec -- [entries]
 */
import { statePacking } from '../functions/adapters/state-packing.ts';
import { avgKind } from '../functions/aggregates/avg.ts';
import { countKind } from '../functions/aggregates/count.ts';
import { sumKind } from '../functions/aggregates/sum.ts';
import { defaultStateLimits } from '../functions/core/state/manifest.ts';
import { encodeSegment, readIndex, readPage } from '../functions/core/state/segment.ts';
import type { EntryOfSlice } from '../functions/core/state/state-entry.ts';
import { SegmentStore } from './segment-store.ts';
import { chance, entryOf, keysOf, slice } from './state-entries.ts';

const entries = Number(process.argv[2] ?? 100_000);
const deltas = 24;
const functions = [countKind, sumKind, avgKind].map((kind) => kind.read('', { selector: () => 1 } as never, [])!.fn);
const packing = statePacking;
const random = chance(7);
const keys = keysOf(entries, 1);
const all: readonly EntryOfSlice[] = keys.map((key) => [slice, entryOf(key, random)]);
const touched = (): readonly EntryOfSlice[] =>
  keys.filter(() => random() < 0.02).map((key): EntryOfSlice => [slice, entryOf(key, random)]);

function timed<Value>(run: () => Value): { readonly value: Value; readonly microseconds: number } {
  const from = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(from);
  return { value, microseconds: user + system };
}

function decoded({ bytes, ...facts }: NonNullable<ReturnType<typeof encodeSegment>>): number {
  const named = { name: 'bench' };
  let count = 0;
  for (const page of readIndex(bytes.subarray(bytes.length - facts.index), { ...named, ...facts }, packing))
    count += readPage(bytes.subarray(page.offset, page.offset + page.length), page, named, packing).entries.length;
  return count;
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1]!;

const perEntry = { encode: [] as number[], decode: [] as number[], keys: [] as number[], merge: [] as number[] };
let bytes = 0;
for (let round = 0; round < 7; round++) {
  const { value: segment, microseconds: encoding } = timed(
    () => encodeSegment(all, { ...defaultStateLimits, packing })!,
  );
  const { value: count, microseconds: decoding } = timed(() => decoded(segment));
  if (count !== entries) throw new Error(`${count} entries were read of ${entries}`);
  bytes = segment.bytes.length;
  const mostMerged = { entries: Number.MAX_SAFE_INTEGER, share: 0, ofYoungest: 0, chars: Number.MAX_SAFE_INTEGER };
  const limits = { ...defaultStateLimits, mostYounger: Infinity, fanIn: 1_000, mostMerged, turns: 1 };
  const store = new SegmentStore({ functions, limits });
  store.apply(all);
  let merged = entries;
  for (let at = 0; at < deltas; at++) {
    const delta = touched();
    merged += delta.length;
    store.apply(delta);
  }
  const { microseconds: reading } = timed(() => store.keys());
  const merging = new SegmentStore({ functions, limits: { ...limits, mostYounger: 0.01 } });
  merging.manifest = store.manifest;
  for (const [name, content] of store.blobs) merging.blobs.set(name, content);
  const { microseconds: merge } = timed(() => merging.apply([]));
  perEntry.encode.push(encoding / entries);
  perEntry.decode.push(decoding / entries);
  perEntry.keys.push(reading / merged);
  perEntry.merge.push(merge / merged);
}

const microseconds = Object.fromEntries(
  Object.entries(perEntry).map(([what, values]) => [what, Math.round(median(values) * 1_000) / 1_000]),
);
process.stdout.write(
  `${JSON.stringify({ entries, bytesPerEntry: Math.round((bytes / entries) * 100) / 100, microsecondsPerEntry: microseconds })}\n`,
);
