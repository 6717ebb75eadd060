/** The pipeline file of a construct: read as it is now, however often it was read before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readPipeline } from '../../infra/read-pipeline.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-read-'));
  writeFileSync(
    join(folder, 'pipeline.ts'),
    `
    import { json, kinesis, pipeline } from 'kinesis-sluice';
    import { name } from './name.ts';
    export default pipeline(process.env.SLUICE_TEST_STAGE + '-' + name)
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json({ fields: { id: 'number' } }))
      .writeStream(kinesis({ streamName: 'out' }));
    `,
  );
  vi.stubEnv('SLUICE_TEST_STAGE', 'beta');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const named = (name: string) => writeFileSync(join(folder, 'name.ts'), `export const name = '${name}';`);
const nameRead = () => readPipeline(join(folder, 'pipeline.ts'), false).pipeline.name;

test('a file that it imports was changed since', () => {
  named('orders');
  expect(nameRead()).toBe('beta-orders');
  named('returned-orders');
  expect(nameRead()).toBe('beta-returned-orders');
});

test('the environment that it asks has changed since', () => {
  named('orders');
  expect(nameRead()).toBe('beta-orders');
  vi.stubEnv('SLUICE_TEST_STAGE', 'prod');
  expect(nameRead()).toBe('prod-orders');
});

test('it is gone since', () => {
  named('orders');
  expect(nameRead()).toBe('beta-orders');
  rmSync(join(folder, 'pipeline.ts'));
  expect(nameRead).toThrow(`There is no pipeline file ${join(folder, 'pipeline.ts')}.`);
});
