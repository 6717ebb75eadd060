/** What is known of a pipeline from its table: for findings, and for commands that follow it. Nothing is written. */
import { randomUUID } from 'node:crypto';
import { createHeadStore } from '../functions/adapters/dynamodb/head-store.ts';
import { reportsOf } from '../functions/adapters/dynamodb/report-reader.ts';
import { createSealStore } from '../functions/adapters/dynamodb/seal-store.ts';
import { openStorage, type Storage } from '../functions/adapters/dynamodb/storage.ts';
import type { Table } from '../functions/adapters/dynamodb/table.ts';
import { createTroubleStore } from '../functions/adapters/dynamodb/trouble-store.ts';
import { SluiceError } from '../functions/core/errors.ts';
import type { BatchBody, BatchName, Head } from '../functions/core/model.ts';
import type { BatchProgress } from '../functions/core/progress-report.ts';
import { batchesLookedAt, type PipelineFacts } from '../functions/findings/facts.ts';
import type { Bucket } from '../functions/ports/bucket.ts';
import type { HeadStore } from '../functions/ports/head-store.ts';
import { systemClock } from '../functions/steps/runtime.ts';
import { requireHead } from './table-access.ts';

export type KnownPipeline = { readonly head: HeadStore; readonly storage: Storage };

export function openKnown(table: Table, bucket: Bucket | undefined, pipeline: string): KnownPipeline {
  const storage = openStorage({ table, bucket, pipeline, clock: systemClock, newId: randomUUID });
  return { head: createHeadStore(table, pipeline), storage };
}

/** @throws LocalProblem if it has never run on this table */
export async function loadFacts({ head: store, storage }: KnownPipeline): Promise<PipelineFacts> {
  const head = await requireHead(store, storage.pipeline);
  const [reports, shards, troubles] = await Promise.all([
    lastReports(storage, head, batchesLookedAt),
    shardsOf(storage, head),
    createTroubleStore(storage).loadTroubles(),
  ]);
  return { head, reports, troubles, now: Date.now(), ...(shards === undefined ? {} : { shards }) };
}

/** Of committed batches, the newest first. A batch that found nothing has none. */
export async function lastReports(
  storage: Storage,
  { committed }: Pick<Head, 'committed'>,
  most: number,
): Promise<readonly BatchProgress[]> {
  if (committed === undefined) return [];
  const from = Math.max(0, committed.batchId - most + 1);
  return (await reportsBetween(storage, from, committed)).toReversed();
}

/** Oldest first. Of a batch that was given up and made anew the one that counts. */
export async function reportsBetween(
  storage: Storage,
  from: number,
  committed: BatchName,
): Promise<readonly BatchProgress[]> {
  const counting = new Map<number, BatchProgress>();
  for await (const report of reportsOf(storage, { from, upTo: committed.batchId }))
    if (report.ref <= committed.ref) counting.set(report.batchId, report);
  return [...counting.values()];
}

/** Undefined: nothing is committed, or it lies in a bucket that was not named. */
async function shardsOf(storage: Storage, { committed }: Head): Promise<BatchBody['shards'] | undefined> {
  if (committed === undefined) return undefined;
  try {
    return (await createSealStore(storage).loadBody(committed.batchId, committed.ref)).shards;
  } catch (error) {
    if (error instanceof SluiceError && (error.name === 'NotAllowed' || error.name === 'MissingItem')) return undefined;
    throw error;
  }
}
