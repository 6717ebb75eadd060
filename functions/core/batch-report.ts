/** What reporters are told of a batch: of its report the numbers, and none of the examples, which quote data. */
import type { BatchReport, ReasonCount } from '../pipeline/reporter.ts';
import type { Tally } from './dead-letter-tally.ts';
import type { BatchProgress, TaskProgress } from './progress-report.ts';

export function toBatchReport(progress: BatchProgress): BatchReport {
  const { pipeline, batchId, ref, kind, committedAt, counters, records, resentElsewhere, bytes, failedTasks } =
    progress;
  const {
    deadLetters = [],
    refusedRows = [],
    outputs,
    kept,
    resent,
    references,
    millisBehindLatest,
    watermark,
  } = progress;
  const { repeated, unidentified, redriven, sizes, warnings = [], origin, steps } = progress;
  const { retentionMs, nearestLimit, rows, perShard = [], perTask = [] } = progress;
  return {
    ...{ pipeline, batchId, ref, kind, committedAt, counters: { ...counters }, records, resentElsewhere, bytes },
    ...(origin === undefined ? {} : { origin: { ...origin } }),
    ...(repeated === undefined ? {} : { repeated }),
    ...(unidentified === undefined ? {} : { unidentified }),
    ...(redriven === undefined ? {} : { redriven: { ...redriven } }),
    ...{ failedTasks, millisBehindLatest, watermark },
    throttles: perShard.reduce((sum, { throttles }) => sum + throttles, 0),
    ...(perTask.length === 0 ? {} : { executors: executorsOf(perTask) }),
    ...(rows === undefined ? {} : { results: rows.results }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(nearestLimit === undefined ? {} : { nearestLimit: { ...nearestLimit } }),
    ...(steps === undefined ? {} : { steps: steps.map((step) => ({ ...step })) }),
    sizes: structuredClone(sizes),
    warnings: warnings.map((warning) => ({ ...warning })),
    deadLetters: countsIn(deadLetters),
    refusedRows: countsIn(refusedRows),
    ...(outputs === undefined ? {} : { outputs: structuredClone(outputs) }),
    ...(kept === undefined ? {} : { kept: { ...kept } }),
    ...(resent === undefined ? {} : { resent: { ...resent } }),
    ...(references === undefined ? {} : { references: structuredClone(references) }),
  };
}

const executorsOf = (tasks: readonly TaskProgress[]): NonNullable<BatchReport['executors']> => ({
  count: tasks.length,
  workMs: tasks.reduce((sum, { workMs }) => sum + workMs, 0),
  longestMs: Math.max(...tasks.map(({ workMs }) => workMs)),
});

const countsIn = (tally: Tally): readonly ReasonCount[] => tally.map(({ reason, count }) => ({ reason, count }));
