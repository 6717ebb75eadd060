/** BUDGET-1: whatever is asked for and given back, in whatever order. */
import { setImmediate as soon } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteBudget } from '../../functions/concurrency/byte-budget.ts';
import { inParallel } from '../../functions/concurrency/in-parallel.ts';

const page = fc.record({ asked: fc.integer({ min: 1, max: 120 }), came: fc.nat(120), turns: fc.nat(3) });

it('never holds more than the budget, and serves everybody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(page, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), async (pages, atOnce) => {
      const budget = new ByteBudget(100);
      const served = await inParallel(pages, atOnce, async ({ asked, came, turns }) => {
        const held = await budget.take(asked);
        expect(budget.held).toBeLessThanOrEqual(100);
        held.shrinkTo(came);
        for (let turn = 0; turn < turns; turn++) await soon();
        expect(budget.held).toBeLessThanOrEqual(100);
        held.release();
        return true;
      });
      expect(served).toEqual(pages.map(() => true));
      expect(budget.held).toBe(0);
    }),
  );
});
