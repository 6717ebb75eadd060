/** ProcessShards: reads the shards of one task and stores what it made of them as one block. */
import type { Outcome } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import { formatVersion, type PlannedShard, type PlannedTask, type ShardResult, type StopReason } from '../../core/model.ts';
import { hasMoved, ShardRead, type Taken, TaskRead } from '../../core/read-task.ts';
import type { ShardCursor } from '../../ports.ts';
import { inParallel } from '../../core/in-parallel.ts';
import type { ProcessShardsInput, ProcessShardsOutput } from '../messages.ts';
import type { Runtime } from '../runtime.ts';

/** Bounds what is in memory: each shard in flight can hold an answer of 10 MiB. */
const shardsAtOnce = 8;
/** What may go on after the read deadline: sending and storing what was read. */
const sendGraceMs = 5_000;

type ShardOutcome =
  | { readonly kind: 'read'; readonly shard: PlannedShard; readonly result: ShardResult; readonly error?: string }
  | { readonly kind: 'failed'; readonly shard: PlannedShard; readonly error: string };

export async function processShards(input: ProcessShardsInput, runtime: Runtime): Promise<ProcessShardsOutput> {
  const { pipeline, ports } = runtime;
  const task = await ports.batches.loadTask(input.epoch, input.task);
  if (task.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(task.fingerprint, pipeline.fingerprint));
  }
  const { stream } = pipeline.source;
  const streamName = stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? '');
  const read = new TaskRead(pipeline, task, streamName, runtime.md5);
  const deadline = Date.parse(input.readDeadline);
  const shards = await inParallel(task.shards, shardsAtOnce, (shard) => readShard(read, shard, deadline, runtime));
  const moved = shards.some((shard) => shard.kind === 'read' && hasMoved(pipeline, task, shard.shard, shard.result));
  if (moved) await storeBlock(read, task, shards, runtime);
  return { outcome: moved ? 'moved' : outcomeOf(shards) };
}

export const fingerprintMessage = (saved: string, current: string): string =>
  `the saved state was made by keys, window and aggregates ${saved}; the code now says ${current}. ` +
  'Go back to the earlier definition, or start under another pipeline name.';

async function readShard(
  read: TaskRead,
  shard: PlannedShard,
  deadline: number,
  { pipeline, ports, log }: Runtime,
): Promise<ShardOutcome> {
  const { maxFetchTimePerShardMs, numberOfRecordsPerFetch } = pipeline.source;
  const until = Math.min(deadline, ports.clock.now() + (maxFetchTimePerShardMs ?? Number.POSITIVE_INFINITY));
  const shardRead = new ShardRead(read, shard);
  let cursor: ShardCursor | undefined;
  let stop: StopReason | undefined;
  while (stop === undefined) {
    const limit = Math.min(numberOfRecordsPerFetch, shardRead.remaining);
    let page: Awaited<ReturnType<ShardCursor['next']>>;
    try {
      cursor ??= await ports.source.open(shard.shardId, shardRead.startPosition);
      page = await cursor.next(limit);
    } catch (error) {
      // What was read before is whole and stays; the rest is read again by the next batch.
      const name = error instanceof SluiceError ? error.name : 'TemporaryFailure';
      if (error instanceof SluiceError && !error.canRetry) throw error;
      log.warn('shard failed', { shardId: shard.shardId, error: name });
      if (shardRead.events === 0) return { kind: 'failed', shard, error: name };
      return { kind: 'read', shard, result: shardRead.result('failed'), error: name };
    }
    if (page === 'would-wait') {
      stop = 'deadline';
      break;
    }
    const taken = shardRead.take(page, limit);
    await deliver(taken.taken, deadline, ports);
    stop = taken.stop ?? (ports.clock.now() >= until ? 'deadline' : undefined);
  }
  return { kind: 'read', shard, result: shardRead.result(stop) };
}

async function deliver(taken: Taken, deadline: number, ports: Runtime['ports']): Promise<void> {
  if (taken.outputs.length > 0) await ports.sink.send(taken.outputs, deadline + sendGraceMs);
  if (taken.deadLetters.length > 0) await ports.deadLetters.put(taken.deadLetters);
}

async function storeBlock(
  read: TaskRead,
  task: PlannedTask,
  shards: readonly ShardOutcome[],
  { ports, log }: Runtime,
): Promise<void> {
  const stored = await ports.batches.putBlock(
    {
      v: formatVersion,
      ref: task.ref,
      batchId: task.batchId,
      task: task.task,
      nonce: ports.newId(),
      shards: shards.flatMap((shard) => (shard.kind === 'read' ? [shard.result] : [])),
      failedShards: shards.flatMap(({ shard, error }) => (error === undefined ? [] : [{ shardId: shard.shardId, error }])),
      counters: { ...read.counters },
      latestWindowEnd: read.table?.latestWindowEnd ?? null,
    },
    read.table?.saveByKeyGroup(task.parallelism) ?? new Map(),
  );
  log.info('block', { stored, records: read.counters.read, deadLettered: read.counters.deadLettered });
}

function outcomeOf(shards: readonly ShardOutcome[]): Outcome {
  if (shards.some((shard) => shard.error !== undefined)) return 'failed';
  return shards.every((shard) => shard.kind === 'read' && shard.result.stop === 'caught-up') ? 'caught-up' : 'behind';
}
