/**
 * What a committed batch has used of AWS, as far as its report says it: reckoned, not counted. Turns that found nothing have no report and are
 * not in it, nor are logs, metrics and the streams.
 */
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { noUsage, type Usage } from './bill.ts';

/** Of any batch, up to a hundred shards: docs/cost.md. What it stores for reducers comes on top. */
const unitsOfBatch = { writes: 18, reads: 23 } as const;
const bytesOfUnit = 1_024;

/** `seconds`: since the batch before; the loop has run as long. */
export function usageOfReport(report: BatchProgress, seconds: number): Usage {
  const { steps = [], perTask = [], sizes } = report;
  const groups = sizes.states?.groups ?? 0;
  const reduce = steps.find(({ step }) => step === 'reduce');
  const reduceSeconds = (groups * (reduce?.ms ?? 0)) / 1_000;
  const readSeconds = perTask.reduce((sum, { workMs }) => sum + workMs, 0) / 1_000;
  const driverMs = steps.reduce((sum, { step, ms }) => (isDriver(step) ? sum + ms : sum), 0);
  return {
    ...noUsage,
    writeUnits: unitsOfBatch.writes + Math.ceil(sizes.blocks.bytes / bytesOfUnit),
    readUnits: unitsOfBatch.reads,
    lambdaRequests: driverSteps.length + perTask.length + groups * (reduce?.tries ?? 1),
    workSeconds: readSeconds + reduceSeconds,
    driverSeconds: driverMs / 1_000,
    executionSeconds: seconds,
  };
}

const driverSteps = ['plan', 'seal', 'commit'];
const isDriver = (step: string): boolean => driverSteps.includes(step);
