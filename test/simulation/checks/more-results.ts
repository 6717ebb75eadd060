/** The direct computation of what `moreAggregates` adds: from all events of a row, put in order. */
import { toDouble, toUnits } from '../exact-arithmetic.ts';
import type { PutEvent } from '../world/ledger.ts';
import { fewValues, keptValues } from '../world/pipelines.ts';

/** An event that a batch contains, and where it was in the stream. */
export type Contained = {
  readonly event: PutEvent;
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly sub: number;
  /** Of an event that became several: the place of this one. */
  readonly element?: number;
  /** The stamp of its record. */
  readonly arrival: number;
  readonly batchId?: number;
};

/** What a row says that is wrong; undefined: nothing. `by`: the time that events are in order of. */
export function wrongOf(
  found: Readonly<Record<string, unknown>>,
  all: readonly Contained[],
  by: (contained: Contained) => number,
): string | undefined {
  const ids = all
    .toSorted(
      (one, other) =>
        by(one) - by(other) || Number(BigInt(one.sequenceNumber) - BigInt(other.sequenceNumber)) || one.sub - other.sub,
    )
    .map(({ event }) => event.id);
  const right = {
    first: ids[0],
    last: ids.at(-1),
    list: { values: ids.slice(0, keptValues), truncated: Math.max(0, ids.length - keptValues) },
    spread: varianceOf(all.map(({ event }) => event.value)),
    few: new Set(ids.map((id) => id % fewValues)).size,
  };
  for (const [name, value] of Object.entries(right)) {
    const [told, expected] = [found[name], value].map((each) => JSON.stringify(each));
    if (told !== expected) return `${name} is ${told}; expected ${expected}`;
  }
  // Of the sketch's 65,536 registers two ids rarely share one.
  const different = new Set(ids).size;
  const most = different <= keptValues ? 0 : 2 + different / 20;
  const isNear = typeof found.ids === 'number' && Math.abs(found.ids - different) <= most;
  return isNear ? undefined : `ids are ${found.ids}; expected about ${different}`;
}

/** Of all there are, rounded once. */
function varianceOf(values: readonly number[]): number {
  const n = BigInt(values.length);
  const units = values.map(toUnits);
  const total = units.reduce((sum, each) => sum + each, 0n);
  const spread = units.reduce((sum, each) => sum + (n * each - total) ** 2n, 0n);
  return toDouble(spread, (n ** 3n) << 1_074n);
}
