/** `--results` of sinks that have no service on this machine: what is sent, a line each. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { localShown } from '../../../local/session/sinks/shown.ts';

it('has the records of this run as they would be sent, and shows them all the same', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-results-'));
  try {
    const file = path.join(folder, 'results.ndjson');
    writeFileSync(file, 'of another run\n');
    const shown: string[] = [];
    const sink = localShown.open!(undefined as never, (rows) => shown.push(...rows.map(String)), file);
    const records = ['{"a":1,"_sluice":{}}', Buffer.from('{\n"b":2}'), Buffer.from([0xff])].map((data) => ({
      ...{ partitionKey: 'k', explicitHashKey: undefined },
      data,
    }));
    expect(await sink.send(records.slice(0, 2), 0)).toBeUndefined();
    expect(await sink.send(records.slice(2), 0)).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('{"a":1,"_sluice":{}}\n{"b":2}\n{"base64":"/w=="}\n');
    expect(await localShown.writeResults!(undefined as never, undefined as never, file)).toBe(3);
    expect(shown).toHaveLength(3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
