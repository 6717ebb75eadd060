/**
 * How much memory a table takes, roughly, and rather more: what an event may add to an accumulator is counted as if it had. So a table that
 * passes its budget may be smaller than that, and its part of the block is; none is larger.
 */
import type { KeyValue } from '../pipeline/pipeline.ts';

/** Of a key and its window, with what becomes of them when they are saved: both forms are in memory then. */
const bytesOfEntry = 300;
const bytesOfAccumulator = 60;
const bytesOfNumber = 16;
const bytesOfText = 60;

export function sizeOfEntry(keyValues: readonly KeyValue[], accumulators: number): number {
  let size = bytesOfEntry + accumulators * bytesOfAccumulator;
  for (const value of keyValues) size += typeof value === 'string' ? bytesOfText + value.length : bytesOfNumber;
  return size;
}

/** Of what an aggregate is given of one event. */
export function sizeOfValue(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'string') return bytesOfText + value.length;
  return typeof value === 'object' && 'value' in value ? bytesOfText + sizeOfValue(value.value) : bytesOfNumber;
}
