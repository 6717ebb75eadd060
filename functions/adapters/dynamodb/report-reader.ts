/** Reports for people who look at several: those of the batches from one on, oldest first. Nothing is written. */
import type { BatchProgress } from '../../core/progress-report.ts';
import { textIn } from './item.ts';
import { progressKey } from './keys.ts';
import { reportKind } from './report-store.ts';
import { loadWhole } from './saved-value.ts';
import type { Storage } from './storage.ts';

/** From the report of `from` to that of `upTo`, both with them. A batch that found nothing has none, one that was tried twice may have two. */
export async function* reportsOf(
  storage: Storage,
  { from, upTo }: { readonly from: number; readonly upTo: number },
): AsyncGenerator<BatchProgress> {
  const { pipeline, table } = storage;
  const where = {
    condition: 'sk BETWEEN :from AND :to',
    values: {
      ':from': progressKey(pipeline, from, 0).sk,
      ':to': progressKey(pipeline, upTo, Number.MAX_SAFE_INTEGER).sk,
    },
  };
  for await (const item of table.query(pipeline, where)) {
    const sk = textIn(item, 'sk');
    // Parts of a large one lie beside it, under longer names.
    if (sk.split('#').length === partsOfName) yield await loadWhole(reportKind, { pk: pipeline, sk }, item, storage);
  }
}

const partsOfName = progressKey('', 0, 0).sk.split('#').length;
