/**
 * Reporters are told of a batch that is committed.
 *
 * REPORTER-1 Nothing that one throws, rejects with or leaves undone fails the step: it is logged.
 * REPORTER-2 They are told side by side, and waited for no longer than a second in all.
 * REPORTER-3 Each is given a report of its own, so what one changes no other sees.
 */
import type { BatchReport } from '../../pipeline/reporter.ts';
import type { CommitRuntime } from './commit-runtime.ts';

const longestMs = 1_000;

export async function tellReporters({ reporters = [], ports, log }: CommitRuntime, report: BatchReport): Promise<void> {
  const failed = (error: unknown): void =>
    log.warn('reporter failed', { batchId: report.batchId, error: error instanceof Error ? error.name : 'unknown' });
  const pending: Promise<void>[] = [];
  for (const reporter of reporters) {
    try {
      const answer = reporter(structuredClone(report));
      if (answer !== undefined) pending.push(Promise.resolve(answer).catch(failed));
    } catch (error) {
      failed(error);
    }
  }
  if (pending.length === 0) return;
  const done = new AbortController();
  const all = Promise.all(pending).then(() => 'all' as const);
  const first = await Promise.race([all, ports.clock.sleep(longestMs, done.signal).then(() => 'late' as const)]);
  done.abort();
  if (first === 'late') log.warn('reporters not waited for', { batchId: report.batchId });
}
