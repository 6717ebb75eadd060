/** Results of many windows, in their order, of which few are held. */
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../functions/core/deliver-results.ts';
import { rowEvaluator } from '../../functions/core/evaluate-row.ts';
import type { OutboxStep } from '../../functions/core/outbox.ts';
import { limitsOf } from '../../functions/core/record-limit.ts';
import { prepareReduce } from '../../functions/core/reduce-key-group.ts';
import type { EntryLimits } from '../../functions/core/result-entries.ts';
import type { SavedKey } from '../../functions/core/saved-windows.ts';
import { sizeOf } from '../../functions/core/state/manifest.ts';
import { StateOfBatch } from '../../functions/core/state/state-of-batch.ts';
import { batchBody } from '../support/builders.ts';
import { windowed } from '../support/pipelines.ts';
import { manifestWith, memorySegments } from '../support/stored-windows.ts';

const pipeline = windowed();
const few: EntryLimits = { mostHeld: 5, mostInOrder: 3 };
const rowsOfStep = 3;

const keyOf = (at: number): string => `k${String(at).padStart(3, '0')}`;
/** Of every key its windows, each with its own count. */
const state = (keys: number, startsOf: (key: number) => readonly number[]): SavedKey[] =>
  Array.from({ length: keys }, (_, at) => {
    const windows = startsOf(at).map((start) => {
      const value = at * 100 + start;
      return [start, start + 10, [1, [1, value], value, value, [1, value]]] as const;
    });
    return [[keyOf(at)], windows];
  });

class GoneThrough {
  times = 0;
  readonly #keys: readonly SavedKey[];

  constructor(keys: readonly SavedKey[]) {
    this.#keys = keys;
  }

  *[Symbol.iterator](): Generator<SavedKey> {
    this.times += 1;
    yield* this.#keys;
  }
}

/** All steps of the close of what begins before 1,000. `stored`: those of an earlier try. */
function closed(
  before: Iterable<SavedKey>,
  limits: EntryLimits | undefined,
  stored: readonly OutboxStep[] = [],
  dropsOver = false,
) {
  const body = batchBody({ batchId: 1, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
  const group = { keyGroup: 0, before, blocks: [], dropsOver };
  const { rows, setup, begin, outcomeOf } = prepareReduce(pipeline, body, group, limits);
  const delivery: Delivery = begin();
  for (const step of stored) delivery.take(step);
  const evaluate = rowEvaluator(pipeline, setup);
  const steps = [...stored];
  while (delivery.end < rows.length) {
    const most = Math.min(rowsOfStep, rows.length - delivery.end);
    const made = Array.from({ length: most }, (_, at) => evaluate(rows.at(delivery.end + at)));
    const step = delivery.stepOf(made, limitsOf(pipeline.outputs));
    steps.push(step);
    delivery.take(step);
  }
  return { steps, outcome: outcomeOf(delivery) };
}

const bounds = ({ steps }: ReturnType<typeof closed>) =>
  steps
    .flatMap(({ rows }) => rows)
    .map((row) => {
      if (row.kind !== 'output') throw new Error(row.kind);
      const { _sluice } = JSON.parse(String(row.records[0]!.record.data)) as {
        _sluice: { index: number; window: readonly number[]; key: string };
      };
      return { index: _sluice.index, start: _sluice.window[0]!, key: _sluice.key };
    });

describe('results that are made anew', () => {
  const byWindow = {
    'of one window': state(40, () => [10]),
    'of several': state(20, () => [0, 10, 30]),
    'of windows of their own': state(40, (key) => [(key * 17) % 41]),
    'of windows that come in their order': state(40, (key) => [key]),
    'of some that stay open': state(30, (key) => [key % 3, 995]),
  };

  it.each(Object.entries(byWindow))('%s are those that are held, and so is what the batch changes', (_, keys) => {
    const held = closed(keys, undefined);
    expect(bounds(held).length).toBeGreaterThan(20);
    expect(closed(keys, few)).toEqual(held);
  });

  it('come by window and key, each once', () => {
    const places = bounds(
      closed(
        state(20, () => [0, 10, 30]),
        few,
      ),
    );
    expect(places.map(({ index }) => index)).toEqual(Array.from({ length: 60 }, (_, at) => at));
    expect(places.map(({ start }) => start)).toEqual([0, 10, 30].flatMap((start) => Array<number>(20).fill(start)));
    expect(places.slice(20, 40).map(({ key }) => key)).toEqual(
      Array.from({ length: 20 }, (_, at) => JSON.stringify([keyOf(at)])),
    );
  });

  it('go on behind what another try has stored', () => {
    const keys = state(20, () => [0, 10, 30]);
    const whole = closed(keys, undefined);
    expect(closed(keys, few, whole.steps.slice(0, 7))).toEqual(whole);
    const one = state(40, () => [10]);
    expect(closed(one, few, whole.steps.slice(0, 0)).steps).toEqual(closed(one, undefined).steps);
    const stored = closed(one, undefined).steps.slice(0, 9);
    expect(closed(one, few, stored)).toEqual(closed(one, undefined));
  });

  it('come of a state in segments as well', () => {
    const keys = state(20, () => [0, 10, 30]);
    const before = { manifest: manifestWith(keys, pipeline.aggregation), fingerprint: pipeline.fingerprint };
    const batch = { batchId: 1, keyGroup: 0, watermarkIn: null, watermarkOut: 1_000 };
    const storing = memorySegments();
    const windows = new StateOfBatch(pipeline, batch, { before, brought: [], storing });
    const { steps, outcome } = closed(windows.keys, few, [], windows.dropsOver);
    expect(steps).toEqual(closed(keys, undefined).steps);
    // Their slices are over: nothing is said of any key, and nothing is left.
    expect(outcome.delta).toEqual([]);
    expect(sizeOf(windows.after(outcome.delta).manifest([]))).toMatchObject({ entries: 0, segments: 0 });
  });

  it('come of keys that can be gone through again, where there are more than are held', () => {
    const once = () => state(40, () => [10]).values();
    expect(() => closed(once(), few)).toThrow('they can be gone through once');
    expect(bounds(closed(once(), undefined))).toHaveLength(40);
  });

  it('are gone through twice in all where they come in their order, and else once for each stretch', () => {
    const inOrder = new GoneThrough(state(40, () => [10]));
    closed(inOrder, few);
    expect(inOrder.times).toBe(2);
    const several = new GoneThrough(state(10, () => [0, 10]));
    closed(several, few);
    expect(several.times).toBe(1 + 20 / few.mostHeld);
    const held = new GoneThrough(state(10, () => [0, 10]));
    closed(held, undefined);
    expect(held.times).toBe(1);
  });
});
