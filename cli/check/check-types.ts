/** Errors of types in a pipeline file and what it imports, told by the project's own compiler, with the project's own options. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { importedFiles } from '../imported-files.ts';

export type CheckedTypes =
  | { readonly kind: 'checked'; readonly problems: readonly string[] }
  | { readonly kind: 'not-checked'; readonly why: string };

const longestMs = 120_000;

export async function checkTypes(file: string): Promise<CheckedTypes> {
  if (!/\.[mc]?ts$/.test(file)) return { kind: 'not-checked', why: `${file} is no TypeScript` };
  if (!existsSync(file)) return { kind: 'not-checked', why: `there is no ${file}` };
  const compiler = compilerOf(file);
  if (compiler === undefined)
    return { kind: 'not-checked', why: 'there is no TypeScript in the project (npm install --save-dev typescript)' };
  const project = configurationAbove(path.dirname(path.resolve(file)));
  const files = await importedFiles(file);
  const ofProject = project === undefined ? undefined : compile(compiler, project);
  // A file that the project leaves out is looked at by itself.
  const compiled = ofProject?.files.has(files[0]!) === true ? ofProject : compileAlone(file, compiler);
  if (compiled.failure !== undefined)
    return { kind: 'not-checked', why: `the compiler has failed (${compiled.failure})` };
  const told = compiled.problems.filter((problem) => problem.file === undefined || files.includes(problem.file));
  return { kind: 'checked', problems: told.map(({ text }) => text) };
}

type Compiler = { readonly command: string; readonly cache: string };

function compilerOf(file: string): Compiler | undefined {
  try {
    const manifest = createRequire(path.resolve(file)).resolve('typescript/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin: { readonly tsc: string } };
    const folder = path.dirname(manifest);
    return { command: path.join(folder, bin.tsc), cache: path.join(path.dirname(folder), '.cache') };
  } catch {
    return undefined;
  }
}

function configurationAbove(folder: string): string | undefined {
  const found = path.join(folder, 'tsconfig.json');
  if (existsSync(found)) return found;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : configurationAbove(parent);
}

type Problem = { readonly file: string | undefined; readonly text: string };
type Compiled = {
  readonly files: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly failure?: string | undefined;
};

function compile({ command }: Compiler, configuration: string): Compiled {
  const args = [command, '-p', configuration, '--noEmit', '--pretty', 'false', '--listFiles'];
  const settings = { encoding: 'utf8', timeout: longestMs, maxBuffer: 64 * 1024 * 1024 } as const;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, settings);
  const problems = problemsIn(stdout);
  const failure = status !== 0 && problems.length === 0 ? (error?.message ?? stderr.trim()) : undefined;
  return { files: new Set(stdout.split('\n').map((line) => path.normalize(line))), problems, failure };
}

/** The options lie within `node_modules`, as other tools' do: from there the compiler finds the types that it finds from the project. */
function compileAlone(file: string, compiler: Compiler): Compiled {
  const configuration = path.join(compiler.cache, `sluice-check-${process.pid}.json`);
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2024', strict: true, skipLibCheck: true },
    ...{ allowImportingTsExtensions: true, noEmit: true },
  };
  try {
    mkdirSync(compiler.cache, { recursive: true });
    writeFileSync(configuration, JSON.stringify({ compilerOptions, files: [path.resolve(file)] }));
    return compile(compiler, configuration);
  } catch (error) {
    return { files: new Set(), problems: [], failure: (error as Error).message };
  } finally {
    rmSync(configuration, { force: true });
  }
}

/** `file(line,column): error TS1234: text`, and lines that go on with it; those of the project have no file. */
function problemsIn(output: string): readonly Problem[] {
  const problems: Problem[] = [];
  for (const line of output.split('\n')) {
    const [, file, at, column, code, message] = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line) ?? [];
    const last = problems.at(-1);
    if (code !== undefined) {
      const place = file === undefined ? '' : `${file}:${at}:${column}: `;
      problems.push({ file: file && path.resolve(file), text: `${place}${message} (${code})` });
    } else if (last !== undefined && /^\s+\S/.test(line))
      problems.splice(-1, 1, { ...last, text: `${last.text}\n${line}` });
  }
  return problems;
}
