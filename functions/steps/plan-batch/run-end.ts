/** Where this run, or the pipeline, ends: what the core needs to know of the stream and of the runs before. */
import { availableAt, type Ending, endingOf, isRunOver, runEndOf } from '../../core/ending.ts';
import type { Head, RunEnd } from '../../core/model.ts';
import { orSuperseded } from '../superseded.ts';
import type { PlanRuntime } from './plan-runtime.ts';

/**
 * The end of the run that begins, or undefined: a run that was not at its end goes on to it, whoever takes it over.
 * `serverTime`: of the first plan of an execution.
 */
export async function nextRunEnd(
  runtime: PlanRuntime,
  seen: Head,
  serverTime: number | undefined,
): Promise<RunEnd | undefined> {
  const { pipeline, ports } = runtime;
  if (pipeline.trigger.availableNow !== true || serverTime === undefined) return undefined;
  if (seen.runEnd === undefined) return availableAt(serverTime, undefined);
  if (seen.committedBatch < 0) return undefined;
  // Read before the claim, and true for ever: what is over stays over, and what is not yet goes on.
  const { runEnd } = seen;
  const isOver = async () => {
    const committed = await ports.seals.loadBody(seen.committedBatch, seen.committedRef);
    return isRunOver(committed.shards, runEnd);
  };
  // If others have gone on, nothing is claimed with what was seen.
  const hasGoneOn = (head: Head | undefined) => head?.epoch !== seen.epoch;
  const isNext = await orSuperseded(runtime, isOver, { isOver: hasGoneOn, answer: false });
  return isNext ? availableAt(serverTime, runEnd) : undefined;
}

/** An end for each shard is seen together with all the shards there are: which of them come before it? */
export async function loadEnding({ pipeline, ports }: PlanRuntime, head: Head): Promise<Ending | undefined> {
  const { endingPosition } = pipeline.source;
  const listed =
    endingPosition?.kind === 'per-shard' ? await ports.source.listShards({ kind: 'all' }, head.stream) : [];
  return endingOf(endingPosition, runEndOf(pipeline, head), listed);
}
