/** Values in parts, saved and merged two at a time, chosen at random, until one is left: as blocks and states may be. */
import fc from 'fast-check';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';

export const choices = fc.infiniteStream(fc.nat());

/** As a block is written and read. */
export const saved = (fn: AggregateFunction, accumulator: unknown): unknown =>
  JSON.parse(JSON.stringify(fn.save(accumulator)));

export const fold = (fn: AggregateFunction, values: readonly unknown[]): unknown =>
  values.reduce((into, value) => fn.add(into, value), fn.empty());

export function mergedAnyhow(
  fn: AggregateFunction,
  parts: readonly (readonly unknown[])[],
  chosen: fc.Stream<number>,
): unknown {
  const restored = (given: unknown): unknown => fn.merge(fn.empty(), given);
  const pool = [...parts.map((part) => saved(fn, fold(fn, part))), saved(fn, fn.empty())];
  const take = (): unknown => pool.splice((chosen.next().value ?? 0) % pool.length, 1)[0];
  while (pool.length > 1) {
    const [one, other] = [take(), take()];
    pool.push(saved(fn, fn.merge(restored(one), other)));
  }
  return restored(pool[0]);
}
