/**
 * Ctrl-C in a terminal, while a callback of the pipeline runs without end and the process hears nothing. Side by side, each
 * in a group of processes of its own: five seconds of each are waiting.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const pipeline = fileURLToPath(new URL('./pipelines/endless.ts', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
const input = path.join(directory, 'numbers.ndjson');
writeFileSync(input, '{"n":1}\n');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** In a group of its own, as a shell starts it; `onText` may press Ctrl-C, which goes to all of the group. */
async function devAsInTerminal(endless: string, onText: (seen: string, pressCtrlC: () => void) => void) {
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, 'dev', pipeline, '--input', input], {
    env: { ...process.env, ENDLESS: endless },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let seen = '';
  child.stderr.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    onText(seen, () => process.kill(-child.pid!, 'SIGINT'));
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, seen };
}

test.concurrent.each([
  ['event', 'process-shards'],
  ['row', 'reduce-key-group'],
])('the step of an endless callback of an %s is named, and Ctrl-C ends the run', async (what, step) => {
  let isPressed = false;
  const ended = await devAsInTerminal(what, (seen, pressCtrlC) => {
    if (isPressed || !seen.includes('Ctrl-C ends the run')) return;
    isPressed = true;
    pressCtrlC();
  });
  expect(ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(ended.seen).toContain(`No callback has returned for 5 s in ${step}. Ctrl-C ends the run.`);
  expect(ended.seen).toContain(`Ended in ${step}: a callback did not return.`);
});

test.concurrent('a run that hears is left alone by the one that would end it', async () => {
  let isPressed = false;
  const ended = await devAsInTerminal('nothing', (seen, pressCtrlC) => {
    if (isPressed || !seen.includes('While it runs')) return;
    isPressed = true;
    pressCtrlC();
  });
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.seen).toContain('Finishing the running batch');
  expect(ended.seen).not.toContain('did not return');
});
