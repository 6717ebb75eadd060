import { describe, expect, it } from 'vitest';
import { decidePlan } from '../../functions/core/decide-plan.ts';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import type { Outcome } from '../../functions/core/driver.ts';
import type { BlockSummary, PlanRecord } from '../../functions/core/model.ts';
import { notesFromAfter } from '../../functions/core/notes-from.ts';
import { noListingChange } from '../../functions/core/shard-lineage.ts';
import { afterTurn, noSuspicions } from '../../functions/core/suspicions.ts';
import {
  batchBody,
  block,
  checkpoint,
  headOf,
  named,
  noon,
  noSealRules,
  planRecord,
  shardResult,
} from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';

describe('from which plan on notes of what was sent may be news', () => {
  const fromAfter = (
    plan: Partial<PlanRecord>,
    blocks: readonly BlockSummary[],
    outcomes: readonly Outcome[],
    notesFrom = 5,
  ) => notesFromAfter(planRecord({ ref: 8, taskCount: outcomes.length, ...plan }), { notesFrom }, { blocks, outcomes });
  const whole = block(0, [shardResult('a'), shardResult('b', { outcome: { kind: 'deadline' }, records: 3 })]);

  it('is the next one, where every shard had its turn and every task tells of it (NEWS-1)', () => {
    expect(fromAfter({}, [whole], ['moved'])).toBe(9);
    expect(fromAfter({}, [whole], ['moved', 'caught-up'])).toBe(9);
    expect(fromAfter({}, [whole], ['moved'], 0)).toBe(9);
  });

  it('is this one, where a shard was not come to: its task has taken over what was there (NEWS-2)', () => {
    const cutOff = block(0, [shardResult('a'), shardResult('b', { outcome: { kind: 'deadline' }, records: 0 })]);
    expect(fromAfter({}, [cutOff], ['moved'])).toBe(8);
    expect(
      fromAfter(
        {},
        [{ ...whole, failedShards: [{ source: 'main', shardId: 'c', error: 'TemporaryFailure' }] }],
        ['moved'],
      ),
    ).toBe(8);
    expect(fromAfter({}, [whole], ['moved', 'behind'])).toBe(8);
  });

  it('is what it was, where shards had no task, or a try died (NEWS-3)', () => {
    expect(fromAfter({ postponed: 4 }, [whole], ['moved'])).toBe(5);
    expect(fromAfter({}, [whole], ['moved', 'crashed'])).toBe(5);
    expect(fromAfter({}, [whole], ['moved', 'failed'])).toBe(5);
    expect(fromAfter({ taskCount: 2 }, [whole], ['moved']), 'nothing was heard of one').toBe(5);
    expect(fromAfter({ kind: 'close-windows', taskCount: 0 }, [], [])).toBe(5);
    expect(fromAfter({ postponed: 4 }, [whole], ['moved'], 0)).toBe(0);
  });

  it('lies sixteen turns back at most', () => {
    expect(fromAfter({ ref: 30, postponed: 4 }, [whole], ['moved'])).toBe(14);
  });
});

it('the note of a try that died is still looked at when its shards have a task again, turns later', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const died = {
    ref: 7,
    taskCount: 1,
    wentWell: new Set<number>(),
    died: new Map([[0, ids.map(named)]]),
    notes: new Map(),
  };
  const listing = noListingChange;
  const turn = { listing, kind: 'read', now: noon, maxTasks: 1 } as const;
  const body = batchBody({ shards: [...ids, 'z'].map((id) => checkpoint(id)), ref: 6, notesFrom: 7 });
  const head = headOf({ generation: noon - 1000, epoch: 8 });
  const first = decidePlan(mapped(), head, body, { ...turn, suspicions: afterTurn(noSuspicions, died, noon) });
  const read = first.tasks.flatMap(({ shards }) => shards.map(({ shardId }) => shardId));
  expect([first.tasks[0]?.notesFrom, (first.plan.postponed ?? 0) > 0]).toEqual([7, true]);
  const blocks = [
    block(
      0,
      read.map((id) => shardResult(id)),
    ),
  ];
  const sealed = decideSeal(first.plan, body, { blocks, outcomes: ['moved'] }, noSealRules);
  if (sealed.kind !== 'sealed') throw new Error(sealed.kind);
  const second = decidePlan(mapped(), { ...head, epoch: 9 }, sealed.body, { ...turn, suspicions: first.suspicions });
  expect(second.tasks.map(({ notesFrom }) => notesFrom)).toEqual([7]);
});
