/** The plan of a batch, its tasks and what is known of shards whose executors died, as items of the table. */

import { decidePlan as decideBatch, type TaskReading } from '../../core/decide-plan.ts';
import type { Attaching } from '../../core/detached.ts';
import type { Ending } from '../../core/ending.ts';
import type { BatchBody, BatchKind, Head } from '../../core/model.ts';
import type { OpenRedrive } from '../../core/redrive.ts';
import type { ListingChange } from '../../core/shard-lineage.ts';
import type { StepMark } from '../../core/step-times.ts';
import { noSuspicions } from '../../core/suspicions.ts';
import { inWaves } from '../../core/waves.ts';
import type { BatchState, PlanBatchInput } from '../messages.ts';
import type { Failing } from './failing.ts';
import type { PlanRuntime } from './plan-runtime.ts';

/** What of the turn goes on with its batch. */
export type Times = {
  readonly turn: number;
  readonly waitUntil: string;
  readonly failing: Failing;
  /** The plan itself. */
  readonly began: StepMark;
};

export async function writePlan(
  input: PlanBatchInput,
  { pipeline, ports, log }: PlanRuntime,
  turn: {
    readonly head: Head;
    readonly committed: BatchBody | undefined;
    readonly listing: ListingChange;
    readonly kind: BatchKind;
    readonly now: number;
    readonly times: Times;
    readonly ending: Ending | undefined;
    readonly reading: TaskReading;
    readonly attach?: Attaching;
    readonly redrive?: OpenRedrive | undefined;
  },
): Promise<BatchState> {
  const { maxTasks } = input.timing;
  const before = turn.head.suspicions ?? noSuspicions;
  const facts = { ...turn, maxTasks, suspicions: before };
  const { plan, tasks, suspicions } = decideBatch(pipeline, turn.head, turn.committed, facts);
  const { batchId, ref: epoch } = plan;
  // Written first: whoever finds a note knows whose it is.
  if (suspicions !== before) {
    const suspected = await ports.head.suspect(epoch, input.run, suspicions);
    if (suspected.kind === 'lost') return { next: 'done', turn: turn.times.turn, reason: 'superseded' };
  }
  const passed = await ports.plans.putPlan(plan, tasks, turn.committed?.parts);
  log.info('plan', { batchId, epoch, kind: plan.kind, tasks: tasks.length, newShards: plan.newShards.length });
  const { turn: number, waitUntil, began } = turn.times;
  if (tasks.length === 0)
    return { next: 'seal', epoch, batchId, plan: passed, turn: number, steps: [began], waitUntil };
  const postponed = plan.postponed === undefined ? {} : { postponed: true as const };
  return {
    next: 'process',
    epoch,
    batchId,
    tasks: inWaves(
      tasks.map(({ task }) => task),
      input.timing.tasksInWave,
    ),
    plan: passed,
    ...postponed,
    leavesUnread: plan.leavesUnread === true,
    ...{ turn: number, waitUntil, failingSince: turn.times.failing.failingSince },
    steps: [began, { step: 'process', at: ports.clock.now() }],
  };
}
