/** Runs of places: they hold what they were told, however they are merged and cut, and nothing else. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isInRuns, type PlaceRun, RunBuilder, runsBehind, unionOfRuns } from '../../functions/core/sent-places.ts';

/** A shard: records of some events each, in their order; sequence numbers of different lengths. */
const shard = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 })
  .map((sizes) =>
    sizes.flatMap((size, at) =>
      Array.from({ length: size }, (_, sub) => ({ sequenceNumber: String(7 + at * 31), sub })),
    ),
  );
type Place = { readonly sequenceNumber: string; readonly sub: number };

function runsOf(places: readonly Place[], sent: readonly boolean[]): readonly PlaceRun[] {
  const runs = new RunBuilder();
  for (const [at, { sequenceNumber, sub }] of places.entries()) {
    if (sent[at]) runs.sent(sequenceNumber, sub);
    else runs.gap();
  }
  return runs.runs;
}

const sentOf = (places: readonly Place[]) =>
  fc.array(fc.boolean(), { minLength: places.length, maxLength: places.length });
const told = (runs: readonly PlaceRun[], places: readonly Place[]) =>
  places.map(({ sequenceNumber, sub }) => isInRuns(runs, sequenceNumber, sub));

it('runs say of each event whether it was sent, and so does their union, in any order', () => {
  fc.assert(
    fc.property(
      shard.chain((places) => fc.tuple(fc.constant(places), sentOf(places), sentOf(places), sentOf(places))),
      ([places, one, other, third]) => {
        expect(told(runsOf(places, one), places)).toEqual(one);
        const union = unionOfRuns(runsOf(places, other), runsOf(places, one), runsOf(places, third));
        expect(told(union, places)).toEqual(places.map((_, at) => one[at] || other[at] || third[at]));
      },
    ),
  );
});

it('what is cut off behind a place still says all of what lies behind it', () => {
  fc.assert(
    fc.property(
      shard.chain((places) => fc.tuple(fc.constant(places), sentOf(places), fc.nat(places.length - 1))),
      ([places, sent, at]) => {
        const left = runsBehind(runsOf(places, sent), places[at]);
        expect(told(left, places).slice(at + 1)).toEqual(sent.slice(at + 1));
      },
    ),
  );
});

it('a bounded note says less, never more', () => {
  const runs = new RunBuilder(2);
  for (let sub = 0; sub < 9; sub++) {
    if (sub % 2 === 0) runs.sent('5', sub);
    else runs.gap();
  }
  expect(runs.runs).toEqual([
    ['5', 0, '5', 0],
    ['5', 2, '5', 2],
  ]);
});
