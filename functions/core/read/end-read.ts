/** What a read comes to: the result that its block brings to the seal. */

import { afterSequenceNumber, lastReadOf, overEmptyStretch, type Position, positionMarginMs } from '../position.ts';
import type { ReadUsage } from '../record.ts';
import { runsBehind, type SentPlaces, toldPlaces, unionOfRuns } from '../sent-places.ts';
import { lastArrivalOf } from '../shard-checkpoint.ts';
import { nameOf } from '../shard-name.ts';
import type { DataLoss, ReadOutcome, ShardResult, StopReason } from '../shard-result.ts';
import { positionOf } from './progress.ts';
import type { ReadState } from './read-state.ts';
import { isMidRecord, lossBefore, mayMiss, placeOf } from './resume-point.ts';
import type { ShardReader } from './shard-reader.ts';

/** What the cursor and the clock say of the read. */
export type ReadCost = {
  readonly usage?: ReadUsage | undefined;
  /** When its last subscription began; undefined without one. */
  readonly subscribedAt?: number | undefined;
};

/** @throws SluiceError DataLoss */
export function endRead(reader: ShardReader, state: ReadState, stop: StopReason, cost: ReadCost = {}): ShardResult {
  const { shard } = reader;
  const dataLoss = lossOf(reader, state);
  if (dataLoss !== null) reader.refuseLoss(dataLoss);
  const { progress, searchedThrough, answeredAt, openAt } = state;
  const { records, events, resentElsewhere, repeats, bytes, lastArrival, maxEventTime, readThrough } = progress;
  return {
    ...nameOf(shard),
    from: shard.position,
    outcome: outcomeOf(reader, state, stop),
    records,
    events,
    resentElsewhere,
    ...(repeats === undefined ? {} : { repeats: { ...repeats } }),
    bytes,
    ...(readThrough === null && searchedThrough !== null ? { readThrough, searchedThrough } : { readThrough }),
    lastArrival,
    maxEventTime,
    tipTime: state.tipTime,
    millisBehindLatest: state.millisBehindLatest,
    ...cost.usage,
    ...(answeredAt === undefined ? {} : { answeredAt }),
    ...(openAt === undefined ? {} : { openAt }),
    dataLoss,
    subscribedAt: cost.subscribedAt ?? null,
  };
}

function outcomeOf(reader: ShardReader, state: ReadState, stop: StopReason): ReadOutcome {
  if (stop === 'end-of-shard') return { kind: stop, children: state.end?.children ?? [] };
  const to = positionAfter(reader, state);
  const stopped = { to, ...sentAheadOf(state, to) };
  const { endsAt } = reader.shard;
  // Where an end was met, one was asked for.
  if (stop === 'ended' || (stop === 'held' && state.progress.isEnded))
    return { kind: stop, ...stopped, endedAt: endsAt! };
  return { kind: stop, ...stopped };
}

/** Which events beyond the end of this read outputs have acknowledged, in this read or in an earlier try. */
function sentAheadOf({ sent }: ReadState, position: Position): { readonly sentAhead?: readonly SentPlaces[] } {
  if (sent.every(({ before, ahead }) => ahead.length === 0 && before.length === 0)) return {};
  const behind = placeOf(position);
  const places = sent.map(({ to, before, ahead }) => ({ to, runs: runsBehind(unionOfRuns(before, ahead), behind) }));
  const sentAhead = toldPlaces(places);
  return sentAhead.length === 0 ? {} : { sentAhead };
}

/**
 * What retention may have taken. If the read went past the place where records may be missing, and not one came, all may
 * be gone.
 */
function lossOf({ shard }: ShardReader, state: ReadState): DataLoss | null {
  const { dataLoss, records, readThrough } = state.progress;
  const wentOn = readThrough !== null || state.end !== undefined;
  if (!mayMiss(shard) || state.sawLastRead || records > 0 || !wentOn) return dataLoss;
  return isMidRecord(shard) && !isRestGone(shard, state) ? dataLoss : lossBefore(shard, null);
}

/**
 * Whether the rest of a record is gone: the position lies in its middle, it did not come again, and the read went past
 * its arrival time.
 */
function isRestGone(shard: ShardReader['shard'], { progress, sawLastRead, end }: ReadState): boolean {
  if (!isMidRecord(shard) || sawLastRead || progress.records > 0) return false;
  return end !== undefined || (progress.readThrough ?? 0) > (lastArrivalOf(shard) ?? 0) + positionMarginMs;
}

function positionAfter({ shard }: ShardReader, state: ReadState): Position {
  const { records, readThrough } = state.progress;
  const position = positionOf(state.progress);
  const isGone = isRestGone(shard, state);
  if (records > 0 || readThrough === null || (isMidRecord(shard) && !isGone)) return position;
  const lastRead = lastReadOf(position);
  // Only records that were read before came. The last one's number is a better place than a time: it is exact.
  if (state.sawLastRead && lastRead !== undefined) return afterSequenceNumber(lastRead);
  const from = isGone && lastRead !== undefined ? afterSequenceNumber(lastRead) : position;
  return overEmptyStretch(from, {
    through: readThrough,
    lastArrival: lastArrivalOf(shard),
    marginMs: positionMarginMs,
  });
}
