/** Sliding windows by hand: which there are, what is late, what closes when, and what is refused at the door. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  checkPipeline,
  count,
  type Duration,
  json,
  kinesis,
  pipeline,
  runPipeline,
  type SlidingOptions,
  sliding,
} from '../../functions/index.ts';
import { slidingKind } from '../../functions/windows/sliding.ts';

const visit = z.object({ at: z.number(), page: z.string() });
const at = (time: number, page = '/') => ({ at: time, page });

const visits = (size: string, every: string, options?: SlidingOptions) =>
  pipeline('visits')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(visit))
    .withWatermark((each) => each.at, { delay: '0 seconds', maxFutureTime: '10000 days' })
    .groupBy({})
    .window(sliding(size as '1 second', every as '1 second', options))
    .aggregate({
      visits: count(),
      pages: aggregate({
        name: 'pages',
        version: 1,
        empty: (): string[] => [],
        add: (pages, each: z.infer<typeof visit>) => [...pages, each.page],
        merge: (one, other) => [...one, ...other],
        result: (pages) => pages.toSorted().join(' '),
      }),
    })
    .map(({ windowStart, windowEnd, visits: n, pages }) => ({
      window: [Date.parse(windowStart), Date.parse(windowEnd)],
      n,
      pages,
    }))
    .writeStream(kinesis({ streamName: 'out' }));

const ofThirty = (options?: SlidingOptions) => visits('30 milliseconds', '10 milliseconds', options);

//             0    10    20    30    40
//  [-20────────────10)     │     │     │
//       [-10──────────────20)    │     │
//             [0────────────────30)    │
//                   [10───────────────40)
describe('sliding windows of 30 ms, one each 10 ms', () => {
  it('give out each event in the three that cover it, and nothing where there is none', () => {
    const { results } = runPipeline(ofThirty(), { events: [at(5, 'a'), at(10, 'b'), at(100, 'c')] });
    expect(results.map(({ window, pages }) => [...window, pages])).toEqual([
      [-20, 10, 'a'],
      [-10, 20, 'a b'],
      [0, 30, 'a b'],
      [10, 40, 'b'],
      [80, 110, 'c'],
      [90, 120, 'c'],
      [100, 130, 'c'],
    ]);
  });

  it('close one after the other, each in the batch whose watermark reaches its end, and once', () => {
    const watermarks = [9, 10, 11, 29, 30, 30, 60];
    const batches = runPipeline(ofThirty(), {
      batches: [[at(5)], ...watermarks.map((watermark) => ({ watermark }))],
    });
    expect(batches.map(({ results }) => results.map(({ window }) => window[1]))).toEqual([
      [],
      [],
      [10],
      [],
      [20],
      [30],
      [],
      [],
    ]);
    expect(batches.map(({ open }) => open.length)).toEqual([3, 3, 2, 2, 1, 0, 0, 0]);
  });

  it('take an event as long as one of its windows is open, in those that are', () => {
    const [, second, third, last] = runPipeline(ofThirty(), {
      batches: [[at(25, 'x')], [at(5, 'a')], { watermark: 30 }, [at(9, 'late'), at(10, 'b')]],
      closeWindows: true,
    });
    expect([second!.late, second!.results]).toEqual([[], []]);
    expect(third!.results).toEqual([{ window: [0, 30], n: 2, pages: 'a x' }]);
    expect(last!.late).toEqual([at(9, 'late')]);
    const [, , , , closing] = runPipeline(ofThirty(), {
      batches: [[at(25, 'x')], [at(5, 'a')], { watermark: 30 }, [at(9, 'late'), at(10, 'b')]],
      closeWindows: true,
    });
    expect(closing!.results).toEqual([
      { window: [10, 40], n: 2, pages: 'b x' },
      { window: [20, 50], n: 1, pages: 'x' },
    ]);
  });

  it('begin at their offset', () => {
    const { results } = runPipeline(ofThirty({ offset: '3 milliseconds' }), { events: [at(2), at(3)] });
    expect(results.map(({ window, n }) => [...window, n])).toEqual([
      [-27, 3, 1],
      [-17, 13, 2],
      [-7, 23, 2],
      [3, 33, 1],
    ]);
  });
});

it('windows need not be a multiple of what lies between them', () => {
  const { results } = runPipeline(visits('25 milliseconds', '10 milliseconds'), { events: [at(4), at(5), at(14)] });
  expect(results.map(({ window, n }) => [...window, n])).toEqual([
    [-20, 5, 1],
    [-10, 15, 3],
    [0, 25, 3],
    [10, 35, 1],
  ]);
});

it('windows as long as what lies between them are tumbling ones', () => {
  const { results } = runPipeline(visits('10 milliseconds', '10 milliseconds'), { events: [at(0), at(9), at(10)] });
  expect(results.map(({ window, n }) => [...window, n])).toEqual([
    [0, 10, 2],
    [10, 20, 1],
  ]);
});

it('an event of which a window has no date is a dead letter, and stops nothing', () => {
  const first = -8_640_000_000_000_000;
  const { deadLetters, results } = runPipeline(ofThirty(), { events: [at(first + 5), at(first + 25)] });
  expect(deadLetters.map(({ event, reason }) => [event.at, reason])).toEqual([[first + 5, 'invalid-event-time']]);
  expect(results.map(({ window }) => window[0]! - first)).toEqual([0, 10, 20]);
});

describe('refused are', () => {
  const problemsOf = (size: string, every: string, options?: SlidingOptions) => {
    const checked = checkPipeline(visits(size, every, options));
    return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
  };

  it.each<[size: string, every: string, offset: Duration, message: string]>([
    [
      '1 hour',
      '2 hours',
      '0 seconds',
      "window.every: '2 hours' is not allowed; use a duration no longer than the window, which is '1 hour'",
    ],
    [
      '1 hour',
      '1 minute',
      '1 minute',
      "window.offset: '1 minute' is not allowed; use a duration shorter than every, which is '1 minute'",
    ],
    [
      '1 day',
      '59 seconds',
      '0 seconds',
      "window.every: '59 seconds' is not allowed; use a duration that has a common divisor of at least '1 minute' with the window, which is '1 day': panes are as long as that, and a window has 1,440 at most",
    ],
    [
      '1 day',
      'often',
      '0 seconds',
      "window.every: 'often' is not allowed; use a duration of at least 1 millisecond in whole numbers, such as '10 seconds' or '1 hour'",
    ],
  ])('windows of %s each %s from %s', (size, every, offset, message) => {
    expect(problemsOf(size, every, { offset })).toEqual([message]);
  });

  it.each([
    ['1 day', '1 minute'],
    ['1 day', '7 minutes'],
    ['90 seconds', '60 seconds'],
  ])('but not those of %s each %s', (size, every) => {
    expect(problemsOf(size, every)).toEqual([]);
  });
});

it('size, distance and offset are part of the fingerprint', () => {
  expect(slidingKind.fingerprint({ sizeMs: 3, everyMs: 2, offsetMs: 1 })).toEqual(['sliding', 3, 2, 1]);
});
