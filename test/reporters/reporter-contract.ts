/** What is asked of every reporter: it takes any report, changes nothing of it, and comes to an end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchReport, Reporter } from '../../functions/pipeline/reporter.ts';

const number = fc.nat(1_000_000);
const counts = fc.array(fc.record({ reason: fc.constantFrom('invalid-json', 'callback-failed'), count: number }));

export const batchReport: fc.Arbitrary<BatchReport> = fc.record({
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
  watermark: fc.option(number),
  sizes: fc.record({ blocks: fc.record({ blocks: number, bytes: number, mostOfGroup: number }), bodyChars: number }),
  warnings: fc.array(fc.record({ limit: fc.constant('payload'), size: number, most: number, message: fc.string() })),
});

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
