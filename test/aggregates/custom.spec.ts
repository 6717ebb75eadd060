/** CUSTOM-1 to CUSTOM-4: aggregates of the user's own, as they are checked, and what becomes of what they throw. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { customKind } from '../../functions/aggregates/custom.ts';
import { failedAggregate } from '../../functions/aggregates/failed-aggregate.ts';
import {
  type AggregateOptions,
  aggregate,
  checkPipeline,
  console as consoleSink,
  count,
  json,
  kinesis,
  pipeline,
  runPipeline,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';

type Event = { readonly at: number; readonly n: number };
type Sum = AggregateOptions<Event, number, unknown, unknown>;
const summing: Sum = {
  name: 'total',
  version: 1,
  empty: () => 0,
  add: (total, { n }) => total + n,
  merge: (one, other) => one + other,
  result: (total) => total,
};
const boom = (): never => {
  throw new Error('boom');
};

const definitionOf = (given: object) =>
  pipeline('custom')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), n: z.number() })))
    .withWatermark((event) => event.at, { delay: '0 seconds' })
    .groupBy({})
    .window(tumbling('10 milliseconds'))
    .aggregate({ n: count(), own: aggregate(given as Sum) })
    .writeStream(consoleSink());
const events = [1, 2, 13, 4].map((n, at) => ({ at, n }));
const run = (change: Partial<Sum> | Record<string, unknown>, options: { readonly eventsPerBatch?: number } = {}) =>
  runPipeline(definitionOf({ ...summing, ...change }), { events, ...options });

function problemsOf(given: object): string[] {
  const checked = checkPipeline(definitionOf(given));
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
}

describe('an aggregate of the user’s own', () => {
  it.each([1, 3, 100])('gives its result beside the others, in batches of %i events', (eventsPerBatch) => {
    expect(run({}, { eventsPerBatch }).results).toMatchObject([{ n: 4, own: 20 }]);
  });

  it('is given the event and what Kinesis knows of it', () => {
    const add: Sum['add'] = (total, { n }, { sequenceNumber }) => total + n * Number(sequenceNumber);
    expect(run({ add }).results).toMatchObject([{ own: 0 * 1 + 1 * 2 + 2 * 13 + 3 * 4 }]);
  });

  it('may change the accumulators that it is given', () => {
    const list = {
      name: 'list',
      version: 1,
      empty: () => [] as number[],
      add: (all: number[], { n }: Event) => {
        all.push(n);
        return all;
      },
      merge: (one: number[], other: number[]) => {
        one.push(...other);
        return one;
      },
      result: (all: number[]) => all.sort((one, other) => one - other),
    };
    for (const eventsPerBatch of [1, 100])
      expect(runPipeline(definitionOf(list), { events, eventsPerBatch }).results).toMatchObject([
        { own: [1, 2, 4, 13] },
      ]);
  });

  it('is named in the fingerprint, with its version', () => {
    const of = (change: object) => requirePipeline(definitionOf({ ...summing, ...change })).fingerprint;
    expect(of({})).toBe(
      '{"v":1,"keys":[],"window":["tumbling",10,0],"aggregates":[["n","count"],["own","custom","total",1]]}',
    );
    expect(of({ add: () => 1 })).toBe(of({}));
    expect(of({ version: 2 })).not.toBe(of({}));
    expect(of({ name: 'sum' })).not.toBe(of({}));
  });
});

describe('what is wrong with one is told', () => {
  it.each<[object, string]>([
    [{ name: 'a b' }, "aggregate.own.name: 'a b' is not allowed; use a name of 1 to 64 letters, digits, _ . or -"],
    [{ name: undefined }, 'aggregate.own.name: nothing is given; use a name of 1 to 64 letters, digits, _ . or -'],
    [{ version: 0 }, 'aggregate.own.version: 0 is not allowed; use a whole number of at least 1'],
    [
      { add: async () => 1 },
      'aggregate.own.add: an async function is not allowed; use a function that returns its result at once (not async)',
    ],
    [
      { merge: undefined },
      'aggregate.own.merge: nothing is given; use a function that returns its result at once (not async)',
    ],
    [{ save: (total: number) => total }, 'aggregate.own.restore: nothing is given; use the other way of save'],
    [{ restore: (total: number) => total }, 'aggregate.own.save: nothing is given; use the other way of restore'],
    [{ reslt: 1 }, 'aggregate.own.reslt: there is no such option; did you mean result?'],
  ])('%o', (change, message) => {
    expect(problemsOf({ ...summing, ...change })).toEqual([message]);
  });

  it('all at once', () => {
    expect(problemsOf({})).toHaveLength(6);
  });
});

describe('what one throws of an event', () => {
  it.each<[string, Partial<Sum>]>([
    ['add', { add: (total, { n }) => (n === 13 ? boom() : total + n) }],
    ['save', { save: (total) => (total === 13 ? boom() : total), restore: (total) => total as number }],
    ['restore', { save: (total) => total, restore: (total) => (total === 13 ? boom() : (total as number)) }],
    ['merge', { merge: (one, other) => (other === 13 && one === 0 ? boom() : one + other) }],
    ['result', { result: (total) => (total === 13 ? boom() : total) }],
  ])('(%s) is a dead letter, and nothing of the event counts (CUSTOM-1)', (_, change) => {
    const { deadLetters, results } = run(change);
    expect(deadLetters).toEqual([{ event: events[2], reason: 'callback-failed', message: 'aggregate own: boom' }]);
    expect(results).toMatchObject([{ n: 3, own: 7 }]);
  });

  it.each([
    ['a map', new Map([[1, 2]]), 'Map has no form in JSON; make an object or a list of it'],
    ['infinity', { least: Number.POSITIVE_INFINITY }, 'Infinity has no form in JSON; give save and restore'],
    ['no date', { last: new Date(Number.NaN) }, 'Invalid Date has no form in JSON; give save and restore'],
    ['nothing', undefined, "undefined can't be written; return an object, or filter it out"],
  ])('an accumulator that JSON would change, %s, is a dead letter', (_, saved, problem) => {
    const save: Sum['save'] = (total) => (total === 13 ? saved : total);
    const { deadLetters } = run({ save, restore: (total) => total as number });
    expect(deadLetters).toMatchObject([
      { event: events[2], reason: 'invalid-aggregate-value', message: `aggregate own: ${problem}` },
    ]);
  });

  it.each(['add', 'merge', 'save', 'result'])('a promise of %s is a wrong pipeline', (name) => {
    const change = { [name]: () => Promise.resolve(1), ...(name === 'save' ? { restore: () => 1 } : {}) };
    expect(() => run(change)).toThrow(
      expect.objectContaining({
        name: 'InvalidPipeline',
        message: expect.stringContaining(`${name} of aggregate total`),
      }),
    );
  });
});

describe('accumulators that fail together', () => {
  const fails: Partial<Sum> = { merge: (one, other) => (one > 0 && other > 0 ? boom() : one + other) };

  it.each([1, 2, 100])('are the dead letter of their row, in batches of %i events (CUSTOM-3)', (eventsPerBatch) => {
    const { results, deadLetters } = run(fails, { eventsPerBatch });
    expect(results).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'callback-failed', message: 'aggregate own: merge: boom' }]);
    expect(deadLetters[0]!.event).toMatchObject({ row: { n: 4 }, accumulators: { n: 4 } });
    expect(deadLetters[0]!.event).not.toHaveProperty('row.own');
  });

  it('leave other windows alone', () => {
    const { results, deadLetters } = runPipeline(definitionOf({ ...summing, ...fails }), {
      events: [...events, { at: 15, n: 5 }],
    });
    expect(results).toMatchObject([{ n: 1, own: 5 }]);
    expect(deadLetters).toHaveLength(1);
  });

  it('fail for the same reason in whatever order they met', () => {
    const { fn } = customKind.read('own', { options: { ...summing, merge: boom } }, [])!;
    const failures = ['one', 'other'].map((message) => failedAggregate('callback-failed', message));
    for (const order of [failures, failures.toReversed()]) {
      const merged = order.reduce((into: unknown, failure) => fn.merge(into, failure), fn.empty());
      expect(fn.save(merged)).toEqual({ failed: { reason: 'callback-failed', message: 'one' } });
    }
  });

  it('that can’t be saved have failed as well', () => {
    const save: Sum['save'] = (total) => (total > 13 ? boom() : total);
    const { deadLetters } = run({ save, restore: (total) => total as number });
    expect(deadLetters).toMatchObject([{ reason: 'callback-failed', message: 'aggregate own: save: boom' }]);
  });

  it('and a result that fails of what was merged is the dead letter of its row', () => {
    const { deadLetters } = run({ result: (total) => (total > 13 ? boom() : total) });
    expect(deadLetters).toMatchObject([{ reason: 'callback-failed', message: 'aggregate own: boom' }]);
    expect(deadLetters[0]!.event).toMatchObject({ row: { n: 4 }, accumulators: { n: 4, own: [[20]] } });
  });
});

describe('a result that JSON would change (CUSTOM-4)', () => {
  const nothing = "can't be written; return null where there is no result";
  const noText = 'has no form in JSON; return null, or text';

  it.each<[string, unknown, string]>([
    ['nothing', undefined, `undefined ${nothing}`],
    ['a symbol', Symbol('own'), `symbol ${nothing}`],
    ['a function', () => 1, `function ${nothing}`],
    ['no number', Number.NaN, `NaN ${noText}`],
    ['a number without end, inside', { of: [1, Number.NEGATIVE_INFINITY] }, `-Infinity ${noText}`],
    ['no date', new Date(Number.NaN), `Invalid Date ${noText}`],
    ['no date, inside', [{ last: new Date(Number.NaN) }], `Invalid Date ${noText}`],
    ['a set', new Set([1]), 'Set has no form in JSON; make an object or a list of it'],
  ])('(%s) is the dead letter of its row, with its accumulators', (_, result, problem) => {
    const { results, deadLetters } = run({ result: (total) => (total > 13 ? result : total) });
    expect(results).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'invalid-result', message: `aggregate own: ${problem}` }]);
    expect(deadLetters[0]!.event).toMatchObject({ row: { n: 4 }, accumulators: { n: 4, own: [[20]] } });
  });

  it.each<[string, unknown, unknown]>([
    ['null', null, null],
    ['nulls inside', { best: [null, 1] }, { best: [null, 1] }],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['what writes itself', { toJSON: () => null }, null],
    ['false', false, false],
  ])('is none of these: %s is a column of its row', (_, result, written) => {
    const { results, deadLetters } = run({ result: () => result });
    expect(deadLetters).toEqual([]);
    expect(JSON.parse(JSON.stringify(results))).toMatchObject([{ n: 4, own: written }]);
  });

  it('does not matter of one event alone: there may be no spread of so little', () => {
    const spread = {
      ...{ name: 'spread', version: 1 },
      empty: () => [] as number[],
      add: (all: number[], { n }: Event) => [...all, n],
      merge: (one: number[], other: number[]) => [...one, ...other],
      result: (all: number[]) => (Math.max(...all) - Math.min(...all)) / (all.length > 1 ? 1 : 0),
    };
    const of = (given: readonly Event[]) => runPipeline(definitionOf(spread), { events: given });
    expect(of(events)).toMatchObject({ results: [{ n: 4, own: 12 }], deadLetters: [] });
    expect(of(events.slice(0, 1))).toMatchObject({
      results: [],
      deadLetters: [{ reason: 'invalid-result', message: `aggregate own: NaN ${noText}` }],
    });
  });
});
