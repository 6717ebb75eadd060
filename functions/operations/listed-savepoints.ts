/**
 * Savepoints by name, as people make and delete them: a savepoint and its entry in the list of the pipeline's.
 *
 * LISTED-1 What is listed is whole (INDEX-1). A command that died has left a savepoint that is not listed: made again, it is listed, or
 *    begun anew; deleted, it is gone.
 * LISTED-2 Who deletes one claims it first: a savepoint whose epoch is not that of its batch is being deleted, or was never finished.
 */
import { isNamed } from '../adapters/aws-errors.ts';
import type { SavedPoint, SavepointIndex } from '../adapters/dynamodb/savepoint-index.ts';
import { SluiceError } from '../core/errors.ts';
import type { BatchBody, BatchName, Head } from '../core/model.ts';
import { sizeOf } from '../core/state/manifest.ts';
import { mainSource } from '../pipeline/sources.ts';
import { retainedBatches } from './earlier-batches.ts';
import type { CommittedHead, OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused, refuseHeld } from './refused.ts';
import { restoreLeaseMs } from './restore-batch.ts';
import { makeSavepoint } from './savepoint.ts';

export type ListedSavepoint = {
  readonly name: string;
  readonly pipeline: OperatedPipeline;
  readonly savepoint: OperatedPipeline;
  readonly index: SavepointIndex;
  /** All that the savepoint has stored. */
  readonly removeAll: () => Promise<Removed>;
  /** Of large values. */
  readonly bucket: string | null;
};

export type Removed = { readonly items: number; readonly objects: number };

/** So often the last batch is taken anew, where a purge was faster. */
const mostTries = 4;

/**
 * @throws OperationRefused if there is such a savepoint, another command is making or deleting it, or the batch is not retained
 */
export async function makeListed(listed: ListedSavepoint, batchId: number | undefined): Promise<SavedPoint> {
  const { savepoint } = listed;
  const there = await savepoint.head.load();
  if (there === undefined) return makeNew(listed, batchId);
  checkNobodyHas(there, savepoint);
  if (isWhole(there)) return listAgain(listed, there, batchId);
  await removeListed(listed);
  return makeNew(listed, batchId);
}

async function makeNew(listed: ListedSavepoint, batchId: number | undefined, attempt = 1): Promise<SavedPoint> {
  const { pipeline, savepoint, name } = listed;
  const head = await committedHead(pipeline);
  const source = batchId === undefined ? head.committed : await retainedBatch(pipeline, head, batchId);
  try {
    const { body } = await makeSavepoint(savepoint, { of: pipeline, ...source }, head);
    return await list(listed, body, { ...source, name });
  } catch (error) {
    const why = await whyMissing(pipeline, source.batchId, error);
    if (why === error || batchId !== undefined || attempt === mostTries) throw why;
    return makeNew(listed, batchId, attempt + 1);
  }
}

/** @throws OperationRefused if there is none, another command has it, or it was made with a bucket that is not named now */
export async function removeListed(listed: ListedSavepoint): Promise<Removed> {
  const { savepoint, index, name, bucket } = listed;
  const [there, point] = [await savepoint.head.load(), await index.load(name)];
  if (there === undefined && point === undefined) throw await noSuch(listed);
  if (there !== undefined) checkNobodyHas(there, savepoint);
  if (point !== undefined && point.bucket !== null && bucket === null)
    throw new OperationRefused('usage', `${savepoint.name} was made with the bucket ${point.bucket}: name it as well`);
  if (there !== undefined) {
    const claim = { owner: savepoint.newId(), claim: savepoint.newId(), execution: 'sluice savepoint --delete' };
    const claimed = await savepoint.head.claim(there, {
      ...{ ...claim, leaseUntil: savepoint.clock.now() + restoreLeaseMs },
      source: { listedAt: undefined, retentionMs: there.sources[mainSource].stream.retentionMs },
    });
    if (claimed.kind === 'lost') throw isHad(savepoint.name);
  }
  await index.remove(name);
  return listed.removeAll();
}

/** @throws OperationRefused if there is none, or it is not whole */
export async function wholeSavepoint(listed: ListedSavepoint): Promise<CommittedHead> {
  const head = await listed.savepoint.head.load();
  if (head === undefined || !isWhole(head)) throw await noSuch(listed);
  return head;
}

