/** COARSE-1, COARSE-2, COARSE-3: what lies within a window by the coarsest panes, against all panes one by one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PanesOfKey } from '../../functions/core/panes-of-key.ts';
import type { SavedWindow } from '../../functions/core/saved-windows.ts';
import { firstStartOf } from '../../functions/windows/panes.ts';
import type { Panes } from '../../functions/windows/window-kind.ts';

const sumOf = (parts: readonly (readonly unknown[])[]): number =>
  parts.reduce((sum, [part]) => sum + (part as number), 0);

/** As a reduce saves it. */
function savedOf(ofKey: PanesOfKey, from: number): SavedWindow[] {
  const changed = new Map(ofKey.changed.map(({ start, end, parts }) => [`${start} ${end}`, [sumOf(parts)]]));
  return ofKey.all
    .filter(([start]) => start >= from)
    .map(([start, end, saved]) => [start, end, changed.get(`${start} ${end}`) ?? saved]);
}

const panesGiven: fc.Arbitrary<Panes> = fc
  .record({ size: fc.integer({ min: 1, max: 600 }), paneMs: fc.constantFrom(1, 10), offset: fc.nat(5) })
  .chain(({ size, paneMs, offset }) =>
    fc.integer({ min: 1, max: Math.min(size, 7) }).map((every) => ({
      paneMs,
      sizeMs: size * paneMs,
      everyMs: every * paneMs,
      offsetMs: Math.min(offset, every * paneMs - 1),
    })),
  );
/** Runs of panes next to each other, and single ones. */
const run = fc
  .record({
    from: fc.integer({ min: -700, max: 700 }),
    length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 90 })),
  })
  .map(({ from, length }) => Array.from({ length }, (_, at) => from + at));
const batch = fc.record({ blocks: fc.array(fc.array(run, { maxLength: 4 }), { maxLength: 3 }), by: fc.nat(120) });

it('is the same, from few entries, which follow from the panes alone', () => {
  let mostEntriesAPane = 0;
  fc.assert(
    fc.property(panesGiven, fc.array(batch, { minLength: 1, maxLength: 6 }), (panes, batches) => {
      const { paneMs, sizeMs, everyMs, offsetMs } = panes;
      const counted = new Map<number, number>();
      let state: readonly SavedWindow[] = [];
      let watermark = -800 * paneMs;
      for (const { blocks, by } of batches) {
        const open = firstStartOf(panes, watermark);
        const notLate = (start: number): boolean =>
          Math.floor((start - offsetMs) / everyMs) * everyMs + offsetMs >= open;
        const starts = blocks.map((runs) =>
          [...new Set(runs.flat())]
            .map((number) => number * paneMs + offsetMs)
            .filter(notLate)
            .sort((one, other) => one - other),
        );
        for (const start of starts.flat()) counted.set(start, (counted.get(start) ?? 0) + 1);
        const given = starts.map((block) => block.map((start): SavedWindow => [start, start + paneMs, [1]]));
        const ofKey = new PanesOfKey(panes, state, given);

        for (let start = open; start < open + 40 * everyMs; start += everyMs) {
          const inside = [...counted].filter(([pane]) => start <= pane && pane < start + sizeMs);
          expect(sumOf(ofKey.partsWithin(start, start + sizeMs))).toBe(inside.reduce((sum, [, n]) => sum + n, 0));
        }
        watermark += by * paneMs;
        const from = firstStartOf(panes, watermark);
        state = savedOf(ofKey, from);
        for (const start of counted.keys()) if (start < from) counted.delete(start);

        const all = [...counted].sort(([one], [other]) => one - other);
        const atOnce = new PanesOfKey(panes, [], [all.map(([start, n]) => [start, start + paneMs, [n]])]);
        expect(state).toEqual(savedOf(atOnce, from));
        expect(state.length).toBeLessThanOrEqual(1.2 * all.length);
        mostEntriesAPane = Math.max(mostEntriesAPane, state.length / Math.max(all.length, 1));
      }
    }),
    { numRuns: 300 },
  );
  expect(mostEntriesAPane).toBeGreaterThan(1.1);
});

const ofADay: Panes = { paneMs: 1, sizeMs: 1_440, everyMs: 1, offsetMs: 0 };

it.each([
  { share: 1, most: 30 },
  { share: 0.8, most: 60 },
  { share: 0.5, most: 60 },
  { share: 0.2, most: 60 },
])('a day of minutes, of which $share have events, is put together from $most entries at most', ({ share, most }) => {
  let seed = 1;
  const chance = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const minutes = Array.from({ length: 4_000 }, (_, at) => at).filter(() => chance() < share);
  const ofKey = new PanesOfKey(ofADay, [], [minutes.map((start) => [start, start + 1, [1]])]);
  const saved = new PanesOfKey(ofADay, savedOf(ofKey, -Infinity), []);
  const parts = Array.from({ length: 2_560 }, (_, start) => saved.partsWithin(start, start + 1_440).length);
  expect(Math.max(...parts)).toBeLessThanOrEqual(most);
});
