/** What `sluice check` says that a pipeline will do. */
import { count, json, kinesis, perMicroBatch, pipeline, session, sliding } from 'kinesis-sluice';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { guaranteeText } from '../../cli/check/guarantee-text.ts';
import { planOf } from '../../cli/check/pipeline-plan.ts';
import { windowText } from '../../cli/check/window-text.ts';
import departures from '../../examples/departures.ts';
import hourlyFiles from '../../examples/hourly-files.ts';
import liveDashboard from '../../examples/live-dashboard.ts';
import ordersOnce from '../../examples/orders-once.ts';
import republish from '../../examples/republish.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { runCommand } from '../support/run-command.ts';

const plan = (definition: unknown): Record<string, string> =>
  Object.fromEntries(planOf(requirePipeline(definition)).map(({ about, text }) => [about, text]));

test('the plan of a pipeline has source, watermark, windows, key groups, lateness and outputs, in this order', () => {
  expect(planOf(requirePipeline(departures)).map(({ about }) => about)).toEqual([
    ...['source', 'loss', 'events', 'watermark', 'keys', 'windows', 'aggregates', 'results', 'late', 'output main'],
    ...['runs', 'scale'],
  ]);
  expect(plan(departures)).toMatchObject({
    source: 'stream flights; polled; begins with the oldest record (TRIM_HORIZON)',
    events: expect.stringMatching(
      /^json; only these fields are parsed: [a-z, ]+; what cannot be read becomes a dead letter$/,
    ),
    watermark: expect.stringMatching(/^30 minutes behind the latest event of the slowest shard; /),
    keys: 'origin; 1 key group',
    windows: 'of 1 hour, one after the other',
    late: 'what comes after its window has closed is left out, and reported',
    'output main':
      'results to kinesis departures; at least once: a repeat has the same identity in _sluice, by which a reader drops it',
    runs: 'a batch begins every 10 seconds; without an end',
    scale: 'up to 40 executors; shards dealt by their load; 1 reducer',
  });
});

test('of files it says how many there are a day, of corrections for how long, of duplicates for how long', () => {
  expect(plan(hourlyFiles)).toMatchObject({
    files: 'Output main makes up to 24 files a day: one in each of 24 batches that may have rows for it.',
    'output main': expect.stringContaining('exactly once'),
  });
  expect(plan(liveDashboard)).toMatchObject({
    results: 'in each batch that changes them',
    late: 'for 1 hour after its end a window is corrected; what comes later is left out, and reported',
  });
  expect(plan(ordersOnce).keys).toBe(
    'the first event of each id passes; others near it are kept out: for 1 day; 4 key groups',
  );
});

test('of one without groupBy it says what a try that dies may leave', () => {
  expect(plan(republish)).toMatchObject({
    steps: 'filter',
    keys: 'none: events pass one by one, and nothing is kept',
    'output main': expect.stringContaining('a try that dies may have sent some of its events'),
  });
});

const grouped = (window: (chain: ReturnType<typeof keyed>) => unknown) => requirePipeline(window(keyed()));
const keyed = () =>
  pipeline('a')
    .readStream(kinesis({ streamName: 'in', startingPosition: 'LATEST' }))
    .decode(json(z.object({ at: z.string(), id: z.string() })))
    .withWatermark((event) => event.at, { delay: '1 minute' })
    .groupBy({ id: (event) => event.id });

const windowOf = ({ aggregation }: Pipeline): string => windowText(aggregation!.window);

test('windows are said in words', () => {
  const sink = kinesis({ streamName: 'out' });
  const events = { events: count() };
  expect(
    [
      grouped((chain) => chain.window(sliding('1 hour', '5 minutes')).aggregate(events).writeStream(sink)),
      grouped((chain) => chain.window(session('30 minutes')).aggregate(events).writeStream(sink)),
      grouped((chain) => chain.window(perMicroBatch()).aggregate(events).writeStream(sink)),
    ].map(windowOf),
  ).toEqual([
    'of 1 hour, one begins every 5 minutes',
    'sessions: one ends 30 minutes after its last event',
    'one for each batch',
  ]);
});

test('without an identity in the record a repeat is said to be none that anybody can tell', () => {
  const [output] = requirePipeline(
    keyed()
      .window(perMicroBatch())
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'out', identity: 'none' })),
  ).outputs;
  expect(guaranteeText(output!)).toBe('at least once, without identities: nobody can tell a repeat');
});

test('the command prints the plan, and with --json one object', async () => {
  const { code, stdout, stderr } = await runCommand('check', 'examples/departures.ts', '--no-types');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'Types were not checked: --no-types.\nNo mistakes in examples/departures.ts.\n',
  });
  expect(stdout).toMatch(/^pipeline {5}departures\nsource {7}stream flights; /);
  const told = JSON.parse((await runCommand('check', 'examples/departures.ts', '--no-types', '--json')).stdout);
  expect(told).toMatchObject({ pipeline: 'departures', problems: [], typesNotChecked: '--no-types' });
  expect(told.plan).toHaveLength(12);
  expect(JSON.parse(told.fingerprint)).toMatchObject({ keys: ['origin'] });
});

test('what is wrong is told with exit code 2', async () => {
  expect(await runCommand('check', 'nowhere.ts', '--no-types')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nowhere.ts: there is no such file'),
  });
  const { code, stdout } = await runCommand('check', 'cli/flags.ts', '--no-types', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    pipeline: null,
    plan: [],
    problems: [expect.stringContaining('the result of pipeline(…)…writeStream(…)')],
  });
});
