/** The examples as a user runs them: in a process, through embedded services, on the events that the guide generates. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sluice } from '../support/sluice-command.ts';
import { billsOf, usage } from './bills.ts';
import { alertsOf, payments } from './card-alerts.ts';
import { type Identity, latestOf } from './latest.ts';
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

/** What the results come to: of each, the latest version, without its identity. */
function rowsIn(file: string): { readonly rows: readonly string[]; readonly versions: number } {
  const versions = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { _sluice, ...row } = JSON.parse(line) as { _sluice: Identity };
      return { id: _sluice, row };
    });
  return { rows: latestOf(versions).map((row) => JSON.stringify(row)), versions: versions.length };
}

const windows = 'docs/guides/windows.md';
const lateData = 'docs/guides/late-data.md';

describe.each([
  {
    ...{ file: 'examples/clickstream-sessions.ts', guide: windows, key: 'user' },
    ...{ given: clicks(1_000), expected: visitsOf(clicks(1_000)) },
  },
  {
    ...{ file: 'examples/card-totals.ts', guide: windows, key: 'card' },
    ...{ given: payments(1_000), expected: alertsOf(payments(1_000)) },
  },
  {
    ...{ file: 'examples/usage-billing.ts', guide: lateData, key: 'account' },
    ...{ given: usage(1_000), expected: billsOf(usage(1_000)) },
  },
])('$file', ({ file, guide, key, given, expected }) => {
  test('gives out of a file what a direct computation does', async () => {
    const [input, results] = ['input', 'results'].map((name) => path.join(directory, `${key}-${name}.ndjson`));
    writeFileSync(input!, given.map((event) => JSON.stringify(event)).join('\n'));
    const flags = ['--input', input!, '--results', results!, '--partition-key', key];
    const ran = await sluice(['dev', file, ...flags]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(rowsIn(results!).rows.toSorted()).toEqual(expected.map((row) => JSON.stringify(row)).toSorted());
  });

  test('takes the events that the guide generates, none of them late', async () => {
    const results = path.join(directory, `${key}-generated.ndjson`);
    const ran = await sluice([...commandOf(file, guide), '--json', '--results', results]);
    expect(ran.code, ran.stderr).toBe(0);
    const summary = JSON.parse(ran.stdout.trim().split('\n').at(-1)!);
    expect(summary).toMatchObject({ published: 300, read: 300, counted: 300, late: 0, deadLettered: 0 });
    expect(summary.emitted).toBeGreaterThan(10);
    const { rows, versions } = rowsIn(results);
    if (guide === lateData) {
      expect(versions, 'with corrections').toBeGreaterThan(rows.length);
      const reports = rows.map((row) => (JSON.parse(row) as { reports: number }).reports);
      expect(reports.reduce((sum, each) => sum + each, 0)).toBe(300);
    } else expect(versions).toBe(rows.length);
  });
});
