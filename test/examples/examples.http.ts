/** The examples as a user runs them: in a process, through embedded services, on the events that the guide generates. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sluice } from '../support/sluice-command.ts';
import { busiestOf, flights } from './busiest.ts';
import { alertsOf, payments, paymentsAndReversals } from './card-alerts.ts';
import { latestOf, type Version } from './latest.ts';
import { clicks, visitsOf } from './visits.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sluice-examples-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The command of its guide, as a shell takes it apart. */
function commandOf(file: string, guide: string): string[] {
  const text = readFileSync(guide, 'utf8');
  const command = new RegExp(`npx sluice (dev ${file} [^\`]*?)\n\`\`\``).exec(text)![1]!.replace(/\\\n/g, ' ');
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
}

/** Every record that a run has written, its identity apart. */
const versionsIn = (file: string): readonly Version<Readonly<Record<string, unknown>>>[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { _sluice: id, ...row } = JSON.parse(line);
      return { id, row };
    });

const windows = 'docs/guides/windows.md';
const lateData = 'docs/guides/late-data.md';

const examples = [
  {
    ...{ file: 'examples/clickstream-sessions.ts', guide: windows, key: 'user' },
    ...{ given: clicks(1_000), expected: visitsOf(clicks(1_000)) },
  },
  {
    ...{ file: 'examples/card-totals.ts', guide: windows, key: 'card' },
    ...{ given: payments(1_000), expected: alertsOf(payments(1_000)) },
  },
  {
    ...{ file: 'examples/fraud.ts', guide: lateData, key: 'card' },
    ...{ given: paymentsAndReversals(1_000), expected: alertsOf(paymentsAndReversals(1_000), 10) },
  },
];

describe.each(examples)('$file', ({ file, key, given, expected }) => {
  test('gives out of a file what a direct computation does', async () => {
    const [input, results] = ['input', 'results'].map((name) =>
      path.join(directory, `${path.basename(file)}-${name}.ndjson`),
    );
    writeFileSync(input!, given.map((event) => JSON.stringify(event)).join('\n'));
    const flags = ['--input', input!, '--results', results!, '--partition-key', key];
    const ran = await sluice(['dev', file, ...flags]);
    expect(ran.code, ran.stderr).toBe(0);
    const rows = latestOf(versionsIn(results!)).map((row) => JSON.stringify(row));
    expect(rows.toSorted()).toEqual(expected.map((row) => JSON.stringify(row)).toSorted());
  });
});

test('examples/departures-per-day.ts counts once what examples/departures.ts has sent twice, or long ago', async () => {
  const names = ['flights', 'hours', 'hours-again', 'days'];
  const [input, hours, again, results] = names.map((name) => path.join(directory, `${name}.ndjson`));
  writeFileSync(
    input!,
    flights
      .slice(0, 3_000)
      .map((flight) => JSON.stringify(flight))
      .join('\n'),
  );
  const first = await sluice(['dev', 'examples/departures.ts', '--input', input!, '--results', hours!]);
  expect(first.code, first.stderr).toBe(0);
  const sent = readFileSync(hours!, 'utf8').trim().split('\n');
  // Each third again at once, and each fifth again when nobody would expect it.
  const twice = sent.flatMap((line, at) => (at % 3 === 0 ? [line, line] : [line]));
  writeFileSync(again!, [...twice, ...sent.filter((_, at) => at % 5 === 0)].join('\n'));
  const flags = ['--input', again!, '--partition-key', 'origin', '--shards', '2', '--json', '--results', results!];
  const second = await sluice(['dev', 'examples/departures-per-day.ts', ...flags]);
  expect(second.code, second.stderr).toBe(0);
  const days = new Map<string, number>();
  for (const { row } of versionsIn(hours!)) {
    const day = `${row.origin} ${String(row.windowStart).slice(0, 10)}`;
    days.set(day, (days.get(day) ?? 0) + Number(row.departures));
  }
  const told = versionsIn(results!).map(({ row }) => [
    `${row.origin} ${String(row.windowStart).slice(0, 10)}`,
    row.departures,
  ]);
  expect(told.toSorted()).toEqual([...days].toSorted());
  const batches = second.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly repeated?: number });
  const repeated = batches.reduce((sum, batch) => sum + (batch.repeated ?? 0), 0);
  expect(repeated).toBe(Math.ceil(sent.length / 3) + Math.ceil(sent.length / 5));
});

test('examples/busiest-airports.ts gives of the shipped flights ten airports an hour, as a direct computation does', async () => {
  const results = path.join(directory, 'busiest.ndjson');
  const ran = await sluice([...commandOf('examples/busiest-airports.ts', windows), '--results', results]);
  expect(ran.code, ran.stderr).toBe(0);
  const rows = versionsIn(results).map(({ row }) => row);
  expect(rows).toEqual(busiestOf(flights));
});

test('examples/live-dashboard.ts keeps of each airport and minute one item, which says what a direct computation does', async () => {
  const [input, results] = ['departures', 'dashboard'].map((name) => path.join(directory, `${name}.ndjson`));
  const given = departures(600);
  writeFileSync(input!, given.map((event) => JSON.stringify(event)).join('\n'));
  const ran = await sluice(['dev', 'examples/live-dashboard.ts', '--input', input!, '--results', results!]);
  expect(ran.code, ran.stderr).toBe(0);
  const items = versionsIn(results!).map(({ row: { pk, sk, ...row }, id }) => {
    expect([pk, sk]).toEqual([
      row.origin,
      `${row.windowStart}#${row.windowEnd}#0#live-dashboard/main#["${row.origin}"]`,
    ]);
    expect(id.retracted).toBe(false);
    return JSON.stringify(row);
  });
  expect(items).toEqual([...new Set(items)].toSorted());
  expect(items.map((text) => sortedFields(JSON.parse(text)))).toEqual(dashboardOf(given).map(sortedFields));
});

