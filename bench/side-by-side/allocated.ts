/** Calls one after the other; with `allocated`, by what they allocate, and without by the time they take. */
import type { Answer } from './scenario.ts';

type Work = {
  readonly calls: number;
  readonly call: () => Promise<{ readonly records: number; readonly bytes: number }>;
  readonly allocated: boolean;
};

/** A unit is a call, or with `allocated` a record, of which `amount` bytes were allocated for each. */
export async function perRecord({ calls, call, allocated }: Work): Promise<Answer> {
  let [records, bytes] = [0, 0];
  let amount = 0;
  for (let at = 0; at < calls; at++) {
    if (allocated) globalThis.gc!();
    const before = allocatedNow();
    const made = await call();
    amount += allocatedNow() - before;
    records += made.records;
    bytes += made.bytes;
  }
  const digest = `${bytes} bytes`;
  return allocated ? { units: records, digest, amount } : { units: calls, digest };
}

/** Of the heap and beside it. Nothing is collected between two looks where the young generation has room for a call. */
function allocatedNow(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** That room. */
export const withoutCollecting = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'] as const;
