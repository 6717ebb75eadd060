/** A pipeline file that is loaded here as Node loads it; where it can't be, what to look at, and where. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export type LoadedModule =
  | { readonly kind: 'loaded'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly problems: readonly string[] };

export async function loadModule(file: string, { isVerbose }: { readonly isVerbose: boolean }): Promise<LoadedModule> {
  if (!existsSync(file)) return { kind: 'failed', problems: [`${file}: there is no such file`] };
  try {
    const module = (await import(pathToFileURL(path.resolve(file)).href)) as { readonly default?: unknown };
    return { kind: 'loaded', value: module.default };
  } catch (error) {
    return { kind: 'failed', problems: await reasonsOf(file, error, isVerbose) };
  }
}

async function reasonsOf(file: string, error: unknown, isVerbose: boolean): Promise<readonly string[]> {
  if (!(error instanceof Error)) return [`${file} can't be loaded: it threw ${String(error)}`];
  if (error instanceof SyntaxError) {
    const places = await syntaxErrorsIn(file);
    if (places.length > 0) return places;
    const commonJs = commonJsProjectOf(file);
    if (commonJs !== undefined) return [commonJsHint(file, commonJs)];
  }
  if (isVerbose) return [`${file} can't be loaded: ${error.stack ?? error.message}`];
  const place = placeIn(error);
  const at = place === undefined ? '' : `, thrown at ${place} (--verbose shows the stack)`;
  return [`${file} can't be loaded: ${error.message}${at}`];
}

/** Node names neither the column nor, in TypeScript, always the file: esbuild reads the same files and names both. */
async function syntaxErrorsIn(file: string): Promise<string[]> {
  const options = { bundle: true, write: false, platform: 'node', packages: 'external' } as const;
  const errors = await build({ ...options, entryPoints: [file], logLevel: 'silent' }).then(
    () => [],
    (failed: { readonly errors?: readonly SyntaxProblem[] }) => failed.errors ?? [],
  );
  return errors.flatMap(({ text, location }) =>
    location === null ? [] : [`${location.file}:${location.line}:${location.column + 1}: ${text}`],
  );
}

type SyntaxProblem = {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
};

/** The package.json that makes a .js or .ts file CommonJS; undefined if the file is none. */
function commonJsProjectOf(file: string): string | undefined {
  if (!/\.[jt]s$/.test(file)) return undefined;
  for (let folder = path.dirname(path.resolve(file)); ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'package.json');
    if (existsSync(found)) return typeIn(found) === 'module' ? undefined : found;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function typeIn(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { readonly type?: unknown }).type;
  } catch {
    return undefined;
  }
}

function commonJsHint(file: string, packageFile: string): string {
  const renamed = file.replace(/\.([jt])s$/, '.m$1s');
  return (
    `${file} is an ES module, and its project is CommonJS: set "type": "module" in ` +
    `${shown(packageFile)}, or name the file ${renamed}`
  );
}

/** As somebody in this folder would name it. */
function shown(file: string): string {
  const relative = path.relative('.', file);
  return relative.startsWith('..') ? file : relative;
}

/** The first place in the stack that is neither Node's nor a package's. */
function placeIn({ stack = '' }: Error): string | undefined {
  for (const [, url] of stack.matchAll(/\(?((?:file:\/\/|\/)[^\s()]+:\d+(?::\d+)?)\)?$/gm)) {
    if (url === undefined || url.includes('/node_modules/')) continue;
    const [, file = '', place = ''] = /^(.*?)((?::\d+)+)$/.exec(url) ?? [];
    const own = file.startsWith('file:') ? fileURLToPath(file) : file;
    return `${shown(own)}${place}`;
  }
  return undefined;
}
