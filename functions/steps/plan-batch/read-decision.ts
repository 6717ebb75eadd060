/** How the shards of the next batch are read: by polling, by enhanced fan-out, or not yet. */

import type { TaskReading } from '../../core/decide-plan.ts';
import type { BatchBody, BatchKind, Head } from '../../core/model.ts';
import { subscribeAfter, subscribingTriggerMs } from '../../core/subscription-pace.ts';
import { loopTriggerMs, pauseMs } from '../../core/turn.ts';
import type { PipelineOutline } from '../../pipeline/outline.ts';
import { mainSource } from '../../pipeline/sources.ts';
import type { PlanRuntime } from './plan-runtime.ts';

export const subscribes = ({ source }: PipelineOutline): boolean => source.consumerType === 'SubscribeToShard';

export function triggerOf(pipeline: PipelineOutline): number {
  const triggerMs = loopTriggerMs(pipeline.trigger);
  return subscribes(pipeline) ? subscribingTriggerMs(triggerMs) : triggerMs;
}

export type ReadDecision =
  | { readonly kind: 'go'; readonly reading: TaskReading }
  | { readonly kind: 'wait'; readonly until: number };

export async function decideReading(
  { pipeline, ports, log }: PlanRuntime,
  turn: {
    readonly head: Head;
    readonly committed: BatchBody | undefined;
    readonly now: number;
    readonly waitUntil: number;
    /** A read failed since, or nobody has looked yet. */
    readonly isDoubted: boolean;
    readonly kind: BatchKind;
  },
): Promise<ReadDecision> {
  const byPolling: ReadDecision = { kind: 'go', reading: { consumerArn: null, nextTurnAt: null } };
  const { consumer } = ports.source;
  if (consumer === undefined || !subscribes(pipeline) || turn.kind === 'close-windows') return byPolling;
  const due = subscribeAfter(turn.committed?.shards ?? []);
  if (due > turn.now) return { kind: 'wait', until: due };
  const state = await consumer.ensure(turn.head.sources[mainSource].stream.arn, turn.isDoubted);
  if (state.kind === 'not-ready') {
    log.info('consumer', { status: state.status });
    return { kind: 'wait', until: turn.now + pauseMs };
  }
  if (state.kind === 'fall-back') {
    log.warn('reads by polling', { reason: state.reason });
    return byPolling;
  }
  const nextTurnAt = turn.waitUntil > turn.now ? turn.waitUntil : null;
  return { kind: 'go', reading: { consumerArn: state.arn, nextTurnAt } };
}
