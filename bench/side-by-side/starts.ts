/** Starts of a function: a process each, which loads a bundle as Lambda does and calls its handler once. Node's own start is left out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OutputFile } from 'esbuild';
import type { Answer } from './scenario.ts';

export type Start = {
  /** Milliseconds of processor, for loading and for the first call. */
  readonly imported: number;
  readonly first: number;
  /** The most that the process had. */
  readonly peakMb: number;
  readonly answer: unknown;
};

type Started = {
  /** Of a handler: an ES module, or a script that ends with `.cjs`. */
  readonly file: string;
  readonly event: unknown;
  readonly env: NodeJS.ProcessEnv;
};

const starting = `
import { createRequire } from 'node:module';
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const [file, event] = process.argv.slice(1);
const before = used();
const { handler } = file.endsWith('.cjs') ? createRequire(file)(file) : await import(file);
const imported = used();
let answer;
try { answer = await handler(JSON.parse(event), {}); } catch (error) { answer = error.name + ': ' + error.message; }
const called = used();
process.stdout.write = ((write) => (text) => text[0] === '\\0' ? write.call(process.stdout, text.slice(1)) : true)(process.stdout.write);
process.stdout.write('\\0' + JSON.stringify({ imported: imported - before, first: called - imported, peakMb: process.resourceUsage().maxRSS / 1024, answer }));
process.exit(0);
`;

export function startOf({ file, event, env }: Started): Start {
  const given = ['--input-type=module', '-e', starting, file, JSON.stringify(event)];
  return JSON.parse(execFileSync(process.execPath, given, { env, encoding: 'utf8' })) as Start;
}

type Bundle = Omit<Started, 'file'> & {
  readonly files: readonly OutputFile[];
  readonly folder: string;
  readonly entry: string;
};

/** Of files that esbuild has made for `folder`, as many starts; they are on the disk meanwhile. A unit is a start. */
export function startsOf({ files, folder, entry, event, env }: Bundle, starts: number): Answer {
  const written = mkdtempSync(path.join(tmpdir(), 'sluice-starts-'));
  try {
    for (const file of files) {
      const place = path.join(written, path.relative(folder, file.path));
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, file.contents);
    }
    const all = Array.from({ length: starts }, () => startOf({ file: path.join(written, entry), event, env }));
    const amount = all.reduce((sum, { imported, first }) => sum + imported + first, 0) * 1_000;
    const peakMb = Math.max(...all.map((start) => start.peakMb));
    return { units: starts, amount, peakMb, digest: JSON.stringify(all[0]?.answer) };
  } finally {
    rmSync(written, { recursive: true, force: true });
  }
}
