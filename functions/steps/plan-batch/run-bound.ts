/** Where this run, or the pipeline, ends: what the core needs to know of the stream and of the runs before. */
import { availableAt, type Ending, endingOf, isRunOver, runBoundOf } from '../../core/ending.ts';
import type { Head, RunBound } from '../../core/model.ts';
import { mainSource } from '../../pipeline/sources.ts';
import { orSuperseded } from '../superseded.ts';
import type { PlanRuntime } from './plan-runtime.ts';

/**
 * The end of the run that begins, or undefined: a run that was not at its end goes on to it, whoever takes it over.
 * `serverTime`: of the first plan of an execution.
 */
export async function nextRunBound(
  runtime: PlanRuntime,
  seen: Head,
  serverTime: number | undefined,
): Promise<RunBound | undefined> {
  const { pipeline, ports } = runtime;
  if (pipeline.trigger.availableNow !== true || serverTime === undefined) return undefined;
  const { committed } = seen;
  const { runBound } = seen.sources[mainSource];
  if (runBound === undefined) return availableAt(serverTime, undefined);
  if (committed === undefined) return undefined;
  // Read before the claim, and true for ever: what is over stays over, and what is not yet goes on.
  const isOver = async () => {
    const { shards } = await ports.seals.loadBody(committed.batchId, committed.ref);
    return isRunOver(shards, runBound);
  };
  // If others have gone on, nothing is claimed with what was seen.
  const hasGoneOn = (head: Head | undefined) => head?.epoch !== seen.epoch;
  const isNext = await orSuperseded(runtime, isOver, { isOver: hasGoneOn, answer: false });
  return isNext ? availableAt(serverTime, runBound) : undefined;
}

/** An end for each shard is seen together with all the shards there are: which of them come before it? */
export async function loadEnding({ pipeline, ports }: PlanRuntime, head: Head): Promise<Ending | undefined> {
  const { endingPosition } = pipeline.source;
  const source = head.sources[mainSource];
  const listed =
    endingPosition?.kind === 'per-shard' ? await ports.source.listShards({ kind: 'all' }, source.stream) : [];
  return endingOf(endingPosition, runBoundOf(pipeline, source), listed);
}
