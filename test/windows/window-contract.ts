/** KIND-1 to KIND-6 for any kind of windows: what is registered is tested by this. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstEndOf, lastEndOf } from '../../functions/windows/panes.ts';
import type { Panes, Window, WindowKind } from '../../functions/windows/window-kind.ts';

/** As far as dates go. */
const time = fc.integer({ min: -8_600_000_000_000_000, max: 8_600_000_000_000_000 });
const batchId = fc.nat(1_000_000);
const clone = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** The windows of an event: with panes, the first and the last one. */
function givenOut<Options>(kind: WindowKind<Options>, given: Options, at: number, batch: number): readonly Window[] {
  const windows = kind.assigner(given)(at, batch);
  const panes = kind.panes?.(given);
  if (panes === undefined) return windows;
  const ends = windows.flatMap(({ start }) => [firstEndOf(panes, start), lastEndOf(panes, start)]);
  return ends.map((end) => ({ start: end - panes.sizeMs, end }));
}

export function windowContract<Options>(kind: WindowKind<Options>, options: fc.Arbitrary<Options>): void {
  describe(`windows ${kind.kind}`, () => {
    it('cover the time of each event, end behind it, and are different (KIND-1, KIND-2)', () => {
      fc.assert(
        fc.property(options, time, batchId, (given, at, batch) => {
          const windows = kind.assigner(given)(at, batch);
          expect(windows.length).toBeGreaterThan(0);
          expect(new Set(windows.map(({ start, end }) => `${start} ${end}`)).size).toBe(windows.length);
          for (const { start, end } of windows) {
            expect(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start < end).toBe(true);
            if (kind.of === 'event-time') expect(start <= at && at < end).toBe(true);
          }
        }),
        { numRuns: 2_000 },
      );
    });

    it('are the same for the same event, whatever came before it, from options that were saved, too (KIND-3)', () => {
      const near = fc.integer({ min: -1_000, max: 1_000 });
      fc.assert(
        fc.property(options, fc.array(fc.tuple(fc.oneof(near, time), batchId), { maxLength: 20 }), (given, events) => {
          const assign = kind.assigner(given);
          for (const [at, batch] of events) expect(assign(at, batch)).toEqual(kind.assigner(clone(given))(at, batch));
          expect(kind.fingerprint(clone(given))).toEqual(kind.fingerprint(given));
        }),
      );
    });

    it('close at their ends at the earliest, and never before the next close that is told (KIND-4)', () => {
      fc.assert(
        fc.property(options, time, time, batchId, (given, at, watermark, batch) => {
          for (const window of givenOut(kind, given, at, batch)) {
            const closesAt = kind.closesAt(window);
            const next = kind.nextClose(given, watermark);
            if (kind.of === 'micro-batch') expect([closesAt, next]).toEqual([undefined, undefined]);
            else {
              expect(closesAt!).toBeGreaterThanOrEqual(window.end);
              expect(next!).toBeGreaterThan(watermark);
              if (closesAt! > watermark) expect(closesAt!).toBeGreaterThanOrEqual(next!);
            }
          }
        }),
        { numRuns: 2_000 },
      );
    });

    it('say of themselves what their columns are named for, in plain values', () => {
      fc.assert(
        fc.property(options, time, batchId, (given, at, batch) => {
          for (const window of givenOut(kind, given, at, batch)) {
            const columns = kind.columns(window);
            expect(Object.keys(columns)).toEqual(kind.columnNames);
            expect(clone(columns)).toEqual(columns);
          }
        }),
      );
    });

    it('are told apart by their fingerprint', () => {
      const text = (given: Options) => JSON.stringify(kind.fingerprint(given));
      fc.assert(
        fc.property(options, options, (one, other) => {
          expect(text(one) === text(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
        }),
      );
    });

    if (kind.merge !== undefined) mergeContract(kind, kind.merge, options);
    if (kind.panes !== undefined) paneContract(kind, kind.panes, options);
  });
}

const inOrder = (windows: readonly Window[]): Window[] =>
  windows.toSorted((one, other) => one.start - other.start || one.end - other.end);

function mergeContract<Options>(
  kind: WindowKind<Options>,
  merge: (windows: readonly Window[]) => readonly Window[],
  options: fc.Arbitrary<Options>,
): void {
  const near = fc.integer({ min: -1_000, max: 1_000 });
  const several = fc.tuple(options, fc.array(near, { minLength: 1, maxLength: 12 }), fc.nat(12));

  it('merge into windows apart from each other, of which each holds its own whole (KIND-5)', () => {
    fc.assert(
      fc.property(several, ([given, times]) => {
        const windows = inOrder(times.flatMap((at) => kind.assigner(given)(at, 0)));
        const merged = merge(windows);
        expect(merged).toEqual(inOrder(merged));
        for (const [at, { start }] of merged.entries())
          if (at > 0) expect(start).toBeGreaterThanOrEqual(merged[at - 1]!.end);
        for (const window of windows) {
          const holders = merged.filter(({ start, end }) => start <= window.start && window.end <= end);
          expect(holders).toHaveLength(1);
        }
      }),
    );
  });

  it('merge into the same, in whatever parts they are merged before (KIND-5)', () => {
    fc.assert(
      fc.property(several, ([given, times, cut]) => {
        const windows = times.flatMap((at) => kind.assigner(given)(at, 0));
        const parts = [windows.slice(0, cut), windows.slice(cut)].flatMap((part) => merge(inOrder(part)));
        expect(merge(inOrder(parts))).toEqual(merge(inOrder(windows)));
      }),
    );
  });
}

function paneContract<Options>(
  kind: WindowKind<Options>,
  panesOf: (options: Options) => Panes,
  options: fc.Arbitrary<Options>,
): void {
  it('are made of whole panes: an event is in one, and in each window that holds it, and no other (KIND-6)', () => {
    fc.assert(
      fc.property(options, time, (given, at) => {
        const panes = panesOf(given);
        const { paneMs, sizeMs, everyMs } = panes;
        expect([sizeMs % paneMs, everyMs % paneMs]).toEqual([0, 0]);
        const [pane, ...others] = kind.assigner(given)(at, 0);
        expect(others).toEqual([]);
        expect(pane!.end - pane!.start).toBe(paneMs);

        const [first, last] = [firstEndOf(panes, pane!.start), lastEndOf(panes, pane!.start)];
        expect((last - first) % everyMs).toBe(0);
        const holds = (end: number): boolean => end - sizeMs <= pane!.start && pane!.end <= end;
        expect([first - everyMs, first, last, last + everyMs].map(holds)).toEqual([false, true, true, false]);
        // Each boundary is told, one after the other.
        expect(kind.nextClose(given, first - 1)).toBe(first);
        expect(kind.nextClose(given, first)).toBe(first + everyMs);
      }),
      { numRuns: 1_000 },
    );
  });
}
