/** Where a pipeline is taken back to, and what stays behind: a rewind with all that its user should know. */
import { isNamed } from '../adapters/aws-errors.ts';
import { SluiceError } from '../core/errors.ts';
import type { BatchName, Head } from '../core/model.ts';
import { mainSource } from '../pipeline/sources.ts';
import { committedBy, type LeftBehind, leftBehind } from './earlier-batches.ts';
import { committedHead, type ListedSavepoint, retainedBatch, wholeSavepoint, whyMissing } from './listed-savepoints.ts';
import type { BatchOf, CommittedHead, OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused } from './refused.ts';
import { rewind } from './savepoint.ts';

export type PlaceBefore =
  | { readonly kind: 'batch'; readonly batchId: number }
  /** The last batch that was committed by then, in epoch milliseconds. */
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'savepoint'; readonly listed: ListedSavepoint };

export type WentBack = {
  readonly before: CommittedHead;
  readonly after: Head;
  readonly restored: BatchName;
  /** The batch of this pipeline that the restored one goes on after; `committedAt` is null where that is not known any more. */
  readonly source: { readonly pipeline: string; readonly batchId: number; readonly committedAt: number | null };
  readonly left: LeftBehind;
  /** Was sealed, and not committed: some of it may have been given out. */
  readonly gaveUp: BatchName | undefined;
  readonly warnings: readonly string[];
};

/** @throws OperationRefused if that is not possible, or the pipeline is at work; nothing has changed then */
export async function goBack(pipeline: OperatedPipeline, place: PlaceBefore): Promise<WentBack> {
  const before = await committedHead(pipeline);
  const { source, after, committedAt } = await sourceAt(pipeline, before, place);
  const left = await explained(pipeline, source, () => leftBehind(pipeline, before, after));
  const { body, head, gaveUp } = await explained(pipeline, source, () => rewind(pipeline, source));
  return {
    ...{ before, after: head, gaveUp, left, restored: { batchId: body.batchId, ref: body.ref } },
    source: { pipeline: source.of.name, batchId: after, committedAt },
    warnings: warningsOf(before, head, { after, committedAt, now: pipeline.clock.now() }),
  };
}

type SourceAt = { readonly source: BatchOf; readonly after: number; readonly committedAt: number | null };

async function sourceAt(pipeline: OperatedPipeline, head: CommittedHead, place: PlaceBefore): Promise<SourceAt> {
  if (place.kind === 'savepoint') {
    const { savepoint, index, name } = place.listed;
    const saved = await wholeSavepoint(place.listed);
    checkStream(head, saved, savepoint.name);
    const { committed } = saved;
    const { origin, batchId } = await savepoint.seals.loadSealed(committed.batchId, committed.ref);
    const point = await index.load(name);
    const source = { of: savepoint, ...committed };
    return { source, after: origin?.batchId ?? batchId, committedAt: point?.committedAt ?? null };
  }
  const found =
    place.kind === 'batch'
      ? await retainedBatch(pipeline, head, place.batchId)
      : await explained(pipeline, { of: pipeline, ...head.committed }, () => committedBy(pipeline, head, place.time));
  const { batchId, ref } = found;
  const report = await pipeline.reports.loadProgress(batchId, ref);
  return { source: { of: pipeline, batchId, ref }, after: batchId, committedAt: report?.committedAt ?? null };
}

/** Sequence numbers of another stream mean nothing in this one. */
function checkStream(head: Head, saved: Head, savepoint: string): void {
  const [{ stream }, { stream: then }] = [head.sources[mainSource], saved.sources[mainSource]];
  if (stream.arn === then.arn && stream.createdAt === then.createdAt) return;
  throw new SluiceError(
    'StreamRecreated',
    `${savepoint} was made of ${then.arn}, created ${new Date(then.createdAt).toISOString()}; ${head.pipeline} reads ` +
      `${stream.arn}, created ${new Date(stream.createdAt).toISOString()}: its positions mean nothing there`,
  );
}

/** Something is gone that was there a moment ago. */
async function explained<Result>(
  pipeline: OperatedPipeline,
  { of, batchId }: BatchOf,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (of.name !== pipeline.name && isNamed(error, 'MissingItem'))
      throw new OperationRefused('usage', `${of.name} was deleted meanwhile; nothing has changed`);
    throw await whyMissing(of, batchId, error);
  }
}

function warningsOf(
  before: Head,
  after: Head,
  source: { readonly after: number; readonly committedAt: number | null; readonly now: number },
): readonly string[] {
  const { retentionMs } = before.sources[mainSource].stream;
  const { committedAt, now } = source;
  const agoMs = committedAt === null ? undefined : now - committedAt;
  const isOld =
    agoMs !== undefined && agoMs <= retentionMs
      ? []
      : [
          `batch ${source.after} was committed ${agoMs === undefined ? 'before anything is known of' : `${inHours(agoMs)} ago`}, and the stream keeps records for ${inHours(retentionMs)}: ` +
            'some that it would read again may be gone. With `failOnDataLoss: true` the next start stops then (`DataLoss`); with `false` it goes on from what is left, and its report says what is missing (`dataLoss`)',
        ];
  const hasOtherGroups =
    before.parallelism === after.parallelism
      ? []
      : [
          `batch ${source.after} has ${after.parallelism} key groups, and ${before.pipeline} had ${before.parallelism}: deploy \`parallelism: ${after.parallelism}\`, or start once with it and repartition`,
        ];
  const hasOtherDefinition =
    before.fingerprint === after.fingerprint
      ? []
      : [
          `batch ${source.after} was saved under another definition (keys, window or aggregates): the one that is deployed has to go on with it, or the next start refuses (\`FingerprintChanged\`)`,
        ];
  return [...isOld, ...hasOtherGroups, ...hasOtherDefinition];
}

const inHours = (ms: number): string => `${Math.round(ms / 360_000) / 10} h`;
