/** Lines of a file as events. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { LocalProblem } from '../../../local/local-problem.ts';
import { readInputFile } from '../../../local/publish/input-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function payloadsIn(name: string, contents: string | Uint8Array): Promise<(readonly [string, string])[]> {
  const file = path.join(folder, name);
  writeFileSync(file, contents);
  const chunks = await Array.fromAsync(readInputFile({ path: file, partitionKey: 'key' }));
  return chunks.flat().map(({ data, partitionKey }) => [Buffer.from(data).toString('hex'), partitionKey]);
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex');

it('are payloads as they are, whatever the format, without their ends and without blank ones', async () => {
  expect(await payloadsIn('events.csv', 'a,"b"\r\n\n c\n')).toEqual([
    [hexOf('a,"b"'), 'line-1'],
    [hexOf(' c'), 'line-3'],
  ]);
});

it('of a .b64 file are what they are the base64 of, with the key that is in it', async () => {
  const lines = `AwD/\n${Buffer.from('{"key":"k"}').toString('base64')}\r\n`;
  const events = [
    ['0300ff', 'line-1'],
    [hexOf('{"key":"k"}'), 'k'],
  ];
  expect(await payloadsIn('events.b64', lines)).toEqual(events);
  expect(await payloadsIn('events.b64.gz', gzipSync(lines))).toEqual(events);
});

it.each(['AwD', 'A===', 'AwD_', '{"n":1}'])(
  'of a .b64 file that are none are told by their place: %s',
  async (line) => {
    const refused = payloadsIn('wrong.b64', `AwD/\n${line}\n`);
    await expect(refused).rejects.toThrow(LocalProblem);
    await expect(refused).rejects.toThrow(/wrong\.b64, line 2: no base64/);
  },
);
