/** What a whole page proves of the shard, and whether the read ends with it. */

import { isQuietPast } from '../endpoint-cut.ts';
import type { Page } from '../record.ts';
import type { StopReason } from '../shard-result.ts';
import { later } from '../watermark.ts';
import type { ReadState } from './read-state.ts';
import type { ShardReader } from './shard-reader.ts';

export type PageProof = {
  /** A full page proves no tip, whatever it says of its distance. */
  readonly reachedTip: boolean;
  /** Kinesis time of the tip; undefined: none is proven. */
  readonly tipTime: number | undefined;
  /** Kinesis time at which the shard was not closed. */
  readonly openAt: number | undefined;
  /** Kinesis time up to which everything that arrived has come. */
  readonly through: number | undefined;
  /** At the tip at a time past the end that was asked for. */
  readonly isPastEnd: boolean;
};

/** `hasRead`: records that were not read before came in this read. */
export function proofOf(
  page: Page,
  {
    limit,
    hasRead,
    endpoint,
  }: { readonly limit: number; readonly hasRead: boolean } & Pick<ShardReader['shard'], 'endpoint'>,
): PageProof {
  const { records, serverTime, millisBehindLatest, end } = page;
  const reachedTip = millisBehindLatest === 0 && records.length < limit;
  // The end of a closed shard proves nothing of now: its children may hold events since it was closed, long ago.
  const isTip = reachedTip && end === undefined;
  const last = records.at(-1);
  return {
    reachedTip,
    ...tipOf(isTip, hasRead, serverTime, last?.arrivalTime.getTime()),
    through: end === undefined && (last === undefined || reachedTip) ? serverTime - millisBehindLatest : undefined,
    isPastEnd: reachedTip && isQuietPast(serverTime, endpoint),
  };
}

/**
 * An answer without records at the tip: it is open. One with records may be its last, and be followed by its end. If all of
 * them were read before, even that is old news: their stamps may lie in any order and any time ago.
 */
function tipOf(
  isTip: boolean,
  hasRead: boolean,
  serverTime: number,
  lastArrival: number | undefined,
): Pick<PageProof, 'tipTime' | 'openAt'> {
  if (isTip && lastArrival === undefined) return { tipTime: serverTime, openAt: serverTime };
  if (isTip && hasRead) return { tipTime: Math.min(serverTime, lastArrival!), openAt: undefined };
  return { tipTime: undefined, openAt: undefined };
}

export type PageEnd = {
  readonly state: ReadState;
  /** Undefined: the read goes on. */
  readonly stop: StopReason | undefined;
};

/** After all records of a page. `limit`: how many were asked for. */
export function endPage({ shard, task }: ShardReader, before: ReadState, page: Page, limit: number): PageEnd {
  const answered = { ...before, answeredAt: page.serverTime, millisBehindLatest: page.millisBehindLatest };
  const { progress } = before;
  if (progress.isEnded) return { state: answered, stop: 'ended' };
  const hasRead = progress.records > 0;
  const proof = proofOf(page, { limit, hasRead, endpoint: shard.endpoint });
  const { tipTime = before.tipTime, openAt = before.openAt, through } = proof;
  // Short of the tip an empty answer does not say yet whether the record that was named is there.
  const isLookedFor = shard.start === 'from-checkpoint' && !before.sawLastRead && !hasRead && !proof.reachedTip;
  const proven: ReadState = {
    ...answered,
    tipTime,
    openAt,
    end: page.end,
    ...(through !== undefined && isLookedFor ? { walkedThrough: later(before.walkedThrough, through) } : {}),
    ...(through !== undefined && !isLookedFor
      ? { progress: { ...progress, readThrough: later(progress.readThrough, through) } }
      : {}),
  };
  if (page.end !== undefined) return { state: proven, stop: 'end-of-shard' };
  if (before.isPastEnd || (proof.isPastEnd && page.records.length === 0))
    return { state: { ...proven, progress: { ...proven.progress, isEnded: true } }, stop: 'ended' };
  // The last records of a closed shard may come before its end does, and its children hold what was put since. So one more
  // answer is asked for: if the shard was closed, nothing but its end can follow.
  if (proof.isPastEnd) return { state: { ...proven, isPastEnd: true }, stop: undefined };
  if (proof.reachedTip) return { state: proven, stop: 'caught-up' };
  return { state: proven, stop: remaining(task.pipeline, proven) === 0 ? 'budget-spent' : undefined };
}

/** Records that may still be asked for. */
export const remaining = ({ source }: ShardReader['task']['pipeline'], { progress }: ReadState): number =>
  Math.max(0, source.maxFetchRecordsPerShard - progress.events);
