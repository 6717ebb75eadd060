/** Tasks that fail as a whole: their functions died, or could not begin. */
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { lastTwo, reportsOfToday } from './recent.ts';

const inBatches = 3;

export const failedTasks: FindingKind = {
  kind: 'failed-tasks',
  severities: ['warning', 'critical'],
  when: 'Tasks failed as a whole in two batches in a row; in three it is critical.',
  mend: 'Look at `failed` in the log of ProcessShards; more `memorySize` if they run out of memory or time.',
  find(facts) {
    const [newest, before] = lastTwo(facts) ?? [];
    if (newest === undefined || before === undefined || newest.failedTasks === 0 || before.failedTasks === 0) return [];
    // What ended them is known, or looked for: that is a poison record.
    if ((facts.head.suspicions?.shards.length ?? 0) > 0) return [];
    const reports = reportsOfToday(facts);
    const firstWell = reports.findIndex((report) => report.failedTasks === 0);
    const batches = firstWell < 0 ? reports.length : firstWell;
    return [
      {
        severity: batches >= inBatches ? 'critical' : 'warning',
        subject: wholePipeline,
        cause: `${newest.failedTasks} ${newest.failedTasks === 1 ? 'task' : 'tasks'} failed as a whole in the last batch, and some in each of the last ${batches}: their functions died, or were refused; their shards stay where they are.`,
        mend: 'Look at `failed` in the log of ProcessShards: give it more `memorySize` if it runs out of memory or time, and more concurrency if it is throttled.',
      },
    ];
  },
};
