import { describe, expect, it } from 'vitest';
import { Summary } from './command/summary.ts';
import type { RunResult } from './world/run-result.ts';

const result = (seed: number, given: Partial<RunResult> = {}): RunResult => ({
  seed,
  violations: [],
  hits: new Map(),
  dimensions: new Map(),
  events: 200 + seed,
  batches: 20 - seed,
  isCutShort: false,
  reshards: seed % 2,
  late: 1,
  lost: 0,
  resentElsewhere: 0,
  outputs: 10,
  executions: 2,
  invocations: 50,
  requests: 300,
  virtualMs: 1_800_000,
  traceHash: `hash-${seed}`,
  ...given,
});

function summaryOf(...results: readonly RunResult[]): Record<string, unknown> {
  const summary = new Summary();
  for (const one of results) summary.add(one);
  return summary.toJson() as Record<string, unknown>;
}

describe('the summary of many runs', () => {
  it('adds up what they had, and keeps the least', () => {
    expect(summaryOf(result(1), result(2), result(3), result(4))).toMatchObject({
      runs: 4,
      violations: 0,
      events: 810,
      batches: 70,
      resharded: 2,
      fewestEvents: 201,
      fewestBatches: 16,
      virtualHours: 2,
    });
  });

  it('has the first broken promise of each run that broke one', () => {
    const broken = [
      { invariant: 'S6', detail: 'changed' },
      { invariant: 'R2', detail: 'so this too' },
    ];
    const { violations, violated } = summaryOf(result(1), result(2, { violations: broken }));
    expect(violations).toBe(1);
    expect(violated).toEqual([{ seed: 2, invariant: 'S6', detail: 'changed' }]);
  });

  it('counts strikes by kind, and those at writes by step, before and after; what cannot happen is no cell', () => {
    const hits = new Map([
      ['crash seal-batch/seal after', 2],
      ['crash seal-batch/put-body after', 1],
      ['crash seal-batch/load-head before', 4],
      ['skew', 9],
    ]);
    const { faults, matrix } = summaryOf(result(1, { hits }), result(2, { hits })) as {
      readonly faults: Record<string, number>;
      readonly matrix: Record<string, Record<string, number | null>>;
    };
    expect(faults).toEqual({ crash: 14, skew: 18 });
    expect(matrix.crash).toMatchObject({ 'seal-batch before': 0, 'seal-batch after': 6 });
    expect(matrix.throttle).toMatchObject({ 'seal-batch before': 0, 'seal-batch after': null });
    expect(matrix.partial).toMatchObject({ 'seal-batch before': null, 'process-shards before': 0 });
  });

  it('counts strikes where the source is read, by call', () => {
    const hits = new Map([
      ['ended process-shards/event after', 2],
      ['quota plan-batch/register before', 3],
      ['expired process-shards/read before', 1],
      ['expired seal-batch/read before', 1],
    ]);
    const { sourceMatrix } = summaryOf(result(1, { hits }), result(2, { hits })) as {
      readonly sourceMatrix: Record<string, Record<string, number | null>>;
    };
    expect(sourceMatrix.ended).toMatchObject({ 'event before': 0, 'event after': 4, 'subscribe before': null });
    expect(sourceMatrix.quota).toMatchObject({ 'register before': 6, 'register after': null, 'event before': null });
    expect(sourceMatrix.expired).toMatchObject({ 'read before': 2, 'event before': null });
  });

  it('counts in how many runs a dimension was drawn, in how many it mattered, and how often in all', () => {
    const { dimensions } = summaryOf(
      result(1, { dimensions: new Map([['fan-out', 7]]) }),
      result(2, { dimensions: new Map([['fan-out', 0]]) }),
      result(3, { dimensions: new Map([['fan-out', 2]]) }),
      result(4),
    ) as { readonly dimensions: Record<string, object> };
    expect(dimensions['fan-out']).toEqual({ drawn: 3, mattered: 2, times: 9 });
    expect(dimensions.resharding).toEqual({ drawn: 0, mattered: 0, times: 0 });
  });

  it('has another hash if one trace differs, or comes in another place', () => {
    const { traceHash } = summaryOf(result(1), result(2));
    expect(summaryOf(result(1), result(2)).traceHash).toBe(traceHash);
    expect(summaryOf(result(2), result(1)).traceHash).not.toBe(traceHash);
    expect(summaryOf(result(1), result(2, { traceHash: 'other' })).traceHash).not.toBe(traceHash);
  });
});
