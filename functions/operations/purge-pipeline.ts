/**
 * All that a pipeline has stored, removed for good: with its savepoints, its dead letters and its reports.
 *
 * PURGING-1 A pipeline that is stopped, and held by nobody. The command claims the epoch first: whoever is still at work somewhere is fenced, and
 *    whoever starts it meanwhile finds it held. It stays at `stop` until its head goes, last.
 */
import type { CountedItems, Removed, WhatIsThere } from '../adapters/dynamodb/remove-pipeline.ts';
import type { SavedPoint, SavepointIndex } from '../adapters/dynamodb/savepoint-index.ts';
import { SluiceError } from '../core/errors.ts';
import type { Head } from '../core/model.ts';
import { mainSource } from '../pipeline/sources.ts';
import { type ListedSavepoint, removeListed } from './listed-savepoints.ts';
import type { OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused, refuseHeld } from './refused.ts';
import { restoreLeaseMs } from './restore-batch.ts';

export type PurgedPipeline = {
  readonly pipeline: OperatedPipeline;
  readonly index: Pick<SavepointIndex, 'list'>;
  readonly count: (there: WhatIsThere) => Promise<CountedItems>;
  readonly removeAll: (there: WhatIsThere) => Promise<Removed>;
  readonly savepoint: (name: string) => ListedSavepoint;
  /** Where large values lie, if it is named. */
  readonly bucket: string | null;
};

export type ToPurge = CountedItems & {
  readonly pipeline: string;
  readonly committedBatch: number | null;
  readonly savepoints: readonly SavedPoint[];
};

/** So far below what was purged a step that came late may have left something. */
const lateBatches = 100;

/** @throws OperationRefused unless it is stopped and held by nobody; MissingItem if it has never run */
export async function whatToPurge(of: PurgedPipeline): Promise<ToPurge> {
  const head = await stoppedHead(of);
  const savepoints = await of.index.list();
  const elsewhere = savepoints.find(({ bucket }) => bucket !== null && of.bucket === null);
  if (elsewhere !== undefined)
    throw new OperationRefused(
      'usage',
      `savepoint ${elsewhere.name} was made with the bucket ${elsewhere.bucket}: name it with --state-bucket`,
    );
  const counted = await of.count(thereIn(head));
  return { ...counted, pipeline: of.pipeline.name, committedBatch: head.committed?.batchId ?? null, savepoints };
}

/** @throws as `whatToPurge` does; nothing has changed then */
export async function purgePipeline(of: PurgedPipeline): Promise<Removed> {
  const { pipeline } = of;
  const seen = await stoppedHead(of);
  const claimed = await pipeline.head.claim(seen, {
    ...{ owner: pipeline.newId(), claim: pipeline.newId(), execution: 'sluice purge' },
    leaseUntil: pipeline.clock.now() + restoreLeaseMs,
    source: { listedAt: undefined, retentionMs: seen.sources[mainSource].stream.retentionMs },
  });
  if (claimed.kind === 'lost')
    throw new OperationRefused(
      'held',
      `another driver or command has taken ${pipeline.name} meanwhile; nothing has changed`,
    );
  let [items, objects] = [0, 0];
  const add = (removed: Removed): void => {
    items += removed.items;
    objects += removed.objects;
  };
  for (const { name } of await of.index.list()) {
    add(await removeListed(of.savepoint(name)));
    items += 1;
  }
  add(await of.removeAll(thereIn(claimed.head)));
  return { items, objects };
}

async function stoppedHead({ pipeline }: PurgedPipeline): Promise<Head> {
  const { name } = pipeline;
  const head = await pipeline.head.load();
  if (head === undefined) throw new SluiceError('MissingItem', `pipeline ${name} has never run on this table`);
  refuseHeld(head, pipeline.clock.now(), { what: `pipeline ${name}`, todo: 'stop it, or wait until then' });
  if (head.control !== 'stop')
    throw new OperationRefused(
      'usage',
      `pipeline ${name} is not stopped: \`npx sluice stop --pipeline ${name}\` first`,
    );
  return head;
}

const thereIn = ({ purgedBelow, committed, sealed, parallelism, formerGroups }: Head): WhatIsThere => ({
  batches: {
    groups: Math.max(parallelism, formerGroups?.most ?? 0) + 1,
    from: Math.max(0, purgedBelow - lateBatches),
    // A try of the next one may have begun.
    upTo: Math.max(committed?.batchId ?? -1, sealed?.batchId ?? -1) + 1,
  },
});
