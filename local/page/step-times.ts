/** How long the steps of a committed batch took, as its report says it. Reports of before have none. */
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import type { StepName } from './live-steps.ts';

export type StepTime = { readonly step: StepName; readonly at: number; readonly ms: number; readonly tries?: number };

export const stepTimesOf = (report: BatchProgress): readonly StepTime[] =>
  (report as { readonly steps?: readonly StepTime[] }).steps ?? [];
