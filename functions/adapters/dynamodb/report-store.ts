/** Reports: `PROGRESS#<batch>#<ref>`. */
import type { BatchProgress } from '../../core/progress-report.ts';
import type { ReportStore } from '../../ports/report-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { progressKey } from './keys.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

const progressDays = 30;

export const reportKind = itemKind<BatchProgress>('report', {
  1: fields({
    ...{ pipeline: 'text', batchId: 'number', ref: 'number', generation: 'number', kind: 'text' },
    ...{
      consumerType: 'text',
      committedAt: 'number',
      counters: 'object',
      records: 'number',
      resentElsewhere: 'number',
    },
    ...{ bytes: 'number', shards: 'object', failedTasks: 'number', millisBehindLatest: 'number' },
    ...{ watermark: 'number or null', dataLoss: 'list', sizes: 'object' },
  }),
});

export function createReportStore(storage: Storage): ReportStore {
  const { pipeline } = storage;
  return {
    async putProgress(progress) {
      const key = progressKey(pipeline, progress.batchId, progress.ref);
      await saveIfAbsent(reportKind, key, progress, { ...storage, expires: inDays(storage, progressDays) });
    },
    loadProgress: (batchId, ref) => loadSaved(reportKind, progressKey(pipeline, batchId, ref), storage),
  };
}
