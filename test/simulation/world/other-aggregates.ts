/** Definitions that deployments have by turns: each has an aggregate that the other has not, and the others in another order. */
import { max } from '../../../functions/index.ts';
import type { SimulatedEvent } from './pipelines.ts';

/** Of even versions, and of odd ones. */
export const changing = ['least', 'large'] as const;
export type Changing = (typeof changing)[number];

/** That this code has, and the other has not. */
export const ownOf = (version: number): Changing => changing[version % 2]!;

export function aggregatesOfVersion<Aggregates extends { readonly least: unknown }>(
  aggregates: Aggregates,
  version: number,
): Aggregates {
  if (ownOf(version) === 'least') return aggregates;
  const { least: _, events, ...others } = aggregates as Aggregates & { readonly events: unknown };
  const turned = Object.fromEntries(Object.entries(others).reverse());
  // What state has is looked at by its first accumulator.
  return { events, ...turned, large: max(({ value }: SimulatedEvent) => value) } as unknown as Aggregates;
}
