/** Types by the compiler of a project: its options, and errors of the file and what it imports alone. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkTypes } from '../../cli/check/check-types.ts';

const sloppy = 'export const length = (text) => text.length;\n';
const files = {
  'pipe.ts': "import { length } from './parts/length.ts';\nexport default length(1);\nconst wrong: number = 'a';\n",
  'parts/length.ts': sloppy,
  'other.ts': "const wrong: number = 'not of the pipeline';\n",
};

/** With the compiler of this repository, in a `node_modules` that is its own. */
function project(more: Readonly<Record<string, string>> = {}, hasCompiler = true): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'node_modules'));
  if (hasCompiler) symlinkSync(path.resolve('node_modules/typescript'), path.join(folder, 'node_modules/typescript'));
  for (const [name, text] of Object.entries({ ...files, ...more })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

const told = async (folder: string) => {
  const checked = await checkTypes(path.join(folder, 'pipe.ts'));
  const problems = checked.kind === 'checked' ? checked.problems : [checked.why];
  return problems.map((problem) => problem.replace(/^.*?(?=pipe\.ts|parts\/)/, ''));
};

const mismatch = "pipe.ts:3:7: Type 'string' is not assignable to type 'number'. (TS2322)";

test("with the project's options, of the file and what it imports, not of other files", async () => {
  const compilerOptions = {
    module: 'nodenext',
    strict: false,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  };
  const folder = project({ 'tsconfig.json': JSON.stringify({ compilerOptions, include: ['**/*.ts'] }) });
  expect(await told(folder)).toEqual([mismatch]);
});

test('without a tsconfig.json strictly, and nothing is left behind', async () => {
  const folder = project();
  // The compiler is a link, so what is written for it lies beside where it leads.
  const cache = path.resolve('node_modules/.cache');
  const before = readdirSync(cache).filter((name) => name.startsWith('sluice-check'));
  expect(await told(folder)).toEqual([
    "parts/length.ts:1:24: Parameter 'text' implicitly has an 'any' type. (TS7006)",
    mismatch,
  ]);
  expect(readdirSync(cache).filter((name) => name.startsWith('sluice-check'))).toEqual(before);
});

test('one that the project leaves out is looked at by itself', async () => {
  const compilerOptions = {
    module: 'nodenext',
    strict: false,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  };
  const folder = project({ 'tsconfig.json': JSON.stringify({ compilerOptions, include: ['other.ts'] }) });
  expect(await told(folder)).toContain(mismatch);
});

test('where there is no compiler, or nothing to compile, it says why', async () => {
  expect(await told(project({}, false))).toEqual([
    'there is no TypeScript in the project (npm install --save-dev typescript)',
  ]);
  expect(await checkTypes('a.mjs')).toEqual({ kind: 'not-checked', why: 'a.mjs is no TypeScript' });
});
