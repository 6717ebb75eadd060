/** KEYED-1, KEYED-2: windows are one by start and end; those that merge do so when they are read out. */
import { expect, it } from 'vitest';
import { countKind } from '../../functions/aggregates/count.ts';
import { WindowsOfKey } from '../../functions/core/windows-of-key.ts';
import { perMicroBatchKind } from '../../functions/windows/per-micro-batch.ts';
import { sessionKind } from '../../functions/windows/session.ts';

const functions = [countKind.read('n', {}, [])!.fn];

function countIn(windows: WindowsOfKey, ...bounds: readonly (readonly [number, number])[]): void {
  for (const [start, end] of bounds) {
    const open = windows.open(start, end, functions);
    const { accumulators } = open;
    open.events += 1;
    accumulators[0] = functions[0]!.add(accumulators[0], undefined);
  }
}
const read = (windows: WindowsOfKey, kind: Parameters<WindowsOfKey['inOrder']>[0] = perMicroBatchKind) =>
  windows.inOrder(kind, functions).map(({ start, end, accumulators }) => [start, end, accumulators[0]]);

it('a key without events has none', () => {
  expect(read(new WindowsOfKey())).toEqual([]);
});

it('are told apart by start and end, in whatever order they come (KEYED-1)', () => {
  const windows = new WindowsOfKey();
  countIn(windows, [10, 20], [0, 10], [0, 100], [0, 10], [10, 20], [0, 50], [0, 100], [0, 100], [20, 30]);
  expect(read(windows)).toEqual([
    [0, 10, 2],
    [0, 50, 1],
    [0, 100, 3],
    [10, 20, 2],
    [20, 30, 1],
  ]);
});

it('that touch are one when they are read out, and may be joined by one more (KEYED-2)', () => {
  const windows = new WindowsOfKey();
  countIn(windows, [20, 30], [0, 10], [5, 15]);
  expect(read(windows, sessionKind)).toEqual([
    [0, 15, 2],
    [20, 30, 1],
  ]);
  countIn(windows, [14, 24]);
  expect(read(windows, sessionKind)).toEqual([[0, 30, 4]]);
});

it('that merge are so many at most as twice those that stay apart, and none is lost (KEYED-2)', () => {
  const windows = new WindowsOfKey();
  for (let at = 0; at < 1_000; at++) {
    countIn(windows, [(at * 7) % 1_000, ((at * 7) % 1_000) + 2]);
    windows.mergeMany(sessionKind, functions);
    expect(windows.all().length).toBeLessThanOrEqual(1_000);
  }
  expect(windows.all().length).toBeLessThan(130);
  expect(windows.inOrder(sessionKind, functions)).toMatchObject([
    { start: 0, end: 1_001, accumulators: [1_000], events: 1_000 },
  ]);
});

it('that a kind merges into nothing are no loss that nobody sees', () => {
  const windows = new WindowsOfKey();
  countIn(windows, [0, 10], [50, 60]);
  const forgetful = { ...sessionKind, merge: () => [{ start: 0, end: 10 }] };
  expect(() => read(windows, forgetful)).toThrow('a window lies in none of those that it was merged into');
});
