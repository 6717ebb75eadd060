import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Compression } from '../../../functions/pipeline/compression.ts';
import { checkEvents } from '../../../local/publish/check-events.ts';
import { parseEventTemplate } from '../../../local/publish/event-template.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const mebibyte = 1_048_576;

function check(
  lines: readonly string[],
  given: { readonly partitionKey?: string; readonly maxRecordBytes?: number; readonly compression?: Compression } = {},
  name = 'events.ndjson',
) {
  const file = path.join(folder, name);
  const text = lines.join('\n');
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  const { partitionKey, maxRecordBytes = mebibyte, compression = 'none' } = given;
  return checkEvents({ kind: 'file', path: file, partitionKey, isFinite: true }, { compression, maxRecordBytes });
}

const refused = (message: string | RegExp) => ({
  kind: 'usage',
  message: typeof message === 'string' ? message : expect.stringMatching(message),
});
const long = `{"text":"${'x'.repeat(2 * mebibyte)}"}`;

describe('a line that the stream does not take', () => {
  it.each(['events.ndjson', 'events.ndjson.gz'])(
    'is named with its number, its size and the limit (%s)',
    async (name) => {
      await expect(check(['{"a":1}', '', long, '{"a":2}'], {}, name)).rejects.toMatchObject(
        refused(
          `--input ${path.join(folder, name)}, line 3: 2,097,169 bytes with its partition key; the stream takes records of 1,048,576`,
        ),
      );
    },
  );

  it('is none where the stream takes more', async () => {
    await check([long], { maxRecordBytes: 3 * mebibyte });
  });

  it('counts as it is sent: compressed', async () => {
    await check([long], { compression: 'gzip' });
  });

  it('is one of many: the first five are named, the others counted', async () => {
    const message = await check(Array(8).fill(long)).catch((error: Error) => error.message);
    expect(String(message).split('\n')).toHaveLength(6);
    expect(message).toMatch(/line 5: [^\n]*\nand 3 more lines that are too large$/);
  });

  it('of more than any stream takes is named, too', async () => {
    const endless = 'x'.repeat(17 * mebibyte);
    await expect(check(['{}', endless])).rejects.toMatchObject(refused(/line 2: more than 16 MiB/));
  });
});

describe('a partition key', () => {
  it('that no event has is refused, with the fields that there are', async () => {
    await expect(check(['{"id":1,"origin":"ORD"}', '{"id":2}'], { partitionKey: 'orign' })).rejects.toMatchObject(
      refused('--partition-key orign: no event has a text, a number or a boolean there; the first has id, origin'),
    );
  });

  it.each([
    ['is in one event at least', ['no json', '{"id":{}}', '{"id":7}']],
    ['is asked for in a file without events', ['', '']],
  ])('that %s is taken', async (_, lines) => {
    await check(lines, { partitionKey: 'id' });
  });

  it('whose values are no keys is none', async () => {
    await expect(check(['{"id":{}}', '{"id":null}'], { partitionKey: 'id' })).rejects.toMatchObject(
      refused(/no event has a text, a number or a boolean there; the first has id$/),
    );
  });

  it('is looked for in what a template makes', async () => {
    const template = parseEventTemplate('{"id": {{random.number(100)}}, "country": "ES"}');
    const source = { kind: 'template', template, eventsPerSecond: 1, count: 1, isFinite: true } as const;
    const limits = { compression: 'none', maxRecordBytes: mebibyte } as const;
    await checkEvents({ ...source, partitionKey: 'country' }, limits);
    await expect(checkEvents({ ...source, partitionKey: 'city' }, limits)).rejects.toMatchObject(
      refused('--partition-key city: no event has a text, a number or a boolean there; the first has id, country'),
    );
  });
});
