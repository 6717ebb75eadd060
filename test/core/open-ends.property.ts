/** ENDS-1, ENDS-2, ENDS-3, held against a list of all ends that are open, however many. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  endsAfter,
  endsOf,
  isDue,
  joinEnds,
  leastOf,
  mostEnds,
  noEnds,
  type OpenEnds,
} from '../../functions/core/open-ends.ts';
import { slidingKind } from '../../functions/windows/sliding.ts';
import type { WindowSpec } from '../../functions/windows/window-kind.ts';
import { windowed } from '../support/pipelines.ts';

/** Windows of ten. */
const { window } = windowed().aggregation;
const end = fc.integer({ min: 1, max: 400 }).map((at) => at * 10);
const few = fc.array(end, { maxLength: 5 });
const many = fc.array(end, { minLength: mostEnds, maxLength: 3 * mostEnds });
const step = fc.record({
  blocks: fc.array(fc.oneof(few, few, many), { maxLength: 3 }),
  by: fc.integer({ min: 0, max: 700 }),
});

it('a group is due when the first of its windows closes at the latest, and has none open only when none is', () => {
  const seen = { exact: 0, bound: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let truth = new Set<number>();
      let open: OpenEnds = noEnds;
      let watermark = 0;
      for (const { blocks, by } of steps) {
        watermark += by;
        const early = watermark - by;
        const added = blocks.map((ends) => ends.filter((one) => one > early));
        for (const one of added.flat()) truth.add(one);
        const isTouched = added.some((ends) => ends.length > 0);
        const closes = [...truth].some((one) => one <= watermark);
        if (!isTouched && closes) expect(isDue(open, watermark)).toBe(true);
        if (isTouched || isDue(open, watermark))
          open = endsAfter(joinEnds([open, ...added.map((ends) => leastOf(ends))]), watermark, window);
        truth = new Set([...truth].filter((one) => one > watermark));

        const inOrder = [...truth].sort((one, other) => one - other);
        expect(open.ends.length).toBeLessThanOrEqual(mostEnds);
        expect([...open.ends]).toEqual([...new Set(open.ends)].sort((one, other) => one - other));
        expect(open.upTo ?? open.ends.at(-1)).toBe(inOrder.at(-1));
        if (open.upTo === undefined) expect(open.ends).toEqual(inOrder);
        else expect(open.ends[0]).toBeLessThanOrEqual(inOrder[0]!);
        seen[open.upTo === undefined ? 'exact' : 'bound'] += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(seen.exact, seen.bound)).toBeGreaterThan(100);
});

const lateness = fc.constantFrom(0, 5, 10, 35, 200);
const slide = fc.record({
  blocks: fc.array(fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }), { maxLength: 2 }),
  by: fc.nat(60),
});

it('with panes it is due when any of their windows closes or is over, and has none open only when none is (ENDS-3)', () => {
  fc.assert(
    fc.property(fc.array(slide, { maxLength: 20 }), lateness, (steps, latenessMs) => {
      const options = { sizeMs: 40, everyMs: 20, offsetMs: 0 };
      const spec = { kind: slidingKind, options, ...(latenessMs === 0 ? {} : { latenessMs }) };
      let truth = new Set<number>();
      let open: OpenEnds = noEnds;
      let watermark = 0;
      for (const { blocks, by } of steps) {
        const early = watermark;
        watermark += by;
        const isInTime = (pane: { readonly start: number }): boolean =>
          Math.floor(pane.start / 20) * 20 + 40 + latenessMs > early;
        const panes = blocks
          .map((starts) => starts.map((at) => ({ start: early + at * 20, end: early + at * 20 + 20 })))
          .map((own) => own.map(({ start }) => ({ start: start - (start % 20), end: start - (start % 20) + 20 })))
          .map((own) => own.filter(isInTime))
          .filter((own) => own.length > 0);
        for (const { start } of panes.flat())
          for (const end of [start + 20, start + 40])
            for (const at of [end, end + latenessMs]) if (at > early) truth.add(at);
        if (panes.length === 0 && [...truth].some((at) => at <= watermark)) expect(isDue(open, watermark)).toBe(true);
        if (panes.length > 0 || isDue(open, watermark))
          open = endsAfter(joinEnds([open, ...panes.map((own) => endsOf(own, spec))]), watermark, spec);
        truth = new Set([...truth].filter((at) => at > watermark));
        expect(open.upTo ?? open.ends.at(-1)).toBe(truth.size === 0 ? undefined : Math.max(...truth));
        if (truth.size > 0) expect(open.ends[0]).toBeLessThanOrEqual(Math.min(...truth));
      }
    }),
    { numRuns: 300 },
  );
});

it('which blocks come first makes no difference', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(few, many).map((ends) => leastOf(ends)),
        { maxLength: 4 },
      ),
      (blocks) => {
        expect(joinEnds([...blocks].reverse())).toEqual(joinEnds(blocks));
      },
    ),
  );
});

it('keys that are forgotten at any time are due at each, also behind those that are named', () => {
  const spec: WindowSpec = { ...window, endsAnytime: true };
  const ends = Array.from({ length: 200 }, (_, at) => 7 * at + 1);
  let open = leastOf(ends);
  for (const watermark of ends) {
    expect(isDue(open, watermark), `${watermark}`).toBe(true);
    open = endsAfter(open, watermark, spec);
  }
  expect(open).toEqual(noEnds);
});
