/** What the last turn says of shards whose executors died: from its outcomes, its tasks and their notes. */

import { inParallel } from '../../concurrency/in-parallel.ts';
import { SluiceError } from '../../core/errors.ts';
import { limitLetters } from '../../core/letter-limit.ts';
import type { BatchBody, Head } from '../../core/model.ts';
import { isOpen } from '../../core/shard-checkpoint.ts';
import { nameOf, type ShardName } from '../../core/shard-name.ts';
import {
  afterCommit,
  afterTurn,
  type DeathNote,
  hasDied,
  hasGoneWell,
  noSuspicions,
  type Suspicions,
  type TurnNews,
} from '../../core/suspicions.ts';
import type { PassedPlan, PlanStore } from '../../ports/plan-store.ts';
import type { PlanBatchInput } from '../messages.ts';
import type { PlanRuntime } from './plan-runtime.ts';

type Tasks = Pick<TurnNews, 'ref' | 'taskCount' | 'wentWell'> & {
  readonly died: readonly number[];
  /** Where it is no item. */
  readonly plan?: PassedPlan | undefined;
};

const loadsAtOnce = 10;

/** The head with them; undefined if another driver has taken over. */
export async function withSuspicions(
  input: PlanBatchInput,
  runtime: PlanRuntime,
  known: { readonly head: Head; readonly committed: BatchBody | undefined; readonly now: number },
): Promise<Head | undefined> {
  const { head } = known;
  const suspicions = await currentSuspicions(input, runtime, known);
  if (suspicions === (head.suspicions ?? noSuspicions)) return head;
  const updated = await runtime.ports.head.suspect(head.epoch, input.run, suspicions);
  if (updated.kind === 'lost') return undefined;
  runtime.log.warn('executors died', { shards: suspicions.shards.length, letters: suspicions.letters.length });
  return updated.head;
}

async function currentSuspicions(
  input: PlanBatchInput,
  runtime: PlanRuntime,
  { head, committed, now }: { readonly head: Head; readonly committed: BatchBody | undefined; readonly now: number },
): Promise<Suspicions> {
  const before = head.suspicions ?? noSuspicions;
  const tasks = tasksOf(input, committed);
  const isNews = tasks !== undefined && tasks.ref > before.through;
  // Nothing died: as it nearly always is.
  if (before.shards.length === 0 && !(isNews && tasks.died.length > 0)) return before;
  const after = isNews ? afterTurn(before, await newsOf(tasks, before, runtime), now) : before;
  const open = committed?.shards.filter(isOpen) ?? [];
  const settled =
    committed === undefined
      ? after
      : afterCommit(after, new Map(open.map(({ shardId, position }) => [shardId, position])), now);
  const limit = limitLetters(settled, { openShards: open.length, isFirst: input.batch.turn === 0 });
  if (limit.kind === 'within') return limit.suspicions;
  throw new SluiceError(
    'TooManyCrashes',
    `executors died of ${limit.letters} events in ${limit.shards} shards within an hour: that is the pipeline, not its events. ` +
      'They are not dead letters yet: mend the code (or raise the memory), deploy it, and start again. The shards stand in front of them.',
  );
}

/** A turn that ended with its reads left outcomes, one that went on to a commit what its body says. */
function tasksOf({ batch, outcomes }: PlanBatchInput, committed: BatchBody | undefined): Tasks | undefined {
  if (batch.next === 'process' && batch.epoch !== undefined) {
    const at = outcomes.map((outcome, task) => ({ outcome, task }));
    return {
      ref: batch.epoch,
      plan: batch.plan,
      taskCount: outcomes.length,
      wentWell: new Set(at.filter(({ outcome }) => hasGoneWell(outcome)).map(({ task }) => task)),
      died: at.filter(({ outcome }) => hasDied(outcome)).map(({ task }) => task),
    };
  }
  if (committed === undefined) return undefined;
  return {
    ref: committed.ref,
    taskCount: committed.blocks.length + committed.tasksWithoutBlock,
    wentWell: new Set(committed.blocks.map(({ task }) => task)),
    died: committed.diedTasks ?? [],
  };
}

async function newsOf(tasks: Tasks, before: Suspicions, runtime: PlanRuntime): Promise<TurnNews> {
  const { ref, plan } = tasks;
  const { plans, deathNotes } = runtime.ports;
  const died = await inParallel(tasks.died, loadsAtOnce, async (task) => {
    const shards = await shardsOfTask(plans, { ref, task, plan });
    return shards === undefined ? [] : [[task, shards] as const];
  });
  const isolated = before.shards.filter((one) => one.stage === 'isolated' && one.ref === ref);
  const notes = await inParallel(isolated, loadsAtOnce, async ({ shardId, task }) => {
    const note = await deathNotes.loadNote(ref, task);
    return note === undefined || note.shardId !== shardId ? [] : [[shardId, note] as const];
  });
  return { ...tasks, died: new Map(died.flat()), notes: new Map<string, DeathNote>(notes.flat()) };
}

/** Plans expire: after a day of standstill nobody can say any more whose executor died. Who dies again is suspected again. */
async function shardsOfTask(
  plans: PlanStore,
  { ref, task, plan }: { readonly ref: number; readonly task: number; readonly plan: PassedPlan | undefined },
): Promise<ShardName[] | undefined> {
  try {
    return (await plans.loadTask(ref, task, plan)).shards.map(nameOf);
  } catch (error) {
    if (error instanceof SluiceError && error.name === 'MissingItem') return undefined;
    throw error;
  }
}
