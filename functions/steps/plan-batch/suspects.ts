/** What the last turn says of shards whose executors died: from its outcomes, its tasks and their notes. */

import { inParallel } from '../../concurrency/in-parallel.ts';
import { SluiceError } from '../../core/errors.ts';
import { letterDeathsAfter } from '../../core/letter-deaths.ts';
import { limitLetters } from '../../core/letter-limit.ts';
import type { BatchBody, Head, PlannedTask } from '../../core/model.ts';
import { openRedrive, type PlannedLetters } from '../../core/redrive.ts';
import { isOpen } from '../../core/shard-checkpoint.ts';
import { nameOf } from '../../core/shard-name.ts';
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
type News = TurnNews & { readonly letters: PlannedLetters | undefined };

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
  const redriven = suspicions.redrive === undefined ? {} : { redrive: suspicions.redrive.deaths };
  runtime.log.warn('executors died', {
    ...{ shards: suspicions.shards.length, letters: suspicions.letters.length },
    ...redriven,
  });
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
  const diesNow = isNews && tasks.died.length > 0;
  if (before.shards.length === 0 && before.redrive === undefined && !diesNow) return before;
  const news = isNews ? await newsOf(tasks, before, runtime) : undefined;
  const redrive = letterDeathsAfter(before.redrive, openRedrive(head, committed, now), news?.letters, now);
  // Nothing but letters is suspected, and nothing is new of them.
  if (before.shards.length === 0 && !diesNow && redrive === before.redrive) return before;
  const after = withLetters(news === undefined ? before : afterTurn(before, news, now), redrive);
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

function withLetters({ redrive: _, ...others }: Suspicions, redrive: Suspicions['redrive']): Suspicions {
  return redrive === undefined ? others : { ...others, redrive };
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

async function newsOf(tasks: Tasks, before: Suspicions, runtime: PlanRuntime): Promise<News> {
  const { ref, plan } = tasks;
  const { plans, deathNotes } = runtime.ports;
  const died = await inParallel(tasks.died, loadsAtOnce, async (task) => {
    const planned = await taskOf(plans, { ref, task, plan });
    return planned === undefined ? [] : [planned];
  });
  const isolated = before.shards.filter((one) => one.stage === 'isolated' && one.ref === ref);
  const notes = await inParallel(isolated, loadsAtOnce, async ({ shardId, task }) => {
    const note = await deathNotes.loadNote(ref, task);
    return note === undefined || note.shardId !== shardId ? [] : [[shardId, note] as const];
  });
  const known = died.flat();
  return {
    ...tasks,
    died: new Map(known.flatMap(({ task, shards }) => (shards.length === 0 ? [] : [[task, shards.map(nameOf)]]))),
    notes: new Map<string, DeathNote>(notes.flat()),
    letters: known.find(({ letters }) => letters !== undefined)?.letters,
  };
}

/** Plans expire: after a day of standstill nobody can say any more whose executor died. Who dies again is suspected again. */
async function taskOf(
  plans: PlanStore,
  { ref, task, plan }: { readonly ref: number; readonly task: number; readonly plan: PassedPlan | undefined },
): Promise<PlannedTask | undefined> {
  try {
    return await plans.loadTask(ref, task, plan);
  } catch (error) {
    if (error instanceof SluiceError && error.name === 'MissingItem') return undefined;
    throw error;
  }
}
