/**
 * Keys and the slice of the key space they belong to.
 *
 * KEY-1 The canonical text of a key and its key group never change: saved state is found by them.
 * KEY-2 Nor does its name in identities, and no two keys share one: it is the text itself, or a hash of which nobody knows two
 *    texts, behind letters that no JSON array begins with.
 */
import { murmur3 } from '../pipeline/murmur3.ts';
import type { KeyValue } from '../pipeline/pipeline.ts';
import { sha256 } from '../pipeline/sha256.ts';
import { utf8Length } from '../pipeline/utf8.ts';

/** JSON array of the key's values in the order the pipeline names them. */
export function canonicalKey(values: readonly KeyValue[]): string {
  return JSON.stringify(values);
}

export function keyGroupOf(canonical: string, parallelism: number): number {
  return parallelism === 1 ? 0 : murmur3(canonical) % parallelism;
}

/** A key may be as long as an event, and its name is in each of its results. */
const longestNameBytes = 256;
const mostBytesOfUnit = 3;

export function keyName(canonical: string): string {
  if (canonical.length * mostBytesOfUnit <= longestNameBytes) return canonical;
  return utf8Length(canonical) <= longestNameBytes ? canonical : `sha256:${sha256(canonical)}`;
}
