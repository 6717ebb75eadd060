/** Arroyo's query with every aggregate it has, over all cars: what is expected are the last totals of each kind of event. */
import { expect } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  avg,
  count,
  countDistinct,
  json,
  kinesis,
  max,
  min,
  percentile,
  pipeline,
  stddev,
  sum,
  tumbling,
  variance,
} from '../../functions/index.ts';
import { inAllWays } from './arroyo-runs.ts';
import { readLines } from './shared.ts';
import type { Variant } from './suite.ts';

const car = z.object({ timestamp: z.string(), driver_id: z.number(), event_type: z.string() });
type Car = z.infer<typeof car>;
const driver = ({ driver_id }: Car): number => driver_id;

const bits = (name: string, empty: number, combine: (one: number, other: number) => number) =>
  aggregate({
    name,
    version: 1,
    empty: () => empty,
    add: (all: number, { driver_id }: Car) => combine(all, driver_id),
    merge: combine,
    result: (all) => all,
  });

/** Seconds from here, so that the sums of squares stay whole. */
const origin = Date.parse('2023-09-18T00:00:00Z') / 1000;

/** Of the driver over the time in seconds. */
const regression = aggregate({
  name: 'regression',
  version: 1,
  empty: () => ({ n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 }),
  add({ n, ...sums }, { timestamp, driver_id: y }: Car) {
    const x = Date.parse(timestamp) / 1000 - origin;
    return {
      ...{ n: n + 1, x: sums.x + x, y: sums.y + y },
      ...{ xx: sums.xx + x * x, yy: sums.yy + y * y, xy: sums.xy + x * y },
    };
  },
  merge: (one, other) => ({
    ...{ n: one.n + other.n, x: one.x + other.x, y: one.y + other.y },
    ...{ xx: one.xx + other.xx, yy: one.yy + other.yy, xy: one.xy + other.xy },
  }),
  result({ n, x, y, xx, yy, xy }) {
    const [sxx, syy, sxy] = [xx - (x * x) / n, yy - (y * y) / n, xy - (x * y) / n];
    const [avgx, avgy, slope] = [x / n + origin, y / n, sxy / sxx];
    return {
      ...{ corr_driver_ts: sxy / Math.sqrt(sxx * syy) },
      ...{ covar_pop_driver_ts: sxy / n, covar_samp_driver_ts: sxy / (n - 1) },
      ...{ regr_slope: slope, regr_avgx: avgx, regr_avgy: avgy, regr_count: n, regr_intercept: avgy - slope * avgx },
      ...{ regr_r2: (sxy * sxy) / (sxx * syy), regr_sxx: sxx, regr_syy: syy, regr_sxy: sxy },
    };
  },
});

const totals = pipeline('cars')
  .readStream(kinesis({ streamName: 'cars' }))
  .decode(json(car))
  .withWatermark(({ timestamp }) => timestamp, { delay: '0 seconds' })
  .groupBy({ event_type: ({ event_type }) => event_type })
  .window(tumbling('36500 days'))
  .aggregate({
    avg_driver: avg(driver),
    bit_and_driver: bits('bit_and', -1, (one, other) => one & other),
    bit_or_driver: bits('bit_or', 0, (one, other) => one | other),
    bit_xor_driver: bits('bit_xor', 0, (one, other) => one ^ other),
    cnt: count(),
    max_driver: max(driver),
    median_driver: percentile(driver, 0.5, { error: 0.001 }),
    min_driver: min(driver),
    sum_driver: sum(driver),
    stddev_driver: stddev(driver),
    stddev_pop_driver: stddev(driver, { of: 'population' }),
    var_driver: variance(driver),
    var_pop_driver: variance(driver, { of: 'population' }),
    approx_distinct_driver: countDistinct(driver),
    regression,
  })
  .map(({ windowStart: _, windowEnd: __, regression: all, median_driver, ...row }) => ({
    ...row,
    ...all,
    // Between 149.85 and 150.15.
    ...{ median_driver: Math.round(median_driver), approx_median_driver: Math.round(median_driver) },
    approx_percentile_cont_driver: Math.round(median_driver),
  }))
  .writeStream(kinesis({ streamName: 'sink' }))
  .outputMode('update');

type Totals = Readonly<Record<string, number>> & { readonly event_type: string };
const notThere = ['bool_and_driver', 'bool_or_driver', 'approx_percentile_cont_weighted_driver'];

/** Those that a reader has in the end: the last of each kind of event. */
const lastOf = (rows: readonly Totals[]): ReadonlyMap<string, Totals> =>
  new Map(rows.map((row) => [row.event_type, row]));

export const givesEveryAggregate = (variant: Variant): void => {
  const changes = readLines<{ readonly after: Totals }>('arroyo/every_aggregate.json');
  const expected = lastOf(changes.map(({ after }) => after));
  expect(expected.size).toBe(2);
  inAllWays('arroyo/cars.json.gz', totals, variant, (batches) => {
    const found = lastOf(batches.flatMap(({ results }) => results as unknown as readonly Totals[]));
    expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
    for (const [type, { event_type: _, ...row }] of expected)
      for (const [name, value] of Object.entries(row))
        if (!notThere.includes(name)) expectClose(found.get(type)![name]!, value, `${name} of ${type}`);
  });
};

/** Arroyo's are rounded to four places; of sums of squares it has lost the last digits. */
function expectClose(found: number, expected: number, told: string): void {
  const allowed = Number.isInteger(expected) ? 0.00005 : Math.max(0.000_051, Math.abs(expected) * 1e-10);
  expect(Math.abs(found - expected), `${told}: ${found}, not ${expected}`).toBeLessThanOrEqual(allowed);
}
