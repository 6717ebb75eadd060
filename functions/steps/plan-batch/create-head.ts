/** The head of a pipeline that never ran: the start is resolved once, and refused before anything is written. */
import { SluiceError } from '../../core/errors.ts';
import type { Head, StreamIdentity } from '../../core/model.ts';
import { type Position, trimHorizon } from '../../core/position.ts';
import { aheadMs, problemsOfEnd, problemsOfStart } from '../../core/starting-positions.ts';
import { mainSource } from '../../pipeline/sources.ts';
import type { PlanRuntime } from './plan-runtime.ts';

/** Resolves LATEST to a Kinesis time and stores it, so that nothing that arrives between two tries is skipped. */
export async function createHead(runtime: PlanRuntime): Promise<Head> {
  const { pipeline, ports } = runtime;
  const { stream, serverTime } = await ports.source.describe();
  await checkPlaces(runtime, stream, serverTime);
  const start = resolveStart(pipeline.source.startingPosition, stream, serverTime);
  const now = ports.clock.now();
  return ports.head.create({
    pipeline: pipeline.name,
    createdAt: now,
    generation: now,
    epoch: now,
    holder: undefined,
    committed: undefined,
    sealed: undefined,
    oldestRetainedBatch: 0,
    purgedBelow: 0,
    control: 'run',
    fingerprint: pipeline.fingerprint,
    parallelism: pipeline.parallelism,
    sources: { [mainSource]: { stream, start, listedAt: undefined } },
  });
}

/** Positions of single shards, held against the shards there are. */
async function checkPlaces(
  { pipeline, ports }: PlanRuntime,
  stream: StreamIdentity,
  serverTime: number,
): Promise<void> {
  const { startingPosition: start, endingPosition: end } = pipeline.source;
  if (start.kind !== 'per-shard' && end?.kind !== 'per-shard') return;
  const listed = await ports.source.listShards({ kind: 'all' }, stream);
  const problems = [
    ...(start.kind === 'per-shard' ? problemsOfStart(start.shards, { listed, serverTime }) : []),
    ...(end?.kind === 'per-shard' ? problemsOfEnd(end.shards, { listed }) : []),
  ];
  if (problems.length > 0) {
    throw new SluiceError('InvalidPipeline', [`positions in stream ${stream.name}:`, ...problems].join('\n  '));
  }
}

/** Of a start for each shard, where the others start. */
function resolveStart(
  start: PlanRuntime['pipeline']['source']['startingPosition'],
  stream: StreamIdentity,
  serverTime: number,
): Position {
  if (start.kind === 'per-shard') return resolveStart(start.others, stream, serverTime);
  if (start.kind === 'trim-horizon') return trimHorizon;
  const timestamp = start.kind === 'latest' ? serverTime : start.timestamp;
  // Kinesis refuses a time ahead of its own clock; an earlier one would read more than was asked for.
  if (timestamp > serverTime) throw stillToCome(timestamp, serverTime);
  // Everything there is: no shard of that time may be left to list, or, of a stream just made, there to list yet.
  if (timestamp <= Math.max(stream.createdAt, serverTime - stream.retentionMs)) return trimHorizon;
  return { kind: 'at-timestamp', timestamp };
}

function stillToCome(timestamp: number, serverTime: number): SluiceError {
  const text = `source.startingPosition: ${new Date(timestamp).toISOString()} is still to come`;
  if (timestamp <= serverTime + aheadMs) return new SluiceError('TemporaryFailure', text);
  return new SluiceError('InvalidPipeline', `${text}; use a time up to now, or LATEST`);
}
