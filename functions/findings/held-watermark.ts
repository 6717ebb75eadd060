/** One shard that holds the watermark back: no window closes before it moves. */
import { endOfTime } from '../core/end-of-time.ts';
import { sourceStartedAt } from '../core/head.ts';
import { isOpen, lastArrivalOf, type OpenCheckpoint } from '../core/shard-checkpoint.ts';
import type { PipelineFacts } from './facts.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { instant, minuteMs, named, span } from './recent.ts';

const backMs = 10 * minuteMs;
/** Of all, at most so many may be behind: else it is the stream that is uneven, or the pipeline that is behind. */
const fewShare = 0.5;

export const heldWatermark: FindingKind = {
  kind: 'held-watermark',
  severities: ['warning'],
  when: 'A quiet shard stands more than ten minutes of event time behind most others, so that no window closes that they have passed.',
  mend: 'Set `idleTimeout` of `withWatermark`, or find out why its producer is quiet.',
  find(facts) {
    const open = (facts.shards ?? []).filter(isOpen).filter(({ life }) => life === 'reading');
    const marks = open
      .map(({ watermark }) => watermark ?? Number.NEGATIVE_INFINITY)
      .toSorted((one, other) => one - other);
    const usual = marks[Math.floor(marks.length / 2)];
    if (usual === undefined || usual === Number.NEGATIVE_INFINITY || usual >= endOfTime) return [];
    const back = open.filter((shard) => usual - (shard.watermark ?? Number.NEGATIVE_INFINITY) >= backMs);
    const quiet = back.filter((shard) => isQuiet(shard, facts));
    if (quiet.length === 0 || back.length > open.length * fewShare) return [];
    return named(quiet, (shard) => toFinding(shard, usual), 'shards');
  },
};

/** One that brings records is behind, or its events are old: that is another matter. A young pipeline waits for its first events. */
const isQuiet = (shard: OpenCheckpoint, { head, now }: PipelineFacts): boolean =>
  now - (lastArrivalOf(shard) ?? sourceStartedAt(head)) >= backMs;

function toFinding(shard: OpenCheckpoint, usual: number): Found {
  const { shardId, watermark } = shard;
  const last = lastArrivalOf(shard);
  const stands =
    watermark === null
      ? 'has had no event yet'
      : `stands at ${instant(watermark)}, ${span(usual - watermark)} behind most others`;
  const quiet = last === null ? '' : `; its last record came ${instant(last)}`;
  return {
    severity: 'warning',
    subject: shardId,
    cause: `It ${stands}${quiet}: no window closes before it moves.`,
    mend: 'Set `idleTimeout` of `withWatermark` (such as `5 minutes`) so that a quiet shard is not waited for, or find out why nobody writes to it.',
  };
}
