/** What the page knows of a pipeline: read of its table, and of a run on this machine heard as it happens. */
import type { Head } from '../../functions/core/model.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import type { Trouble } from '../../functions/core/trouble.ts';
import type { History } from './history.ts';
import type { LiveSteps } from './live-steps.ts';

export type PageFacts = {
  readonly pipeline: string;
  /** 'run': of `sluice dev`, which tells its steps and rows. 'table': of a pipeline that runs elsewhere. */
  readonly mode: 'run' | 'table';
  /**
   * When `head` was read last: what it says is judged as of then, not of now. Epoch milliseconds, as all times here. Undefined: nothing was read
   * yet.
   */
  readonly readAt: number | undefined;
  /** Undefined: it has never run, or nothing was read yet. */
  readonly head: Head | undefined;
  readonly history: History;
  /** Of the last committed batch that was looked at: all that are known, open or not. */
  readonly shards: readonly ShardCheckpoint[];
  /** What steps have noted of what keeps them up. */
  readonly troubles: readonly Trouble[];
  /** Undefined: nobody tells. */
  readonly live: LiveSteps | undefined;
  /** The last ones of each output, oldest first. Undefined: nobody tells. */
  readonly rows: RowsShown | undefined;
  readonly findings: readonly PageFinding[];
  /** Why the table could not be read last time. Undefined: it could. */
  readonly trouble: string | undefined;
};

export type RowsShown = Readonly<
  Record<string, { readonly count: number; readonly last: readonly (readonly [batchId: number, row: unknown])[] }>
>;

/** What is wrong, where, and what mends it. */
export type PageFinding = {
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  /** A shard, an output, or the pipeline. */
  readonly subject: string;
  readonly cause: string;
  readonly mend: string;
};

/** The last report there is. */
export const lastReport = ({ history }: Pick<PageFacts, 'history'>): BatchProgress | undefined =>
  history.reports.at(-1);
