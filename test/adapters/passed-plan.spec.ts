/** PASSED-1: a plan that is passed on, as whoever calls a function by hand may give it. */
import { expect, it } from 'vitest';
import { encode } from '../../functions/adapters/dynamodb/packed-json.ts';
import { createPlanStore } from '../../functions/adapters/dynamodb/plan-store.ts';
import type { Storage } from '../../functions/adapters/dynamodb/storage.ts';
import { plannedTask, planRecord } from '../support/builders.ts';

const store = createPlanStore({ pipeline: 'p' } as Storage);
const passed = (value: unknown): string => Buffer.from(encode(value)).toString('base64url');

it('is read again by seal and executor', async () => {
  const [plan, task] = [planRecord({ ref: 7 }), plannedTask([], { ref: 7 })];
  const text = await store.putPlan(plan, [task]);
  expect(await store.loadPlan(7, text)).toEqual(plan);
  expect(await store.loadTask(7, 0, text)).toEqual(task);
  await expect(store.loadPlan(8, text)).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining('plan: it is of epoch 7; 8 is expected'),
  });
});

it.each([
  ['no text of ours', 'garbage'],
  ['no base64', '\u00fc!'],
  ['one byte', 'AA'],
  ['a number', passed(7)],
  ['an empty list', passed([])],
  ['an object', passed({})],
  ['a plan without its version', passed([{ ref: 7 }, { ref: 7 }])],
])('that is %s is refused by name, and nothing is read', async (_, text) => {
  for (const load of [store.loadPlan(7, text), store.loadTask(7, 0, text)])
    await expect(load).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('plan: it is none; use what the plan step has answered'),
    });
});

it('without a task is none to an executor', async () => {
  const text = await store.putPlan(planRecord({ ref: 7, taskCount: 0 }), []);
  await expect(store.loadTask(7, 0, text)).rejects.toMatchObject({ name: 'InvalidInput' });
});
