/** What is asked of every reporter: it takes any report, changes nothing of it, and comes to an end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchReport, Reporter } from '../../functions/pipeline/reporter.ts';

const stepNames = ['plan', 'process', 'seal', 'reduce', 'commit'] as const;

const number = fc.nat(1_000_000);
const counts = fc.array(fc.record({ reason: fc.constantFrom('invalid-json', 'callback-failed'), count: number }));
const figures = fc.record({
  ...{ entries: number, bytes: number, segments: number, runs: number, inlineChars: number },
  ...{ manifestChars: number, steps: number },
});
/** In their order, each where the one before ends. */
const steps = fc
  .tuple(fc.subarray(stepNames as unknown as (typeof stepNames)[number][]), fc.array(number, { minLength: 5 }), number)
  .map(([names, lengths, start]) => {
    let at = start;
    return names.map((step, index) => {
      const ms = lengths[index]!;
      at += ms;
      return { step, at: at - ms, ms };
    });
  });

/** A part of it may be absent. */
const sometimes = <Value extends object>(part: fc.Arbitrary<Value>): fc.Arbitrary<Value | object> =>
  fc.oneof(part, fc.constant({}));

const always = fc.record({
  pipeline: fc.constant('p'),
  batchId: number,
  ref: number,
  kind: fc.constantFrom('read', 'close-windows'),
  committedAt: number,
  counters: fc.record({
    ...{ read: number, counted: number, filtered: number, late: number, deadLettered: number, emitted: number },
  }),
  deadLetters: counts,
  refusedRows: counts,
  records: number,
  resentElsewhere: number,
  bytes: number,
  failedTasks: number,
  millisBehindLatest: number,
  throttles: number,
  watermark: fc.option(number),
  sizes: fc.record({ blocks: fc.record({ blocks: number, bytes: number, mostOfGroup: number }), bodyChars: number }),
  warnings: fc.array(fc.record({ limit: fc.constant('payload'), size: number, most: number, message: fc.string() })),
});

export const batchReport: fc.Arbitrary<BatchReport> = fc
  .tuple(
    always,
    sometimes(fc.record({ steps })),
    sometimes(fc.record({ retentionMs: fc.integer({ min: 1, max: 1_000_000 }), results: number })),
    sometimes(
      fc.record({
        executors: fc.record({ count: fc.integer({ min: 1, max: 40 }), workMs: number, longestMs: number }),
      }),
    ),
    sometimes(
      fc.record({
        nearestLimit: fc.record({ limit: fc.constant('payload' as const), size: number, most: fc.constant(262_144) }),
      }),
    ),
    sometimes(fc.record({ states: fc.record({ groups: number, total: figures, most: figures }) })),
  )
  .map(([report, withSteps, more, executors, nearest, states]) => ({
    ...{ ...report, ...withSteps, ...more, ...executors, ...nearest },
    sizes: { ...report.sizes, ...states },
  }));

export function reporterContract(name: string, reporter: Reporter): void {
  describe(`reporter ${name}`, () => {
    it('takes every report, and leaves it as it was', async () => {
      await fc.assert(
        fc.asyncProperty(batchReport, async (report) => {
          const before = structuredClone(report);
          await expect(Promise.resolve(reporter(report))).resolves.toBeUndefined();
          expect(report).toEqual(before);
        }),
      );
    });
  });
}
