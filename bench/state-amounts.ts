/**
 * What a state costs that changes a little in each batch: bytes written, against one copy of all of it, and CPU of a group's batch. Segments
 * are in memory, so requests are counted and not waited for. With several windows the first one is over, and another begins, as often as
 * each of them is open for 512 batches.
 *
 *   npm run bench:state-amounts -- [entries a group] [share touched] [batches] [groups] [windows]
 */
import { avgKind } from '../functions/aggregates/avg.ts';
import { countKind } from '../functions/aggregates/count.ts';
import { sumKind } from '../functions/aggregates/sum.ts';
import { defaultStateLimits, namedBy, sizeOf, sum } from '../functions/core/state/manifest.ts';
import { encodeSegment } from '../functions/core/state/segment.ts';
import type { EntryOfSlice } from '../functions/core/state/state-entry.ts';
import { SegmentStore } from './segment-store.ts';
import { chance, entryOf, hour, keysOf, slice } from './state-entries.ts';

const [entries = 250_000, share = 0.01, batches = 512, groups = 4, windows = 1] = process.argv.slice(2).map(Number);
const functions = [countKind, sumKind, avgKind].map((kind) => kind.read('', { selector: () => 1 } as never, [])!.fn);
const limits = { ...defaultStateLimits, ...JSON.parse(process.env.STATE_LIMITS ?? '{}') };

const keys = Array.from({ length: groups }, (_, group) => keysOf(Math.ceil(entries / windows), group + 1));
const stores = keys.map((_, keyGroup) => new SegmentStore({ functions, limits, keyGroup }));
const random = chance(99);
const ms = (from: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
};

/** The first window that is open, of all that there ever are. */
let firstOpen = 0;
const openFor = 512;
const sliceOf = (window: number): number => slice + window * hour;

function touched(all: readonly string[]): readonly EntryOfSlice[] {
  const count = Math.max(1, Math.round(entries * share));
  const places = new Set<number>();
  while (places.size < count) places.add(Math.floor(random() * all.length * windows));
  return [...places].sort((one, other) => one - other).map((place) => entryAt(all, place));
}

function entryAt(all: readonly string[], place: number): EntryOfSlice {
  const end = sliceOf(firstOpen + Math.floor(place / all.length));
  return [end, entryOf(all[place % all.length]!, random, end)];
}

/** As much as there may be. */
for (const [group, store] of stores.entries())
  store.apply(Array.from({ length: keys[group]!.length * windows }, (_, place) => entryAt(keys[group]!, place)));

/** One copy of what there is. */
const liveBytes = (): number =>
  sum(stores.map((store) => encodeSegment(store.entries(), { ...limits, packing: store.packing })!.bytes.length));

const total = { written: 0, worstWritten: 0, cpuMs: 0, worstCpuMs: 0, reads: 0, puts: 0, deleted: 0 };
let worstRuns = 0;
let mostStoredToLive = 0;
/** To make a copy takes longer than a batch. */
const copies: number[] = [];
const copyEvery = Math.ceil(batches / 40);
let manifestChars = 0;
for (let batch = 0; batch < batches; batch++) {
  let written = 0;
  if (windows > 1 && batch % Math.ceil(openFor / windows) === 0 && batch > 0) firstOpen += 1;
  const overUpTo = firstOpen === 0 ? undefined : sliceOf(firstOpen - 1);
  for (const [group, store] of stores.entries()) {
    const change = touched(keys[group]!);
    const [readsBefore, putsBefore] = [store.readRanges, store.puts];
    const from = process.cpuUsage();
    store.apply(change, overUpTo);
    const cpu = ms(from);
    total.cpuMs += cpu;
    total.worstCpuMs = Math.max(total.worstCpuMs, cpu);
    total.reads += store.readRanges - readsBefore;
    total.puts += store.puts - putsBefore;
    written += store.written;
    worstRuns = Math.max(worstRuns, namedBy(store.manifest).length);
    manifestChars = Math.max(manifestChars, JSON.stringify(store.manifest).length);
  }
  total.written += written;
  total.worstWritten = Math.max(total.worstWritten, written);
  if (batch % copyEvery === copyEvery - 1) {
    const live = liveBytes();
    copies.push(live);
    const stored = sum(stores.map((store) => sizeOf(store.manifest).bytes));
    mostStoredToLive = Math.max(mostStoredToLive, stored / live);
  }
}

const live = sum(copies) / copies.length;
const percent = (bytes: number): number => Math.round((bytes / live) * 10_000) / 100;
process.stdout.write(
  `${JSON.stringify({
    ...{ entries: entries * groups, touched: share, batches, groups, windows, liveBytes: Math.round(live) },
    ...{ bytesPerEntry: Math.round((live / entries / groups) * 100) / 100 },
    ...{ writtenPercent: percent(total.written / batches), worstWrittenPercent: percent(total.worstWritten) },
    ...{ cpuMs: Math.round(total.cpuMs / batches / groups), worstCpuMs: Math.round(total.worstCpuMs) },
    ...{ putsPerBatch: total.puts / batches, readsPerBatch: total.reads / batches },
    ...{ mostSegments: worstRuns, storedToLive: Math.round(mostStoredToLive * 100) / 100, manifestChars },
  })}\n`,
);
