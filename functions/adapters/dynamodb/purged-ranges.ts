/** Where in a partition a purge looks, and what it reads in the names that it finds there. */
import { padBatch } from './keys.ts';

export type Where = { readonly condition: string; readonly values: Readonly<Record<string, string>> };
export const everything: Where = { condition: 'sk >= :from', values: { ':from': '0' } };

/** Both included. */
export const inBatches = (first: number, last: number): Where => ({
  condition: 'sk BETWEEN :from AND :to',
  values: { ':from': padBatch(first), ':to': `${padBatch(last)}#~` },
});

export const bodiesIn = (first: number, below: number): Where => ({
  condition: 'sk BETWEEN :from AND :to',
  values: { ':from': `BATCH#${padBatch(first)}#`, ':to': `BATCH#${padBatch(below - 1)}#~` },
});

export const beginningWith = (prefix: string): Where => ({
  condition: 'begins_with(sk, :prefix)',
  values: { ':prefix': prefix },
});

export const batchOf = (sk: string): number => Number.parseInt(sk, 10);
/** Of a state, or of what is named by one: its padded name. */
export const stateIn = (sk: string): string => sk.split('#', 2).join('#');
export const isBeside = (sk: string): boolean => sk !== stateIn(sk);
