/** A pipeline file that can't be loaded: what `sluice dev` says about it, before anything is started. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function dev(files: Readonly<Record<string, string>>, file: string, ...args: string[]) {
  const project = mkdtempSync(path.join(folder, 'project-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    writeFileSync(path.join(project, name), text);
  }
  const { status, stderr } = spawnSync(process.execPath, ['--conditions=sluice-source', main, 'dev', file, ...args], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  return { status, said: stderr.trim() };
}

const commonJs = { 'package.json': '{ "type": "commonjs" }' };

it('in a CommonJS project: which "type" to set where, or how to name the file', () => {
  const { status, said } = dev({ ...commonJs, 'pipe.ts': "import 'node:fs';\nexport default 1;\n" }, 'pipe.ts');
  expect(said).toBe(
    'pipe.ts is an ES module, and its project is CommonJS: set "type": "module" in package.json, or name the file pipe.mts',
  );
  expect(status).toBe(2);
});

it.each(['pipe.mts', 'pipe.mjs'])('with a syntax error in a file that %s imports: file, line and column', (file) => {
  const files = { [file]: "import './parts/bad.mjs';\n", 'parts/bad.mjs': 'const good = 1;\nconst bad = (;\n' };
  const { status, said } = dev(files, file);
  expect(said).toBe('parts/bad.mjs:2:14: Unexpected ";"');
  expect(status).toBe(2);
});

const throwing = {
  'pipe.mts': "function read(): never {\n  throw new Error('no table');\n}\nexport default read();\n",
};

it('that throws while it is imported: what, and where', () => {
  const { status, said } = dev(throwing, 'pipe.mts');
  expect(said).toBe("pipe.mts can't be loaded: no table, thrown at pipe.mts:2:9 (--verbose shows the stack)");
  expect(status).toBe(2);
});

it('and with --verbose the stack', () => {
  const { said } = dev(throwing, 'pipe.mts', '--verbose');
  expect(said).toMatch(/can't be loaded: Error: no table\n\s+at read \(.*pipe\.mts:2:9\)\n\s+at .*pipe\.mts:4:16/);
});

it('with syntax of TypeScript that is more than types', () => {
  const { said } = dev({ 'pipe.mts': 'enum Kind { A }\nexport default Kind.A;\n' }, 'pipe.mts');
  expect(said).toMatch(/^pipe\.mts can't be loaded: .*enum.*, thrown at pipe\.mts:1/);
});

it('a number out of its range is refused by the name of its option', () => {
  const { said } = dev({ 'pipe.mjs': 'export default 1;\n' }, 'pipe.mjs', '--max-record-bytes', '1000');
  expect(said).toContain('--max-record-bytes 1000: use a whole number from 1,048,576 to 10,485,760');
});