/** A savepoint is planned once, by its one batch. */
const isWhole = (head: Head): head is CommittedHead =>
  head.committed !== undefined && head.committed.ref === head.epoch;

const checkNobodyHas = (head: Head, { name, clock }: OperatedPipeline): void =>
  refuseHeld(head, clock.now(), { what: name, todo: 'wait until then' });

const isHad = (name: string): SluiceError =>
  new OperationRefused('held', `another command has ${name} meanwhile: try again`);

/** Of one whose command died before it was listed. */
async function listAgain(
  listed: ListedSavepoint,
  { committed }: CommittedHead,
  wanted: number | undefined,
): Promise<SavedPoint> {
  const { savepoint, index, name } = listed;
  const body = await savepoint.seals.loadBody(committed.batchId, committed.ref);
  const { batchId, ref } = body.origin ?? body;
  if ((wanted ?? batchId) !== batchId || (await index.load(name)) !== undefined)
    throw new OperationRefused('usage', `${savepoint.name} is there already: use another name, or delete it first`);
  return list(listed, body, { batchId, ref, name });
}

async function list(
  { pipeline, savepoint, index, bucket }: ListedSavepoint,
  body: BatchBody,
  of: BatchName & { readonly name: string },
): Promise<SavedPoint> {
  const report = await pipeline.reports.loadProgress(of.batchId, of.ref);
  let [entries, bytes] = [0, 0];
  for (const [keyGroup, state] of body.states.entries()) {
    if (state === null) continue;
    const size = sizeOf((await savepoint.states.loadState(keyGroup, state.batchId, state.ref)).manifest);
    entries += size.entries;
    bytes += size.bytes + size.inlineChars;
  }
  const point = { ...of, entries, bytes, bucket, madeAt: savepoint.clock.now() };
  const saved: SavedPoint = { ...point, committedAt: report?.committedAt ?? null };
  await index.put(saved);
  return saved;
}

/** @throws OperationRefused if nothing is committed; MissingItem if it has never run */
export async function committedHead({
  head: heads,
  name,
}: Pick<OperatedPipeline, 'head' | 'name'>): Promise<CommittedHead> {
  const head = await heads.load();
  if (head === undefined) throw new SluiceError('MissingItem', `pipeline ${name} has never run on this table`);
  const { committed } = head;
  if (committed === undefined) throw new OperationRefused('usage', `pipeline ${name} has not committed a batch yet`);
  return { ...head, committed };
}

/** @throws OperationRefused if it is not committed, or not retained */
export async function retainedBatch(of: OperatedPipeline, head: CommittedHead, batchId: number): Promise<BatchName> {
  if (batchId > head.committed.batchId)
    throw new OperationRefused('usage', `batch ${batchId} of ${of.name} is not committed: ${useOne(head)}`);
  try {
    for await (const body of retainedBatches(of, head)) if (body.batchId === batchId) return { batchId, ref: body.ref };
  } catch (error) {
    throw await whyMissing(of, batchId, error);
  }
  throw purged(of.name, batchId, head);
}

/** Of what was there a moment ago: a purge was faster. Any other error is what it is. */
export async function whyMissing(of: OperatedPipeline, batchId: number, error: unknown): Promise<unknown> {
  if (!isNamed(error, 'MissingItem')) return error;
  const now = await committedHead(of);
  return batchId < now.oldestRetainedBatch ? purged(of.name, batchId, now) : error;
}

const purged = (name: string, batchId: number, head: CommittedHead): SluiceError =>
  new OperationRefused('usage', `batch ${batchId} of ${name} was purged: ${useOne(head)}`);

const useOne = ({ oldestRetainedBatch, committed }: CommittedHead): string =>
  `use one from ${oldestRetainedBatch} to ${committed.batchId}, the last one`;

async function noSuch({ name, pipeline, index }: ListedSavepoint): Promise<SluiceError> {
  const known = (await index.list()).map((point) => point.name);
  const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  return new OperationRefused('usage', `pipeline ${pipeline.name} has no savepoint ${name}: ${there}`);
}
