/** BUDGET-1. */
import { setImmediate as soon } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ByteBudget, type Reservation } from '../../functions/concurrency/byte-budget.ts';

/** Takes, and says when it was given. */
function asker(budget: ByteBudget) {
  const given = new Map<string, Reservation>();
  const ask = (name: string, bytes: number) => void budget.take(bytes).then((held) => given.set(name, held));
  const names = async (): Promise<string> => {
    await soon();
    return [...given.keys()].join(' ');
  };
  return { ask, given, names };
}

it('gives what there is room for, and the rest in the order it was asked for', async () => {
  const budget = new ByteBudget(100);
  const { ask, given, names } = asker(budget);
  ask('a', 60);
  ask('b', 40);
  ask('c', 50);
  ask('d', 1);
  expect(await names()).toBe('a b');
  given.get('b')!.release();
  // There would be room for d, but c was first.
  expect(await names()).toBe('a b');
  given.get('a')!.release();
  expect(await names()).toBe('a b c d');
  expect(budget.held).toBe(51);
});

it('takes back what did not come, and the rest once', async () => {
  const budget = new ByteBudget(100);
  const { ask, given, names } = asker(budget);
  ask('a', 100);
  ask('b', 90);
  expect(await names()).toBe('a');
  given.get('a')!.shrinkTo(10);
  expect(await names()).toBe('a b');
  given.get('a')!.shrinkTo(50);
  given.get('a')!.release();
  given.get('a')!.release();
  expect(budget.held).toBe(90);
});

it('lets more than all of it pass alone', async () => {
  const budget = new ByteBudget(100);
  const { ask, given, names } = asker(budget);
  ask('a', 1);
  ask('b', 1_000);
  expect(await names()).toBe('a');
  given.get('a')!.release();
  expect(await names()).toBe('a b');
  expect(budget.held).toBe(100);
  given.get('b')!.release();
  expect(budget.held).toBe(0);
});
