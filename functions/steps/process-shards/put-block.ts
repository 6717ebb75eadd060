/** The block of a task: what its reads have counted, and which of its dead letters count if it is sealed. */
import { addCounters, noCounts } from '../../core/counters.ts';
import { mergeTallies } from '../../core/dead-letter-tally.ts';
import type { BlockSummary } from '../../core/model.ts';
import { addOutputCounts, partOf } from '../../core/output-counts.ts';
import { outputCountsOf } from '../../core/read/progress.ts';
import type { ReadLetters } from '../../core/redrive.ts';
import { type ReferenceUses, usesPart } from '../../core/references.ts';
import type { ListedPlaces } from '../../ports/letter-lists.ts';
import type { ExecutorContext } from './executor-context.ts';
import type { OpenShard } from './open-shard.ts';

export type BlockFacts = { readonly workMs: number; readonly references: ReferenceUses | undefined };

export async function putBlock(
  { task: read, parts, runtime }: Pick<ExecutorContext, 'task' | 'parts' | 'runtime'>,
  opened: readonly OpenShard[],
  facts: BlockFacts & {
    readonly results: BlockSummary['shards'];
    readonly failedShards: BlockSummary['failedShards'];
    /** Of a task that reads letters. */
    readonly redrive?: ReadLetters;
    readonly taken?: ListedPlaces['taken'];
  },
): Promise<void> {
  const { ports, log } = runtime;
  const { ref, batchId, task } = read.task;
  const { workMs, references, results, failedShards, redrive, taken = [] } = facts;
  const counters = opened.map(({ state }) => state.progress.counters).reduce(addCounters, noCounts);
  const letters = mergeTallies(opened.map(({ state }) => state.progress.letters));
  const outputs = opened.map(({ state }) => outputCountsOf(state.progress)).reduce(addOutputCounts, {});
  const before = await parts.all();
  const { buried: dead } = read;
  // LISTS-1
  if (dead.length + taken.length > 0)
    await ports.letterLists.putLists({ batchId, ref, task, nonce: parts.nonce }, { dead, taken });
  const stored = await ports.blocks.putBlock(
    {
      ...{ ref, batchId, task, nonce: parts.nonce, shards: results, failedShards, counters },
      ...(letters.length === 0 ? {} : { letters }),
      ...partOf(outputs),
      ...usesPart(references),
      ...(redrive === undefined ? {} : { redrive }),
      workMs,
    },
    read.partials(),
    before,
  );
  log.info('block', { stored, workMs, ...(before.length === 0 ? {} : { parts: before.length + 1 }), ...counters });
}
