/** `sluice dev --watch` in a project of its own: what a change of the code does to a run, and what is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const main = path.resolve('cli/main.ts');

const pipe = (key: string) => `
import { count, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';
import { label } from './label.ts';

export default pipeline('watched')
  .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ n: z.number() })))
  .map(() => ({ label }))
  .groupBy({ ${key}: (event) => event.label })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'out' }))
  .trigger({ every: '200 milliseconds' });
`;

const label = (text: string) => `export const label = '${text}';\n`;

type Watched = {
  write(name: string, text: string): void;
  /** All that was said since the last call, once it has this. */
  until(text: string | RegExp): Promise<string>;
  stop(): Promise<number | null>;
};

function watched(...flags: readonly string[]): Watched {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-dev-watch-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(path.resolve('.'), path.join(folder, 'node_modules/kinesis-sluice'));
  symlinkSync(path.resolve('node_modules/zod'), path.join(folder, 'node_modules/zod'));
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  write('package.json', '{ "type": "module" }');
  write('pipe.ts', pipe('name'));
  write('label.ts', label('first'));
  const args = ['--conditions=sluice-source', main, 'dev', 'pipe.ts', '--watch', ...flags];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  let said = '';
  let heard = Promise.withResolvers<void>();
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      heard.resolve();
    });
  return {
    write,
    async until(text) {
      for (;;) {
        const at = typeof text === 'string' ? said.indexOf(text) : said.search(text);
        if (at >= 0) {
          const before = said;
          said = '';
          return before;
        }
        if (child.exitCode !== null) throw new Error(`it has ended before it said ${text}:\n${said}`);
        await heard.promise;
        heard = Promise.withResolvers();
      }
    },
    async stop() {
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    },
  };
}

const numbersOf = (text: string): number[] => [...text.matchAll(/^batch (\d+)/gm)].map(([, batch]) => Number(batch));

test('the new code goes on with what was kept; what can not go on, or not run, waits for the next change', async () => {
  const run = watched('--generate', '{"n":1}', '--rate', '50');
  const before = await run.until('│ first');
  expect(numbersOf(before)[0]).toBe(0);

  run.write('label.ts', label('second'));
  const after = await run.until('│ second');
  expect(after).toContain('Changed: label.ts.');
  // Nothing began afresh: its batches are those that follow.
  const last = Math.max(...numbersOf(before), ...numbersOf(after.slice(0, after.indexOf('Changed'))));
  const next = numbersOf(after.slice(after.indexOf('Changed')));
  expect(next[0]).toBeGreaterThan(0);
  expect(Math.max(...next)).toBeGreaterThan(last);

  run.write('pipe.ts', `${pipe('name')}\nconst bad = (;\n`);
  expect(await run.until('Waiting for a change of pipe.ts')).toMatch(/pipe\.ts:\d+:14: Unexpected ";"/);

  run.write('pipe.ts', pipe('other'));
  const refused = await run.until('Waiting for a change of pipe.ts');
  expect(refused).toContain(
    'FingerprintChanged: the saved state is of another pipeline: groupBy: ["name"] is now ["other"]',
  );
  expect(refused).toContain('To go on with it, undo that change; to begin afresh, end this and begin again.');

  run.write('pipe.ts', pipe('name'));
  run.write('label.ts', label('third'));
  expect(numbersOf(await run.until('│ third')).some((batch) => batch > last)).toBe(true);
  expect(await run.stop()).toBe(0);
});

test('a run that has read all its events is over, and the next one begins afresh', async () => {
  const run = watched('--generate', '{"n":1}', '--rate', '1000', '--count', '20');
  const first = await run.until('Waiting for a change of pipe.ts');
  expect(first).toContain('read 20 = counted 20');
  run.write('label.ts', label('second'));
  const second = await run.until('Waiting for a change of pipe.ts');
  expect(second).toContain('│ second');
  expect(second).not.toContain('│ first');
  expect(second).toContain('read 20 = counted 20');
  expect(numbersOf(second)[0]).toBe(0);
  expect(await run.stop()).toBe(0);
});
