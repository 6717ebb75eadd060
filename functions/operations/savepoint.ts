/**
 * Savepoints, and pipelines that begin with one.
 *
 * SAVEPOINT-1 A savepoint is a pipeline that never runs, under a name that no pipeline can have: a head, one batch, and copies of all that the batch
 *    names. It stays as it is, whatever becomes of the pipeline, until it is deleted.
 */

import type { SluiceError } from '../core/errors.ts';
import { sourceStartedAt } from '../core/head.ts';
import type { Head } from '../core/model.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { BatchOf, OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused } from './refused.ts';
import { type RestoredBatch, restoreBatch } from './restore-batch.ts';

/** Names of pipelines have letters, digits, `_`, `.` and `-`. */
export const savepointName = (pipeline: string, name: string): string => `${pipeline}@${name}`;

/**
 * Copies a committed batch to a name that has none.
 *
 * @throws OperationRefused if there is such a savepoint; SluiceError `MissingItem` if the batch was purged meanwhile
 */
export async function makeSavepoint(savepoint: OperatedPipeline, source: BatchOf, of: Head): Promise<RestoredBatch> {
  const made = await begin(savepoint, source, { of, why: 'savepoint', control: 'stop' });
  const { batchId, ref } = made.body;
  const { epoch, holder } = made.head;
  const committed = await savepoint.head.commit({
    ...{ batchId, ref, epoch, owner: holder?.owner ?? '', lease: { kind: 'released' }, oldestRetainedBatch: 0 },
  });
  if (committed.kind === 'lost') throw isThere(savepoint.name);
  return { ...made, head: committed.head };
}

/**
 * A pipeline of another name, that goes on from a committed batch or a savepoint. Its first start finishes it.
 *
 * @throws OperationRefused if there is such a pipeline
 */
export const fork = (target: OperatedPipeline, source: BatchOf, of: Head): Promise<RestoredBatch> =>
  begin(target, source, { of, why: 'fork', control: 'run' });

async function begin(
  target: OperatedPipeline,
  source: BatchOf,
  { of, why, control }: { readonly of: Head; readonly why: 'savepoint' | 'fork'; readonly control: Head['control'] },
): Promise<RestoredBatch> {
  const now = target.clock.now();
  const startedAt = sourceStartedAt(of);
  const { stream, start } = of.sources[mainSource];
  const head = await target.head.create({
    pipeline: target.name,
    ...{ createdAt: now, generation: now, epoch: now, holder: undefined, committed: undefined, sealed: undefined },
    ...{ oldestRetainedBatch: 0, purgedBelow: 0, control: 'stop' },
    ...{ fingerprint: of.fingerprint, parallelism: of.parallelism },
    // Of shards that were never read nobody knows more than when they were listed first.
    sources: { [mainSource]: { stream, start, startedAt, listedAt: undefined } },
  });
  // One that a command has begun and not ended is begun again.
  if (head.sealed !== undefined || sourceStartedAt(head) !== startedAt) throw isThere(target.name);
  return restoreBatch(target, { why, source, givesUp: false, newGeneration: false, control });
}

const isThere = (name: string): SluiceError =>
  new OperationRefused('usage', `${name} is there already: use another name, or delete it first`);

/**
 * The pipeline goes on from an earlier batch of its own that is retained, or from a savepoint. A batch that is sealed and not committed is given up.
 *
 * @throws OperationRefused while a driver holds the pipeline; nothing has changed then
 */
export const rewind = (pipeline: OperatedPipeline, source: BatchOf): Promise<RestoredBatch> =>
  restoreBatch(pipeline, { why: 'rewind', source, givesUp: true, newGeneration: true });
