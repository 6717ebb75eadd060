/** Of the facts those that still say something, and words for them. */
import { unfinished } from '../core/head.ts';
import type { BatchProgress, ShardProgress } from '../core/progress-report.ts';
import { forgottenAfterMs, type ReadTrouble, type ReduceTrouble, type ShardTrouble } from '../core/trouble.ts';
import type { PipelineFacts } from './facts.ts';
import { wholePipeline } from './finding.ts';
import type { Found } from './finding-kind.ts';

export const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What is older is no news any more. */
export const reportsOfToday = ({ reports, now }: PipelineFacts): readonly BatchProgress[] =>
  reports.filter(({ committedAt }) => now - committedAt < dayMs);

/** The batches that two refreshes see. Fewer: nothing is said that takes two. */
export const lastTwo = (facts: PipelineFacts): readonly [BatchProgress, BatchProgress] | undefined => {
  const [newest, before] = reportsOfToday(facts);
  return newest === undefined || before === undefined ? undefined : [newest, before];
};

export const shardIn = ({ perShard = [] }: BatchProgress, { shardId, source }: ShardProgress) =>
  perShard.find((one) => one.shardId === shardId && one.source === source);

/** Of the batch that is sealed and not committed; what is noted of another one is over. */
export function reduceTroubleOf({ head, troubles = [] }: PipelineFacts): ReduceTrouble | undefined {
  const open = unfinished(head);
  return troubles.find(
    (one): one is ReduceTrouble => one.kind === 'reduce' && one.batchId === open?.batchId && one.ref === open.ref,
  );
}

export type FailingShard = ShardTrouble & Pick<ReadTrouble, 'at'>;

/** Of tasks that have failed just now. One that goes well leaves no note, and the old one is soon too old. */
export const failingShards = ({ troubles = [], now }: PipelineFacts): readonly FailingShard[] =>
  troubles.flatMap((one) =>
    one.kind === 'read' && now - one.at < forgottenAfterMs ? one.shards.map((shard) => ({ ...shard, at: one.at })) : [],
  );

const mostNamed = 3;

/** A finding of each, of the first few; of a thousand alike one that says how many more there are. */
export function named<Thing>(things: readonly Thing[], toFinding: (thing: Thing) => Found, what: string): Found[] {
  const shown = things.slice(0, mostNamed).map(toFinding);
  const [first] = shown;
  const left = things.length - shown.length;
  if (first === undefined || left === 0) return shown;
  const cause = `${left} more ${what} are in the same state.`;
  return [...shown, { severity: first.severity, subject: wholePipeline, cause, mend: first.mend }];
}

export function span(ms: number): string {
  if (ms < minuteMs) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (ms < 60 * minuteMs) return `${Math.round(ms / minuteMs)} min`;
  if (ms < 2 * dayMs) return `${(ms / (60 * minuteMs)).toFixed(1)} h`;
  return `${(ms / dayMs).toFixed(1)} days`;
}

export const share = (part: number, whole: number): string => `${Math.round((100 * part) / Math.max(1, whole))} %`;
export const count = (value: number): string => value.toLocaleString('en');
export const instant = (at: number): string => new Date(at).toISOString();
