/** What keeps shards of the task from being read. Where all of them fail nothing is committed that would tell of it. */
import { nameOf } from '../../core/shard-name.ts';
import { readTrouble } from '../../core/trouble.ts';
import type { ExecutorContext } from './executor-context.ts';
import type { ShardOutcome } from './read-shard.ts';

/** No note is worth a failed task. */
export async function noteTrouble({ task, runtime }: ExecutorContext, shards: readonly ShardOutcome[]): Promise<void> {
  const { ports, log } = runtime;
  const failed = shards.flatMap(({ shard, error, message = '', open: { undelivered } }) => {
    if (undelivered !== undefined)
      return [{ ...nameOf(shard), ...wordsOf(undelivered.error), output: undelivered.output }];
    return error === undefined ? [] : [{ ...nameOf(shard), error, message }];
  });
  if (failed.length === 0) return;
  const { ref, task: number } = task.task;
  try {
    const before = await ports.troubles.loadTrouble({ kind: 'read', task: number });
    await ports.troubles.putTrouble(readTrouble({ task: number, ref }, failed, before, ports.clock.now()));
  } catch (error) {
    log.warn('trouble not noted', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

const wordsOf = ({ name, message }: Error) => ({ error: name, message });
