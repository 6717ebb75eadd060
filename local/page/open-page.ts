/** The page of one pipeline, opened: what `sluice dev` and `sluice page` begin with. */
import type { Table } from '../../functions/adapters/dynamodb/table.ts';
import type { KnownDefinition } from '../../functions/core/state/merging-by.ts';
import { batchesLookedAt } from '../../functions/findings/facts.ts';
import { findingsOf } from '../../functions/findings/index.ts';
import type { Bucket } from '../../functions/ports/bucket.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import type { StepWatch } from '../driver/driver.ts';
import { stepOf } from './live-steps.ts';
import type { PageFacts, PageFinding } from './page-facts.ts';
import { servePage } from './page-server.ts';
import { openPageTable } from './page-table.ts';
import { type PageWatch, watchPage } from './page-watch.ts';

export type OpenPage = {
  readonly address: string;
  /** Of a run on this machine. */
  readonly onStep: StepWatch;
  readonly onBatch: PageWatch['onBatch'];
  close(): Promise<void>;
};

export type PageOptions = {
  readonly pipeline: string;
  readonly mode: PageFacts['mode'];
  readonly table: Table;
  readonly bucket: Bucket | undefined;
  /** With it values of aggregates are shown. */
  readonly definition?: KnownDefinition | undefined;
  /** Undefined: 4600, or any where that is taken; 0: any. */
  readonly port: number | undefined;
};

/** Throws a `LocalProblem` where the port that was asked for is taken. */
export async function openPage({ port, mode, ...of }: PageOptions): Promise<OpenPage> {
  const table = openPageTable({ ...of, clock: systemClock });
  const { now } = systemClock;
  const watch = watchPage({ pipeline: of.pipeline, mode, table, now, diagnose });
  const server = await servePage({ watch, answers: table, port });
  return {
    address: server.address,
    onBatch: watch.onBatch,
    onStep(name, what, error) {
      const step = stepOf(name);
      if (step !== undefined) watch.onStep({ step, what, at: now(), error });
    },
    close: server.close,
  };
}

/** As of the last read: a lease that has run out since then may have been renewed, and nobody has looked. */
export function diagnose({ head, history, shards, troubles, readAt }: PageFacts): readonly PageFinding[] {
  if (head === undefined || readAt === undefined) return [];
  const reports = history.reports.slice(-batchesLookedAt).toReversed();
  return findingsOf({ head, reports, ...(shards.length === 0 ? {} : { shards }), troubles, now: readAt });
}
