/**
 * Keys and the slice of the key space they belong to.
 *
 * KEY-1 The canonical text of a key and its key group never change: saved state is found by them.
 */
import { murmur3 } from '../pipeline/murmur3.ts';
import type { KeyValue } from '../pipeline/pipeline.ts';

/** JSON array of the key's values in the order the pipeline names them. */
export function canonicalKey(values: readonly KeyValue[]): string {
  return JSON.stringify(values);
}

export function keyGroupOf(canonical: string, parallelism: number): number {
  return parallelism === 1 ? 0 : murmur3(canonical) % parallelism;
}
