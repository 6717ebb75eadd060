/** What the head says: who may plan, which batch is next, and which one is to be finished first. */
import { mainSource } from '../pipeline/sources.ts';
import type { BatchName, Head, Holder, RunBound, SourceState } from './model.ts';

/** Whom others have to wait for, and until when. A lease that ran out is nobody's, also before anyone takes it. */
export function heldAt({ holder }: Pick<Head, 'holder'>, now: number): HeldLease | undefined {
  if (holder?.lease.kind !== 'held' || holder.lease.until <= now) return undefined;
  const { owner, execution, lease } = holder;
  return { owner, execution, until: lease.until };
}

export type HeldLease = Pick<Holder, 'owner' | 'execution'> & { readonly until: number };

/** When shards of the source were listed first. */
export const sourceStartedAt = ({ sources, createdAt }: Pick<Head, 'sources' | 'createdAt'>): number =>
  sources[mainSource].startedAt ?? createdAt;

export const isHeld = (head: Pick<Head, 'holder'>, now: number): boolean => heldAt(head, now) !== undefined;

/** The batch that is sealed and not committed, if there is one: nothing else may be planned before it is. */
export function unfinished({ sealed, committed }: Pick<Head, 'sealed' | 'committed'>): BatchName | undefined {
  return sealed === undefined || sealed.batchId === committed?.batchId ? undefined : sealed;
}

export const isUnfinished = (head: Pick<Head, 'sealed' | 'committed'>, { batchId, ref }: BatchName): boolean => {
  const batch = unfinished(head);
  return batch?.batchId === batchId && batch.ref === ref;
};

/** Ids of batches begin at 0, and none is left out. */
export const nextBatchId = ({ committed }: Pick<Head, 'committed'>): number =>
  committed === undefined ? 0 : committed.batchId + 1;

/** What a plan has to say of its source. */
export type SourceNews = {
  /** Undefined: shards are not listed in this turn. */
  readonly listedAt: number | undefined;
  /** Retention of the stream as last described: it can be changed. */
  readonly retentionMs: number;
  /** Undefined: what is saved, if anything is. */
  readonly retentionStart?: number | undefined;
  /** Undefined: that of the run before goes on. */
  readonly runBound?: RunBound | undefined;
};

export function sourcesAfter(sources: Head['sources'], news: SourceNews): Head['sources'] {
  const { stream, ...source } = sources[mainSource];
  const {
    retentionMs,
    retentionStart = stream.retentionStart,
    runBound = source.runBound,
    listedAt = source.listedAt,
  } = news;
  const after: SourceState = {
    ...source,
    stream: { ...stream, retentionMs, ...(retentionStart === undefined ? {} : { retentionStart }) },
    listedAt,
    ...(runBound === undefined ? {} : { runBound }),
  };
  return { [mainSource]: after };
}
