/** Lines of more than a mebibyte, through the embedded servers: refused before anything is published, or taken. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-large-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const input = path.join(folder, 'events.ndjson');
writeFileSync(
  input,
  [10, 2_000_000, 20].map((size, at) => JSON.stringify({ id: at + 1, text: 'x'.repeat(size) })).join('\n'),
);
const results = path.join(folder, 'results.ndjson');

function dev(...args: string[]) {
  const pipeline = fileURLToPath(new URL('./pipelines/copy.ts', import.meta.url));
  const command = ['--conditions=sluice-source', path.join(root, 'cli/main.ts'), 'dev', pipeline, '--input', input];
  return spawnSync(process.execPath, [...command, '--json', ...args], { encoding: 'utf8' });
}

test('a line that the stream does not take is named before anything is published', () => {
  const { status, stdout, stderr } = dev();
  expect(stderr).toContain(
    `${input}, line 2: 2,000,024 bytes with its partition key; the stream takes records of 1,048,576`,
  );
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test('is published and sent on where both streams take it', () => {
  const { status, stdout, stderr } = dev('--max-record-bytes', '4194304', '--results', results);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
    published: 3,
    read: 3,
    emitted: 3,
    deadLettered: 0,
  });
  const sizes = readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text.length);
  expect(sizes.toSorted((one, other) => one - other)).toEqual([10, 20, 2_000_000]);
});
