/** What a run came to. */
import type { Violation } from '../checks/violation.ts';

export type RunResult = {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly hits: ReadonlyMap<string, number>;
  /** Those that the seed drew, and how often each mattered. */
  readonly dimensions: ReadonlyMap<string, number>;
  readonly events: number;
  readonly batches: number;
  /** The stream was made anew: the pipeline ends there, however few batches it had. */
  readonly isCutShort: boolean;
  readonly reshards: number;
  readonly late: number;
  readonly lost: number;
  readonly resentElsewhere: number;
  readonly outputs: number;
  readonly executions: number;
  readonly invocations: number;
  readonly requests: number;
  readonly virtualMs: number;
  readonly traceHash: string;
};
