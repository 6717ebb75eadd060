import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawFaults, drawHollow } from './faults/draw-faults.ts';
import {
  answerFaultKinds,
  callFaultKinds,
  describeFault,
  describeScript,
  type Fault,
  fanOutFaultKinds,
  fanOutSpanKinds,
  isCallFault,
  outageKinds,
  parseScript,
  spanFaultKinds,
} from './faults/fault.ts';
import { hollowed } from './faults/hollow.ts';
import { Injector } from './faults/injector.ts';
import { canStrike, notesOfTroubles, partsOfSeals, placesOf, stepsOfOutboxes } from './faults/places.ts';
import { Random } from './random.ts';
import { consumerShares, drawScenario } from './world/scenario.ts';

/** Pipelines that all poll, that all read by fan-out, and that all go to and fro. */
const mixes = [
  { SubscribeToShard: 0, switches: 0 },
  { SubscribeToShard: 1, switches: 0 },
  { SubscribeToShard: 0, switches: 1 },
] as const;
const word = fc.stringMatching(/^[a-z][a-z-]{0,12}$/);
const callFault = fc.record({
  kind: fc.constantFrom(...callFaultKinds, ...fanOutFaultKinds, ...answerFaultKinds),
  size: fc.nat(1_000_000),
  step: word,
  call: word,
  when: fc.constantFrom('before' as const, 'after' as const),
  occurrence: fc.integer({ min: 1, max: 500 }),
});
const spanFault = fc.record({
  kind: fc.constantFrom(...spanFaultKinds, ...fanOutSpanKinds, ...outageKinds),
  size: fc.nat(1_000_000),
  from: fc.nat(1_000_000),
  forMs: fc.nat(1_000_000),
});

const drawn = (seed: number, shares = consumerShares) => {
  const scenario = drawScenario(new Random(seed).fork('scenario'), shares);
  return { scenario, faults: drawFaults(new Random(seed).fork('faults'), scenario) };
};

describe('a script of faults', () => {
  it('is read back as it was printed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(callFault, spanFault)), (faults) => {
        expect(parseScript(describeScript(faults))).toEqual(faults);
      }),
    );
  });

  it.each([
    ['crash', 'crash is no fault'],
    ['smash@seal-batch/seal:before#1', 'smash@seal-batch/seal:before#1 is no fault'],
    ['crash@seal-batch/seal#1', 'is no fault'],
    ['skew@seal-batch/seal:before#1', 'with one of crash'],
    ['crash:1@t1+1', 'with one of skew'],
  ])('%s is refused with what would be right', (text, message) => {
    expect(() => parseScript(text)).toThrow(message);
  });
});

