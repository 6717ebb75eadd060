/** ProcessShards: reads the shards of one task and stores what it made of them as one block. */
import { ByteBudget } from '../../concurrency/byte-budget.ts';
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { Outcome } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import { TaskRead } from '../../core/read/task-read.ts';
import { hasMoved, worthTelling } from '../../core/read/worth-storing.ts';
import { isUnavailable, type ReferenceUses } from '../../core/references.ts';
import { nameOf } from '../../core/shard-name.ts';
import type { ShardResult } from '../../core/shard-result.ts';
import { subscriptionsAtOnce } from '../../core/subscription-pace.ts';
import { fingerprintMessage } from '../../pipeline/fingerprint-change.ts';
import type { ProcessShardsInput, ProcessShardsOutput } from '../messages.ts';
import { isDriverOver, orSuperseded } from '../superseded.ts';
import { defaultReadBudgetBytes, defaultTableBudgetBytes } from '../user-code-ports.ts';
import { BlockParts } from './block-parts.ts';
import type { ExecutorContext } from './executor-context.ts';
import { openIsolated } from './isolated.ts';
import { NoteKeeper } from './keep-note.ts';
import { createRepeatKeeper, type RepeatKeeper } from './keep-repeats.ts';
import { noteTrouble } from './note-trouble.ts';
import { openApart, processLetters } from './process-letters.ts';
import type { ProcessRuntime } from './process-runtime.ts';
import { type BlockFacts, putBlock } from './put-block.ts';
import { pageBytes, readShard, type ShardOutcome } from './read-shard.ts';

/** As many connections as the SDK's client opens. What is in memory of their answers at once is bounded in bytes. */
const shardsAtOnce = subscriptionsAtOnce;

const repeatKeeper: (runtime: ProcessRuntime) => RepeatKeeper | undefined =
  globalThis.SLUICE_DEDUPLICATE !== false
    ? ({ pipeline: { source }, ports: { memories } }) =>
        source.deduplicate && memories && createRepeatKeeper(source.deduplicate, memories)
    : () => undefined;

export async function processShards(input: ProcessShardsInput, runtime: ProcessRuntime): Promise<ProcessShardsOutput> {
  return orSuperseded(runtime, () => readOrWait(input, runtime), {
    isOver: (head, now) => isDriverOver(head, input, now),
    answer: { outcome: 'behind' },
  });
}

/** Nothing is read without what callbacks need: the next turn asks again. */
async function readOrWait(input: ProcessShardsInput, runtime: ProcessRuntime): Promise<ProcessShardsOutput> {
  try {
    return await readTask(input, runtime);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    runtime.log.warn('no reference data', { reason: error.message });
    return { outcome: 'no-reference' };
  }
}

async function readTask(input: ProcessShardsInput, runtime: ProcessRuntime): Promise<ProcessShardsOutput> {
  const { pipeline, ports, md5, decompress } = runtime;
  const startedAt = ports.clock.now();
  const planned = await ports.plans.loadTask(input.epoch, input.task, input.plan);
  if (planned.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(planned.fingerprint, pipeline.fingerprint));
  }
  const { stream } = pipeline.source;
  const streamName = stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? '');
  const references = await ports.references.take();
  const isolated = await openIsolated(planned, ports, references);
  const apart = openApart(planned, ports, references);
  const isolation = isolated?.isolation ?? apart?.isolation;
  const task = new TaskRead({
    ...{ pipeline, task: planned, streamName, md5, decompress, isolation },
    references: references?.values,
  });
  const context: ExecutorContext = {
    task,
    parts: new BlockParts(task, ports, runtime.tableBudgetBytes ?? defaultTableBudgetBytes),
    budget: new ByteBudget(Math.max(pageBytes, runtime.readBudgetBytes ?? defaultReadBudgetBytes)),
    deadline: startedAt + input.readSeconds * 1000,
    notes: new NoteKeeper(runtime, planned),
    repeats: repeatKeeper(runtime),
    runtime,
    isolated,
  };
  try {
    if (planned.letters !== undefined) {
      const uses = apart?.references ?? references?.uses;
      return await processLetters(context, planned.letters, { apart, startedAt, references: uses });
    }
    const shards = await inParallel(planned.shards, shardsAtOnce, (shard) => readShard(context, shard));
    for (const { open } of shards) await isolated?.end(open.state.halt);
    return await endTask(context, shards, { startedAt, references: isolated?.references ?? references?.uses });
  } finally {
    isolated?.close();
    apart?.close();
  }
}

async function endTask(
  context: ExecutorContext,
  shards: readonly ShardOutcome[],
  { startedAt, references }: { readonly startedAt: number; readonly references: ReferenceUses | undefined },
): Promise<ProcessShardsOutput> {
  const { task, runtime } = context;
  const { pipeline, ports } = runtime;
  await task.checkSchema();
  const moved = shards.some(
    ({ shard, result, error }) => error === undefined && hasMoved(pipeline, task.task, shard, result),
  );
  const kept = shards.some(({ open }) => open.hasTaken);
  await noteTrouble(context, shards);
  const workMs = ports.clock.now() - startedAt;
  const isWorthABlock = moved || kept || isCutOff(shards);
  if (isWorthABlock) await storeBlock(context, shards, { workMs, references });
  return { outcome: isWorthABlock ? 'moved' : outcomeOf(shards) };
}

/** Some had their turn and some had not: unless that is written down, the same ones come first again. */
function isCutOff(shards: readonly ShardOutcome[]): boolean {
  const hadTurn = ({ result }: ShardOutcome): boolean => result.answeredAt !== undefined;
  return shards.some(hadTurn) && shards.some((shard) => !hadTurn(shard) && shard.result.outcome.kind === 'deadline');
}

async function storeBlock(context: ExecutorContext, shards: readonly ShardOutcome[], facts: BlockFacts): Promise<void> {
  const results = await resultsOf(context, shards);
  const failedShards = shards.flatMap(({ shard, error }) => (error === undefined ? [] : [{ ...nameOf(shard), error }]));
  const opened = shards.map(({ open }) => open);
  await putBlock(context, opened, { ...facts, results, failedShards });
}

/** What is known of the records that were read is there before the block that names it. */
function resultsOf(
  { task, repeats, runtime }: ExecutorContext,
  shards: readonly ShardOutcome[],
): Promise<readonly ShardResult[]> {
  const read = shards.filter(({ error, open }) => error === undefined || open.hasTaken);
  const { pipeline, fewShards } = runtime;
  const told = worthTelling(pipeline, task.task, read, { isCutOff: isCutOff(shards), fewShards });
  return inParallel(told, shardsAtOnce, async ({ open, result }) => {
    const known = open.reader.repeats;
    const memory = known === undefined ? undefined : await repeats?.store(task.task, known, result);
    return memory === undefined ? result : { ...result, memory };
  });
}

function outcomeOf(shards: readonly ShardOutcome[]): Outcome {
  if (shards.some((shard) => shard.error !== undefined)) return 'failed';
  if (shards.some((shard) => shard.result.outcome.kind === 'held')) return 'held';
  return shards.every((shard) => shard.result.outcome.kind === 'caught-up') ? 'caught-up' : 'behind';
}
