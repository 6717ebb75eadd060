/** METRIC-1 to METRIC-3, EMF-1, EMF-2: what a batch gives out as metrics, whatever its report. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isGivenOut, type MetricName, metricKinds, metricNames, metricSets } from '../../functions/pipeline/metrics.ts';
import type { BatchReport } from '../../functions/pipeline/reporter.ts';
import { heartbeat, metricReporter } from '../../functions/reporters/metrics.ts';
import { type EmfMetric, readEmf } from '../support/emf.ts';
import { batchReport, reporterContract } from './reporter-contract.ts';

for (const set of metricSets) reporterContract(`of metrics: ${set}`, metricReporter({ set, write: () => {} }));

function linesOf(report: BatchReport, set: (typeof metricSets)[number] = 'all'): string[] {
  const lines: string[] = [];
  metricReporter({ set, write: (line) => lines.push(line) })(report);
  return lines;
}
const metricsOf = (...given: Parameters<typeof linesOf>): readonly EmfMetric[] =>
  linesOf(...given).flatMap((line) => readEmf(line).metrics);
const of = (metrics: readonly EmfMetric[], name: MetricName, by?: string): number[] =>
  metrics
    .filter((one) => one.name === name && (by === undefined) === (Object.keys(one.dimensions).length === 1))
    .filter(({ dimensions }) => by === undefined || Object.hasOwn(dimensions, by))
    .map(({ value }) => value);
const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

const everything = (check: (report: BatchReport) => void) => fc.assert(fc.property(batchReport, check));

describe('what is given out', () => {
  it('is what the specification of the format asks for', () => {
    everything((report) => {
      for (const set of metricSets) for (const line of linesOf(report, set)) expect(readEmf(line).problems).toEqual([]);
    });
  });

  it('is in the list of metrics, with its unit, its dimensions and its set', () => {
    everything((report) => {
      for (const set of metricSets) {
        for (const { namespace, name, unit, dimensions, at } of metricsOf(report, set)) {
          const { pipeline, ...by } = dimensions;
          expect({ namespace, unit, at, pipeline }).toEqual({
            namespace: 'Sluice',
            unit: metricKinds[name as MetricName].unit,
            at: report.committedAt,
            pipeline: report.pipeline,
          });
          expect(isGivenOut(name as MetricName, set, Object.keys(by)[0] as 'step' | undefined)).toBe(true);
        }
      }
    });
  });

  it('is each metric once for each value of its dimension', () => {
    everything((report) => {
      const names = metricsOf(report).map(({ name, dimensions }) => `${name} ${JSON.stringify(dimensions)}`);
      expect(new Set(names).size).toBe(names.length);
    });
  });

  it('adds up: reasons to all dead letters and refused rows, steps to the batch (METRIC-2)', () => {
    everything((given) => {
      const letters = sum(given.deadLetters.map(({ count }) => count));
      const report = { ...given, counters: { ...given.counters, deadLettered: letters } };
      const metrics = metricsOf(report);
      expect(of(metrics, 'DeadLetters')).toEqual([sum(of(metrics, 'DeadLetters', 'reason'))]);
      expect(of(metrics, 'RefusedRows')).toEqual([sum(of(metrics, 'RefusedRows', 'reason'))]);
      expect(sum(of(metrics, 'BatchDuration'))).toBe(sum(of(metrics, 'StepDuration', 'step')));
    });
  });

  it('is what the report says, event by event', () => {
    everything((report) => {
      const { counters, records, bytes, throttles, failedTasks } = report;
      const metrics = metricsOf(report);
      const told = Object.fromEntries(
        [
          ...(['EventsRead', 'EventsCounted', 'EventsFiltered', 'EventsLate', 'EventsEmitted', 'DeadLetters'] as const),
          ...(['Records', 'Bytes', 'Throttles', 'FailedTasks'] as const),
        ].map((name) => [name, of(metrics, name)[0]]),
      );
      expect(told).toEqual({
        ...{ EventsRead: counters.read, EventsCounted: counters.counted, EventsFiltered: counters.filtered },
        ...{ EventsLate: counters.late, EventsEmitted: counters.emitted, DeadLetters: counters.deadLettered },
        ...{ Records: records, Bytes: bytes, Throttles: throttles, FailedTasks: failedTasks },
      });
    });
  });
});

const [some] = fc.sample(batchReport, { numRuns: 1, seed: 1 });
const report: BatchReport = {
  ...some!,
  kind: 'read',
  committedAt: 100_000,
  millisBehindLatest: 21_600_000,
  retentionMs: 86_400_000,
  watermark: 40_000,
  executors: { count: 4, workMs: 1_300, longestMs: 1_000 },
  nearestLimit: { limit: 'payload', size: 131_072, most: 262_144 },
  results: 17,
  steps: [
    { step: 'plan', at: 99_000, ms: 400 },
    { step: 'commit', at: 99_400, ms: 600 },
  ],
};

test('shares are in percent, times in milliseconds', () => {
  const metrics = metricsOf(report);
  const names = ['RetentionUsed', 'LimitUsed', 'ExecutorUse', 'WatermarkLag', 'BatchDuration', 'Rows'] as const;
  expect(Object.fromEntries(names.map((name) => [name, of(metrics, name)]))).toEqual({
    ...{ RetentionUsed: [25], LimitUsed: [50], ExecutorUse: [32.5] },
    ...{ WatermarkLag: [60_000], BatchDuration: [1_000], Rows: [17] },
  });
});

test.each<[string, Partial<BatchReport>, MetricName]>([
  ['no event time yet', { watermark: null }, 'WatermarkLag'],
  ['the end of time', { watermark: 8_640_000_000_000_000 }, 'WatermarkLag'],
  ['a batch that read nothing', { kind: 'close-windows' }, 'MillisBehindLatest'],
  ['a batch that read nothing', { kind: 'close-windows' }, 'RetentionUsed'],
  ['executors that did nothing', { executors: { count: 1, workMs: 0, longestMs: 0 } }, 'ExecutorUse'],
])('%s: %o has no %s (METRIC-3)', (_, changed, name) => {
  expect(of(metricsOf({ ...report, ...changed }), name)).toEqual([]);
});

test('any number of reasons keeps each document small (EMF-1, EMF-2)', () => {
  const deadLetters = Array.from({ length: 500 }, (_, at) => ({ reason: `reason-${at}`, count: 1 }));
  const lines = linesOf({ ...report, deadLetters });
  expect(lines.flatMap((line) => readEmf(line).problems)).toEqual([]);
  expect(
    of(
      lines.flatMap((line) => readEmf(line).metrics),
      'DeadLetters',
      'reason',
    ),
  ).toHaveLength(500);
});

test('by default a batch is one line of what alarms need; with all of it at most a few kilobytes', () => {
  const quiet = { ...report, deadLetters: [], refusedRows: [] };
  const essential = linesOf(quiet, 'essential');
  expect(essential).toHaveLength(1);
  expect(Buffer.byteLength(essential.join('\n'))).toBeLessThan(900);
  expect(Buffer.byteLength(linesOf(quiet).join('\n'))).toBeLessThan(3_000);
  expect(linesOf(quiet, 'none')).toEqual([]);
});

test('a heartbeat is the one metric of a plan that finds nothing to do', () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  expect(heartbeat({ set: 'none', write })).toBeUndefined();
  heartbeat({ set: 'essential', write })!('departures', 5);
  const [{ problems, metrics }] = lines.map(readEmf) as [ReturnType<typeof readEmf>];
  expect(problems).toEqual([]);
  expect(metrics).toEqual([
    {
      ...{ namespace: 'Sluice', name: 'Heartbeats', unit: 'Count', value: 1, at: 5 },
      dimensions: { pipeline: 'departures' },
    },
  ]);
});

test('every metric is given out by some batch', () => {
  const full = fc
    .sample(batchReport, { numRuns: 200, seed: 2 })
    .flatMap((one) => metricsOf({ ...one, kind: 'read' }).map(({ name }) => name));
  expect(new Set(full)).toEqual(new Set(metricNames));
});

describe('the check of documents finds', () => {
  const line = linesOf(report)[0]!;
  it.each<[string, (text: string) => string, RegExp]>([
    ['a unit that there is not', (text) => text.replace('"Unit":"Count"', '"Unit":"count"'), /unit/],
    ['a value that is no number', (text) => text.replace(/"Records":\d+/, '"Records":"9"'), /Records/],
    ['a dimension without a value', (text) => text.replace(/"pipeline":"p",/, ''), /dimension pipeline/],
    ['a second line', (text) => `${text}\n`, /more than one line/],
    ['a time in seconds and parts', (text) => text.replace(/"Timestamp":\d+/, '"Timestamp":1.5'), /Timestamp/],
  ])('%s', (_, change, problem) => {
    expect(readEmf(change(line)).problems.join()).toMatch(problem);
    expect(readEmf(line).problems).toEqual([]);
  });
});
