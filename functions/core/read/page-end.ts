/** What a whole page proves of the shard, and whether the read ends with it. */

import { isQuietPast } from '../ending-cut.ts';
import type { Page } from '../record.ts';
import type { StopReason } from '../shard-result.ts';
import { later } from '../watermark.ts';
import type { ReadState } from './read-state.ts';
import type { ShardReader } from './shard-reader.ts';

export type PageProof = {
  /** A full page proves no tip, even with MillisBehindLatest 0: more may follow. */
  readonly reachedTip: boolean;
  /** Kinesis time of the tip; undefined: none is proven. */
  readonly tipTime: number | undefined;
  /** Kinesis time at which the shard was not closed. */
  readonly openAt: number | undefined;
  /** Kinesis time up to which everything that arrived has come. */
  readonly through: number | undefined;
  /** The page reached the tip at a time past the requested end. */
  readonly isPastEnd: boolean;
};

/** `hasRead`: records that were not read before came in this read. */
export function proofOf(
  page: Page,
  {
    limit,
    hasRead,
    endsAt,
  }: { readonly limit: number; readonly hasRead: boolean } & Pick<ShardReader['shard'], 'endsAt'>,
): PageProof {
  const { records, serverTime, millisBehindLatest, end } = page;
  const reachedTip = millisBehindLatest === 0 && records.length < limit;
  // A closed shard's end says nothing of the present: its children may hold events from any time since it was closed.
  const isTip = reachedTip && end === undefined;
  const last = records.at(-1);
  return {
    reachedTip,
    ...tipOf(isTip, hasRead, serverTime, last?.arrivalMs),
    through: end === undefined && (last === undefined || reachedTip) ? serverTime - millisBehindLatest : undefined,
    isPastEnd: reachedTip && isQuietPast(serverTime, endsAt),
  };
}

/**
 * What an answer at the tip proves. Without records: the shard is open, and quiet now. With new records: it was at its
 * tip when the last of them arrived; it may be closed, since a closed shard's last records come before its end does. With
 * records that were all read before: nothing, since those may have arrived at any time.
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
  const proof = proofOf(page, { limit, hasRead, endsAt: shard.endsAt });
  const { tipTime = before.tipTime, openAt = before.openAt, through } = proof;
  // The record that the checkpoint names is still looked for: no answer held it so far, and the tip is not reached.
  const isLookedFor = shard.start === 'from-checkpoint' && !before.sawLastRead && !hasRead && !proof.reachedTip;
  const proven: ReadState = {
    ...answered,
    tipTime,
    openAt,
    end: page.end,
    ...(through !== undefined && isLookedFor ? { searchedThrough: later(before.searchedThrough, through) } : {}),
    ...(through !== undefined && !isLookedFor
      ? { progress: { ...progress, readThrough: later(progress.readThrough, through) } }
      : {}),
  };
  if (page.end !== undefined) return { state: proven, stop: 'end-of-shard' };
  if (before.isPastEnd || (proof.isPastEnd && page.records.length === 0))
    return { state: { ...proven, progress: { ...proven.progress, isEnded: true } }, stop: 'ended' };
  // Kinesis may return the last records of a closed shard with MillisBehindLatest 0, and report the shard's end only with
  // the next call. So ask once more before calling the shard done; where this batch may ask for nothing more, in the next.
  const stop = remaining(task.pipeline, proven) === 0 ? 'budget-spent' : undefined;
  if (proof.isPastEnd) return { state: { ...proven, isPastEnd: true }, stop };
  return { state: proven, stop: proof.reachedTip ? 'caught-up' : stop };
}

/** Records that may still be asked for. */
export const remaining = ({ source }: ShardReader['task']['pipeline'], { progress }: ReadState): number =>
  Math.max(0, source.maxFetchRecordsPerShard - progress.events);