test('examples/hourly-files.ts has the hours of a direct computation in Parquet files, each once, by names and by lists', async () => {
  const input = path.join(directory, 'hours.ndjson');
  // A quarter of an hour, stretched to fifteen.
  const given = departures(600).map(({ at, ...rest }) => ({
    at: new Date((Date.parse(at) - noonMs) * 60 + noonMs).toISOString(),
    ...rest,
  }));
  writeFileSync(input, given.map((event) => JSON.stringify(event)).join('\n'));
  const ran = await sluice(['dev', path.resolve('examples/hourly-files.ts'), '--input', input], { cwd: directory });
  expect(ran.code, ran.stderr).toBe(0);
  const bucket = path.join(directory, 's3', 'departures');
  const all = readdirSync(bucket, { recursive: true, encoding: 'utf8' });
  const files = all.filter((name) => name.endsWith('.parquet'));
  const lists = all.filter((name) => name.endsWith('.json'));
  const listed = lists.flatMap((name) => JSON.parse(readFileSync(path.join(bucket, name), 'utf8')).files);
  expect(listed.map(({ key }) => key).toSorted()).toEqual(files.toSorted());
  const rows: Record<string, unknown>[] = [];
  for (const name of files) {
    const read = await parquetReadObjects({ file: new Uint8Array(readFileSync(path.join(bucket, name))).buffer });
    const [, day, hour] = /^hourly\/dt=(.*)\/hour=(\d\d)\/[^/]+$/.exec(name)!;
    for (const row of read) expect((row.windowStart as Date).toISOString()).toBe(`${day}T${hour}:00:00.000Z`);
    rows.push(...read);
  }
  expect(listed.reduce((sum, { rows: of }) => sum + of, 0)).toBe(rows.length);
  const hours = rows.map(({ origin, windowStart, flights, longestDelay }) => ({
    ...{ origin, windowStart: (windowStart as Date).toISOString(), flights: Number(flights), longestDelay },
  }));
  expect(hours.map((row) => JSON.stringify(row)).toSorted()).toEqual(
    dashboardOf(given, 3_600_000)
      .map(({ windowEnd: _, ...row }) => JSON.stringify(row))
      .toSorted(),
  );
});

/** A table keeps no order of fields. */
const sortedFields = (row: object): unknown => Object.fromEntries(Object.entries(row).toSorted());

const noonMs = Date.UTC(2026, 2, 1, 12);
type Departure = { readonly at: string; readonly origin: string; readonly delay: number };

/** A quarter of an hour, of which some come out of order. */
const departures = (many: number): readonly Departure[] =>
  Array.from({ length: many }, (_, number) => ({
    at: new Date(noonMs + number * 1_500 - (number % 7) * 1_000).toISOString(),
    origin: ['JFK', 'LAX', 'ORD'][number % 3]!,
    delay: (number * 37) % 100,
  }));

/** In the order of the table's keys. */
function dashboardOf(given: readonly Departure[], sizeMs = 60_000) {
  const byKey = new Map<string, Departure[]>();
  for (const departure of given) {
    const start = Math.floor(Date.parse(departure.at) / sizeMs) * sizeMs;
    const key = `${departure.origin} ${start}`;
    byKey.set(key, [...(byKey.get(key) ?? []), departure]);
  }
  return [...byKey]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, all]) => {
      const [origin, start] = key.split(' ');
      const [windowStart, windowEnd] = [Number(start), Number(start) + sizeMs].map((time) =>
        new Date(time).toISOString(),
      );
      const longestDelay = Math.max(...all.map(({ delay }) => delay));
      return { origin, windowStart, windowEnd, flights: all.length, longestDelay };
    });
}

describe.each([...examples, { file: 'examples/usage-billing.ts', guide: lateData }])('$file', ({ file, guide }) => {
  test('takes the events that the guide generates, none of them late', async () => {
    const results = path.join(directory, `${path.basename(file)}-generated.ndjson`);
    const ran = await sluice([...commandOf(file, guide), '--json', '--results', results]);
    expect(ran.code, ran.stderr).toBe(0);
    const summary = JSON.parse(ran.stdout.trim().split('\n').at(-1)!);
    expect(summary).toMatchObject({ published: 300, read: 300, counted: 300, late: 0, deadLettered: 0 });
    expect(summary.emitted).toBeGreaterThan(10);
    const versions = versionsIn(results);
    const rows = latestOf(versions);
    if (guide === windows) expect(versions).toHaveLength(rows.length);
    else expect(versions.length, 'with corrections').toBeGreaterThan(rows.length);
    if (file === 'examples/usage-billing.ts') {
      expect(rows.reduce((sum, { reports }) => sum + (reports as number), 0)).toBe(300);
    }
    if (file === 'examples/fraud.ts') {
      expect(versions.some(({ id }) => id.retracted)).toBe(true);
      expect(rows.filter(({ total }) => !((total as number) > 1_000))).toEqual([]);
    }
  });
});
