/** Reports: `PROGRESS#<batch>#<ref>`. */
import type { Progress } from '../../core/model.ts';
import type { ReportStore } from '../../ports/report-store.ts';
import { progressKey } from './keys.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

const progressDays = 30;

export function createReportStore(storage: Storage): ReportStore {
  const { pipeline } = storage;
  return {
    async putProgress(progress) {
      const key = progressKey(pipeline, progress.batchId, progress.ref);
      await saveIfAbsent(key, progress, { ...storage, expires: inDays(storage, progressDays) });
    },
    loadProgress: (batchId, ref) => loadSaved<Progress>(progressKey(pipeline, batchId, ref), storage),
  };
}
