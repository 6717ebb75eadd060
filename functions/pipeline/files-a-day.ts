/**
 * How many files an output makes, which is what reading them costs: at most, if each file takes the rows that come at once.
 *
 * FILES-A-DAY-1 A file has rows of one batch, one key group and one folder. Rows come in batches in which windows end, or in any.
 */
import type { CheckedS3Sink } from '../sinks/s3.ts';
import type { WindowSpec } from '../windows/window-kind.ts';
import type { Output, Pipeline } from './pipeline.ts';

export type FilesADay = {
  /** Batches of a day in which it may have rows. */
  readonly batches: number;
  /** What has rows in such a batch. */
  readonly groups: number;
  /** Names of folders that are values of the key: of each value there are so many. */
  readonly folders: readonly string[];
};

type Planned = Pick<Pipeline, 'aggregation' | 'trigger' | 'parallelism'>;

const dayMs = 86_400_000;
/** A batch without a pause takes that long, about. */
const shortestBatchMs = 1_000;

export function filesADay(pipeline: Planned, output: Pick<Output, 'from' | 'sink'>): FilesADay {
  const { aggregation, trigger, parallelism } = pipeline;
  const all = Math.floor(dayMs / Math.max(trigger.everyMs, shortestBatchMs));
  const isOfEnds =
    output.from === 'results' && aggregation?.mode === undefined && aggregation?.window.latenessMs === undefined;
  const batches = isOfEnds && aggregation !== undefined ? endsADay(aggregation.window, all) : all;
  // The first rows of all groups are those of one.
  const groups = output.from === 'results' && aggregation?.top !== undefined ? 1 : parallelism;
  const { partitionBy = [] } = output.sink.options as Partial<CheckedS3Sink>;
  const folders = partitionBy.flatMap(({ name, value }) => (typeof value === 'object' ? [name] : []));
  return { batches, groups, folders };
}

/** Those that end together come together; where any event may end one, each batch may have some. */
function endsADay({ kind, options }: WindowSpec, batches: number): number {
  if (kind.of !== 'event-time' || kind.merge !== undefined) return batches;
  let ends = 0;
  for (let at = kind.nextClose(options, 0); at !== undefined && at <= dayMs; at = kind.nextClose(options, at)) {
    ends += 1;
    if (ends >= batches) return batches;
  }
  return Math.max(1, ends);
}

/** For people. */
export function filesText(name: string, { batches, groups, folders }: FilesADay): string {
  const of = folders.length === 0 ? '' : `, for each ${folders.join(' and ')}`;
  const by = groups === 1 ? `one in each of ${batches} batches` : `${groups} key groups in each of ${batches} batches`;
  return `Output ${name} makes up to ${batches * groups} files a day${of}: ${by} that may have rows for it.`;
}
