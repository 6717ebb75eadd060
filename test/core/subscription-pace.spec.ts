/** Five seconds between two subscriptions to a shard: when the next batch may begin. */
import { describe, expect, it } from 'vitest';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import { hasMoved } from '../../functions/core/read/worth-storing.ts';
import { isOpen } from '../../functions/core/shard-checkpoint.ts';
import {
  handOverAfterBatch,
  subscribeAfter,
  subscribeAfterBatch,
  subscribingTriggerMs,
} from '../../functions/core/subscription-pace.ts';
import {
  batchBody,
  block,
  checkpoint,
  ended,
  noon,
  noSealRules,
  planned,
  plannedTask,
  planRecord,
  shardResult,
} from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';

const subscribed = (shardId: string, lastSubscribedAt: number | null) => checkpoint(shardId, { lastSubscribedAt });

describe('shards may be subscribed to', () => {
  it('five seconds after the last of them was, and what two clocks may differ by', () => {
    expect(subscribeAfter([subscribed('a', noon), subscribed('b', noon + 300), subscribed('c', null)])).toBe(
      noon + 5_550,
    );
  });

  it('at once if none was, or those have ended', () => {
    expect(subscribeAfter([subscribed('a', null), ended('b')])).toBe(0);
  });
});

describe('the batch after a batch may subscribe', () => {
  const shards = [subscribed('a', noon)];
  const body = (given: Partial<Parameters<typeof batchBody>[0]>) =>
    batchBody({ consumerType: 'SubscribeToShard', shards, caughtUp: true, ...given });
  const now = noon + 2_000;

  it.each([
    ['when its shards say so', body({}), noon + 5_250],
    ['at once after polling', body({ consumerType: 'GetRecords' }), 0],
    ['five seconds from now if a task failed, which leaves no trace', body({ failedTasks: 1 }), now + 5_250],
    [
      'five seconds from now if a shard failed',
      body({ failedShards: [{ source: 'main', shardId: 'b', error: 'TemporaryFailure' }] }),
      now + 5_250,
    ],
    [
      'five seconds from now if tasks found nothing and what is left does not wait for the trigger',
      body({ caughtUp: false, tasksWithoutBlock: 1 }),
      now + 5_250,
    ],
    [
      'as its shards say if tasks found nothing and the trigger is waited for',
      body({ tasksWithoutBlock: 1 }),
      noon + 5_250,
    ],
  ])('%s', (_, given, expected) => {
    expect(subscribeAfterBatch(given, now)).toBe(expected);
  });
});

describe('an execution hands over after a batch', () => {
  const body = (given: Partial<Parameters<typeof batchBody>[0]>) =>
    batchBody({ consumerType: 'SubscribeToShard', caughtUp: true, ...given });
  const now = noon + 2_000;
  const farTrigger = now + 8_000;

  it.each([
    ['at once if each task has told of its subscriptions', body({}), farTrigger, 0],
    ['at once after polling', body({ consumerType: 'GetRecords', tasksWithoutBlock: 1 }), farTrigger, 0],
    ['five seconds later if a task found nothing', body({ tasksWithoutBlock: 1 }), farTrigger, now + 5_250],
    ['at the trigger if that comes first', body({ tasksWithoutBlock: 1 }), now + 3_000, now + 3_000],
    ['five seconds later if a task failed', body({ failedTasks: 1, tasksWithoutBlock: 1 }), farTrigger, now + 5_250],
    [
      'five seconds later if a shard failed',
      body({ failedShards: [{ source: 'main', shardId: 'b', error: 'TemporaryFailure' }] }),
      farTrigger,
      now + 5_250,
    ],
  ])('%s', (_, given, nextPlan, expected) => {
    expect(handOverAfterBatch(given, nextPlan, now)).toBe(expected);
  });
});

describe('a turn that found nothing', () => {
  const idle = (given: Parameters<typeof shardResult>[1]) =>
    shardResult('a', { records: 0, tipTime: noon, readThrough: noon, ...given });
  const shard = planned('a', { readThrough: noon - 1_000 });
  const moved = (
    subscribedAt: number | null,
    nextTurnAt: number | null,
    given: Parameters<typeof shardResult>[1] = {},
  ) => hasMoved(mapped(), plannedTask([shard], { nextTurnAt }), shard, idle({ subscribedAt, ...given }));

  it('leaves nothing behind if its subscription began five seconds before the next turn', () => {
    expect(moved(noon, noon + 5_250)).toBe(false);
  });

  it('is written down if it began later, so that the plan knows', () => {
    expect(moved(noon + 1, noon + 5_250)).toBe(true);
  });

  it('leaves nothing behind where there was no subscription, no next turn, or no tip', () => {
    expect(moved(null, noon + 5_250)).toBe(false);
    expect(moved(noon + 1, null)).toBe(false);
    expect(moved(noon + 1, noon + 5_250, { outcome: { kind: 'deadline' } })).toBe(false);
  });

  it('is followed by the next after the trigger, or six seconds if that is longer', () => {
    expect([1_000, 6_000, 10_000].map(subscribingTriggerMs)).toEqual([6_000, 6_000, 10_000]);
  });
});

describe('the seal', () => {
  const sealed = (results: readonly ReturnType<typeof shardResult>[], outcomes: readonly ('moved' | 'caught-up')[]) => {
    const previous = batchBody({ shards: [subscribed('a', noon - 60_000), subscribed('b', noon - 50_000)] });
    const plan = planRecord({ consumerType: 'SubscribeToShard', taskCount: 2 });
    const outcome = decideSeal(plan, previous, { blocks: [block(0, results)], outcomes }, noSealRules);
    return (outcome as Extract<typeof outcome, { kind: 'sealed' }>).body;
  };

  it('carries when each shard was last subscribed to, and how the batch was read', () => {
    const { consumerType, shards, tasksWithoutBlock } = sealed(
      [shardResult('a', { subscribedAt: noon })],
      ['moved', 'caught-up'],
    );
    expect(shards.filter(isOpen).map(({ lastSubscribedAt }) => lastSubscribedAt)).toEqual([noon, noon - 50_000]);
    expect({ consumerType, tasksWithoutBlock }).toEqual({ consumerType: 'SubscribeToShard', tasksWithoutBlock: 1 });
  });

  it('keeps what it knew where a read never came to a subscription', () => {
    const { shards } = sealed([shardResult('a', { subscribedAt: null })], ['moved', 'caught-up']);
    expect(shards[0]).toMatchObject({ lastSubscribedAt: noon - 60_000 });
  });
});
