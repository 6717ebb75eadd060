/** The order in which cursors come, and which one is behind the first: pages are copied as far as that one allows. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CursorHeap } from '../../../functions/core/state/cursor-heap.ts';

type Counter = { at: number; readonly id: number };
const isBefore = (one: Counter, other: Counter): boolean =>
  one.at < other.at || (one.at === other.at && one.id < other.id);

it('has the first and the second at hand, whatever moves on', () => {
  const lists = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), { maxLength: 7 });
  fc.assert(
    fc.property(lists, (steps) => {
      const left = steps.map(([at, ...rest], id) => ({ counter: { at: at!, id }, rest }));
      const heap = new CursorHeap(left.map(({ counter }) => counter).toReversed(), isBefore);
      for (;;) {
        const byHand = left.map(({ counter }) => counter).sort((one, other) => (isBefore(one, other) ? -1 : 1));
        expect([heap.first, heap.second]).toEqual([byHand[0], byHand[1]]);
        const { first } = heap;
        if (first === undefined) return;
        const place = left.findIndex(({ counter }) => counter === first);
        const by = left[place]!.rest.shift();
        if (by === undefined) {
          left.splice(place, 1);
          heap.remove();
        } else {
          first.at += by;
          heap.moved();
        }
      }
    }),
    { numRuns: 300 },
  );
});
