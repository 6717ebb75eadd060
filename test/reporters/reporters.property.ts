/** The contract, for the reporters of every pipeline and a toy. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ownReporters } from '../../functions/reporters/index.ts';
import { logLine } from '../../functions/reporters/log-line.ts';
import { sumUp } from '../toys/totals.ts';
import { batchReport, reporterContract } from './reporter-contract.ts';

const silent = { info: () => {}, warn: () => {} };

for (const [at, reporter] of [...ownReporters(silent), sumUp].entries()) reporterContract(`number ${at}`, reporter);

it('the log has a line for each batch, one for each limit it is near to, and one for each kind of what was refused', () => {
  fc.assert(
    fc.property(batchReport, (report) => {
      const lines: string[] = [];
      const note = (message: string, { batchId }: Record<string, unknown>) => lines.push(`${message} ${batchId}`);
      logLine({ info: note, warn: note })(report);
      const { batchId, deadLetters, refusedRows, warnings } = report;
      expect(lines).toEqual([
        `committed ${batchId}`,
        ...warnings.map(() => `near a limit ${batchId}`),
        ...(deadLetters.length > 0 ? [`dead letters ${batchId}`] : []),
        ...(refusedRows.length > 0 ? [`refused results ${batchId}`] : []),
      ]);
    }),
  );
});

it('the line says how many of what, and for which reasons', () => {
  const [report] = fc.sample(batchReport, 1);
  const lines: unknown[] = [];
  const log = {
    info: (...line: readonly unknown[]) => lines.push(line),
    warn: (...line: readonly unknown[]) => lines.push(line),
  };
  const counters = { read: 9, counted: 4, filtered: 2, late: 1, deadLettered: 2, emitted: 3 };
  const deadLetters = [{ reason: 'invalid-json', count: 2 }];
  const sizes = { blocks: { blocks: 2, bytes: 300, mostOfGroup: 200 }, bodyChars: 900 };
  const warnings = [{ limit: 'payload' as const, size: 8, most: 10, message: 'too much' }];
  const steps = [
    { step: 'plan' as const, at: 1, ms: 20 },
    { step: 'commit' as const, at: 21, ms: 7, tries: 2 },
  ];
  logLine(log)({
    ...report!,
    batchId: 5,
    ref: 7,
    counters,
    resentElsewhere: 1,
    deadLetters,
    refusedRows: [],
    sizes,
    warnings,
    steps,
  });
  expect(lines).toEqual([
    ['committed', { batchId: 5, ref: 7, ...counters, resentElsewhere: 1, ms: { plan: 20, commit: 7, all: 27 }, sizes }],
    ['near a limit', { batchId: 5, limit: 'payload', size: 8, most: 10, why: 'too much' }],
    ['dead letters', { batchId: 5, 'invalid-json': 2 }],
  ]);
});
