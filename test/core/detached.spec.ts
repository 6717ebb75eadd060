import { describe, expect, test } from 'vitest';
import {
  type DetachedOutput,
  detachedAfter,
  mayAttach,
  mostKeptAtOnce,
  mostKeptBatches,
  nextToAttach,
  ofOneLayout,
  oldestKeptBatch,
  problemOfKept,
} from '../../functions/core/detached.ts';

const since = (next: number, more: Partial<DetachedOutput> = {}): DetachedOutput => ({
  ...{ at: 0, since: 3, next, kept: 0 },
  ...more,
});
const attach = { output: 'audit', id: 'first', from: 3, upTo: 7, batches: [] };

describe('a batch that is committed', () => {
  test('adds what was kept of it, by output', () => {
    const detached = { audit: since(3, { kept: 5 }), view: since(4) };
    expect(detachedAfter({ detached }, { batchId: 6 }, { kept: { audit: 2 } })).toEqual({
      audit: since(3, { kept: 7 }),
      view: since(4),
    });
    expect(detachedAfter({}, { batchId: 6 }, {})).toBeUndefined();
  });

  test('that has sent some of what was kept says where the rest begins, and behind the last there is none (DETACH-5)', () => {
    const detached = { audit: since(3, { kept: 5, attach: 'first' }) };
    const resent = { audit: 4 };
    expect(detachedAfter({ detached }, { batchId: 12, attach }, { resent })).toEqual({
      audit: since(8, { kept: 1, attach: 'first' }),
    });
    expect(detachedAfter({ detached }, { batchId: 8, attach }, { resent })).toBeUndefined();
  });

  test('moves nothing of an output that was detached again, or attached anew, meanwhile (DETACH-5)', () => {
    for (const now of [since(3), since(3, { attach: 'second' }), since(10, { attach: 'second' })])
      expect(detachedAfter({ detached: { audit: now } }, { batchId: 8, attach }, {})).toEqual({ audit: now });
  });
});

test('no batch is purged that something is kept of (DETACH-3)', () => {
  expect(oldestKeptBatch({ detached: { audit: since(9), view: since(4) } })).toBe(4);
  expect(oldestKeptBatch({})).toBe(Number.POSITIVE_INFINITY);
});

test('an output that is being attached is sent so many batches at once, and one that is detached none', () => {
  const detached = { other: since(1), audit: since(3, { attach: 'first' }) };
  expect(nextToAttach({ detached }, 7)).toEqual({ output: 'audit', id: 'first', from: 3, upTo: 7 });
  expect(nextToAttach({ detached }, 1_000)).toMatchObject({ upTo: 2 + mostKeptAtOnce });
  expect(nextToAttach({ detached: { other: since(1) } }, 7)).toBeUndefined();
  expect(mayAttach({ detached }, attach)).toBe(true);
  expect(mayAttach({ detached }, { ...attach, id: 'second' })).toBe(false);
  expect(mayAttach({}, attach)).toBe(false);
});

test('one batch sends those of one layout of key groups (DETACH-4)', () => {
  const of = (...groups: readonly number[]) => groups.map((parallelism) => ({ parallelism }));
  expect(ofOneLayout(of(4, 4, 2, 4))).toEqual(of(4, 4));
  expect(ofOneLayout(of(4, 4))).toEqual(of(4, 4));
});

describe('a plan does not go on', () => {
  const audit = { id: 'audit', sent: 'after-seal' } as const;

  test('without the output that rows are kept for, or where it could not keep them', () => {
    const detached = { audit: since(3, { kept: 5 }) };
    expect(problemOfKept({ detached }, [audit], 9)).toBeUndefined();
    expect(problemOfKept({ detached }, [], 9)).toMatch(/output audit is detached, and 5 rows .*--discard/);
    expect(problemOfKept({ detached }, [{ ...audit, sent: 'while-reading' }], 9)).toMatch(/while records are read/);
    expect(problemOfKept({ detached }, [{ ...audit, files: {} }], 9)).toMatch(/writes files/);
  });

  test('for ever', () => {
    const detached = { audit: since(3) };
    expect(problemOfKept({ detached }, [audit], 2 + mostKeptBatches)).toBeUndefined();
    expect(problemOfKept({ detached }, [audit], 3 + mostKeptBatches)).toMatch(/for 50000 batches at most/);
    // Attaching it is what the message asks for.
    const attached = { audit: since(3, { attach: 'first' }) };
    expect(problemOfKept({ detached: attached }, [audit], 3 + mostKeptBatches)).toBeUndefined();
  });
});