describe('the faults of a seed', () => {
  it('are the same each time, and strike where they can', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom(...mixes), (seed, shares) => {
        const { scenario, faults } = drawn(seed, shares);
        expect(drawn(seed, shares).faults).toEqual(faults);
        const places = [
          ...placesOf(scenario),
          ...(scenario.shardParts === undefined && scenario.chunkBytes === undefined ? [] : partsOfSeals),
          ...(scenario.chunkBytes === undefined ? [] : stepsOfOutboxes),
          ...(scenario.sinkRecordsASecond === undefined ? [] : notesOfTroubles),
        ];
        for (const fault of faults.filter(isCallFault)) {
          const place = places.find(({ step, call }) => step === fault.step && call === fault.call);
          expect(place && canStrike(fault.kind, place, fault.when), describeScript([fault])).toBe(true);
        }
      }),
    );
  });

  it('are none for some seeds, of one kind for some, and of many for others; every kind comes', () => {
    const kindsOf = (faults: readonly Fault[]) => new Set(faults.map(({ kind }) => kind));
    const all = Array.from({ length: 1_000 }, (_, seed) => kindsOf(drawn(seed).faults));
    const share = (is: (kinds: ReadonlySet<string>) => boolean) => all.filter(is).length / all.length;
    expect(share(({ size }) => size === 0)).toBeGreaterThan(0.04);
    expect(share(({ size }) => size === 1)).toBeGreaterThan(0.1);
    expect(share(({ size }) => size > 8)).toBeGreaterThan(0.2);
    const found = new Set(all.flatMap((kinds) => [...kinds]));
    expect([...callFaultKinds, ...spanFaultKinds].filter((kind) => !found.has(kind))).toEqual([]);
  });

  it('are those of fan-out only where a pipeline reads by it, and then all of them come', () => {
    const ofFanOut = new Set<string>([...fanOutFaultKinds, ...fanOutSpanKinds]);
    const found = (shares: (typeof mixes)[number]) =>
      new Set(
        Array.from({ length: 500 }, (_, seed) => drawn(seed, shares).faults).flatMap((faults) =>
          faults.map(({ kind }) => kind).filter((kind) => ofFanOut.has(kind)),
        ),
      ).size;
    expect(mixes.map(found)).toEqual([0, ofFanOut.size, ofFanOut.size]);
  });

  it('are answers without members in some of them, after calls that are answered with something', () => {
    const found = Array.from({ length: 500 }, (_, seed) => {
      const { scenario } = drawn(seed, mixes[seed % mixes.length]);
      const faults = drawHollow(new Random(seed).fork('hollow'), scenario);
      const places = placesOf(scenario);
      for (const { step, call, when } of faults) {
        const place = places.find((each) => each.step === step && each.call === call)!;
        expect(canStrike('hollow', place, when), `${step}/${call} ${when}`).toBe(true);
      }
      return faults;
    });
    const share = found.filter(({ length }) => length > 0).length / found.length;
    expect([share > 0.1, share < 0.3]).toEqual([true, true]);
    expect(new Set(found.flat().map(({ step }) => step)).size).toBe(5);
  });

  it('deploy the other way of reading at least twice where a pipeline switches', () => {
    for (let seed = 0; seed < 100; seed++) {
      const deploys = drawn(seed, mixes[2]).faults.filter(({ kind }) => kind === 'deploy');
      expect(deploys.length, deploys.map(describeFault).join(';')).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('the injector', () => {
  const time = { start: 1_000, endsAt: 100_000 };

  it('strikes at the call with that number, before or after it, and at no other', () => {
    const injector = new Injector(parseScript('crash@s/c:before#2;lost@s/c:after#3;lost@s/d:after#1'), time);
    const seen = [1, 2, 3, 4].map(() => {
      const { before, after } = injector.strikesAt('s', 'c', 2_000);
      return [before.map(({ kind }) => kind), after.map(({ kind }) => kind)];
    });
    expect(seen).toEqual([
      [[], []],
      [['crash'], []],
      [[], ['lost']],
      [[], []],
    ]);
  });

  it('throttles so many calls in a row', () => {
    const injector = new Injector(parseScript('throttle:3@s/c:before#2'), time);
    expect([1, 2, 3, 4, 5].map(() => injector.strikesAt('s', 'c', 2_000).before.length)).toEqual([0, 1, 1, 1, 0]);
  });

  it('ends with the time of faults, but goes on counting', () => {
    const injector = new Injector(parseScript('crash@s/c:before#1;skew:5@t1000+500'), { start: 0, endsAt: 1_200 });
    expect(injector.strikesAt('s', 'c', 1_200).before).toEqual([]);
    expect([999, 1_000, 1_199, 1_200].map((now) => injector.spanAt('skew', now))).toEqual([undefined, 5, 5, undefined]);
  });
});

describe('an answer with a hole', () => {
  const records = [
    { SequenceNumber: '1', Data: 'a' },
    { SequenceNumber: '2', Data: 'b' },
  ];
  const page = { Records: records, NextShardIterator: 'next', MillisBehindLatest: 0 };

  it('lacks one member, by the number it is given, and nothing else; the answer itself stays whole', () => {
    const before = structuredClone(page);
    const found = Array.from({ length: 40 }, (_, size) => hollowed('GetRecords', page, size));
    expect(found).toContainEqual({ Records: records, MillisBehindLatest: 0 });
    expect(found).toContainEqual({ Records: records, NextShardIterator: 'next' });
    expect(found).toContainEqual({ ...page, Records: [records[0], { SequenceNumber: '2' }] });
    expect(page).toEqual(before);
  });

  it('is none where there is nothing that the API always gives', () => {
    expect(hollowed('GetItem', {}, 3)).toBeUndefined();
    expect(hollowed('PutItem', {}, 3)).toBeUndefined();
    expect(hollowed('GetItem', { Item: { pk: { S: 'p' } } }, 3)).toEqual({ Item: {} });
  });
});
