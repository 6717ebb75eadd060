/** The product and the harness with one thing broken, bundled: nothing of the source is touched, and a start is quick. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Failure } from '../command/explain.ts';
import type { Edit, PlantedFault } from './planted-faults.ts';
import type { Replay } from './replay.ts';

export const root = path.resolve(import.meta.dirname, '../../..');
/** What is broken may never end. */
const limitMs = 900_000;
const simulation = path.join(root, 'test/simulation');

/** Runs `npm run simulate` with these flags on it, and gives what it says of the runs that failed. */
export function simulateBroken(fault: PlantedFault, flags: readonly string[]): Promise<readonly Failure[]> {
  const entries = ['command/simulate', 'command/seed-worker'];
  return runBroken(fault, { entries, args: [...flags, '--json'] });
}

/** Shows again what one seed and script have shown of it: in a quarter less time than by the command, and it is done by the hundred. */
export function replayBroken(
  fault: PlantedFault,
  { seed, faults }: { readonly seed: number; readonly faults: string },
): Promise<readonly Pick<Failure, 'seed' | 'invariant' | 'detail'>[]> {
  const { profile = 'usual', throughSdk = false } = fault;
  const replay: Replay = { seed, faults, profile, throughSdk };
  return runBroken(fault, { entries: ['planted/replay'], args: [JSON.stringify(replay)] });
}

async function runBroken<Failed>(
  fault: PlantedFault,
  { entries, args }: { readonly entries: readonly string[]; readonly args: readonly string[] },
): Promise<readonly Failed[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-planted-'));
  try {
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    await build({
      absWorkingDir: root,
      entryPoints: entries.map((entry) => path.join(simulation, `${entry}.ts`)),
      entryNames: '[name]',
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      plugins: [broken(fault)],
      logLevel: 'silent',
    });
    const output = await run([path.join(folder, `${path.basename(entries[0]!)}.mjs`), ...args]);
    return (JSON.parse(output) as { readonly failures: readonly Failed[] }).failures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An edit whose file is not part of what runs would break nothing, and be told as not found. */
function broken({ name, edits }: PlantedFault): Plugin {
  return {
    name,
    setup({ onLoad }) {
      // No other file: to be asked of each of a thousand takes time.
      const names = new Set(edits.map(({ file }) => path.basename(file).replaceAll('.', '\\.')));
      onLoad({ filter: new RegExp(`[\\\\/](?:${[...names].join('|')})$`) }, async ({ path: file }) => {
        const own = edits.filter((edit) => path.join(root, edit.file) === file);
        if (own.length === 0) return undefined;
        const text = await readFile(file, 'utf8');
        return { contents: own.reduce((edited, edit) => applyEdit(edited, edit, name), text), loader: 'ts' };
      });
    },
  };
}

/** Exactly one place fits, or the fault is no longer the one it was. */
export function applyEdit(text: string, { from, to }: Edit, name: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`planted fault ${name}: ${parts.length - 1} places fit, not one: ${from}`);
  return parts.join(to);
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (_, signal) => {
      if (output.startsWith('{')) resolve(output);
      else reject(new Error(signal === null ? errors || output : `not done in ${limitMs / 60_000} minutes`));
    });
  });
}
