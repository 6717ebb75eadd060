/** The examples as a user runs them: in a process, through embedded services, on the events that the guide generates. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sluice } from '../support/sluice-command.ts';
import { alertsOf, payments } from './card-alerts.ts';
import { clicks, visitsOf } from './visits.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sluice-examples-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The command of the guide, as a shell takes it apart. */
function commandOf(file: string): string[] {
  const guide = readFileSync('docs/guides/windows.md', 'utf8');
  const command = new RegExp(`npx sluice (dev ${file} [^\`]*?)\n\`\`\``).exec(guide)![1]!.replace(/\\\n/g, ' ');
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
}

/** Rows without their identities. */
const rowsIn = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { _sluice, ...row } = JSON.parse(line);
      return JSON.stringify(row);
    });

describe.each([
  { file: 'examples/clickstream-sessions.ts', key: 'user', given: clicks(1_000), expected: visitsOf(clicks(1_000)) },
  { file: 'examples/card-totals.ts', key: 'card', given: payments(1_000), expected: alertsOf(payments(1_000)) },
])('$file', ({ file, key, given, expected }) => {
  test('gives out of a file what a direct computation does', async () => {
    const [input, results] = ['input', 'results'].map((name) => path.join(directory, `${key}-${name}.ndjson`));
    writeFileSync(input!, given.map((event) => JSON.stringify(event)).join('\n'));
    const flags = ['--input', input!, '--results', results!, '--partition-key', key];
    const ran = await sluice(['dev', file, ...flags]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(rowsIn(results!).toSorted()).toEqual(expected.map((row) => JSON.stringify(row)).toSorted());
  });

  test('takes the events that the guide generates, none of them late', async () => {
    const ran = await sluice([...commandOf(file), '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    const summary = JSON.parse(ran.stdout.trim().split('\n').at(-1)!);
    expect(summary).toMatchObject({ published: 300, read: 300, counted: 300, late: 0, deadLettered: 0 });
    expect(summary.emitted).toBeGreaterThan(10);
  });
});
