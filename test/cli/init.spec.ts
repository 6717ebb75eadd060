/** `sluice init`: what it writes, what it keeps, and what it refuses. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject } from '../../cli/init/create-project.ts';
import { dependencyOf } from '../../cli/init/how-installed.ts';
import { projectManifest, projectName } from '../../cli/init/project-manifest.ts';
import { readManifest } from '../../cli/package-root.ts';
import { pipelineFile } from '../../cli/project-settings.ts';
import { LocalProblem } from '../../local/local-problem.ts';

function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const written = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8');

test('a folder that is not there yet becomes a project of its name', () => {
  const folder = path.join(emptyFolder(), 'My flights');
  const { name, files } = createProject(folder);
  expect(name).toBe('my-flights');
  expect(readdirSync(folder).sort()).toEqual([...files].sort());
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      '.gitignore',
      'departures.ts',
      'departures.test.ts',
      'app.ts',
      'README.md',
    ]),
  );
  expect(JSON.parse(written(folder, 'package.json'))).toMatchObject({
    name: 'my-flights',
    private: true,
    type: 'module',
  });
  expect(written(folder, 'departures.ts')).toBe(readFileSync('template/departures.ts', 'utf8'));
  expect(written(folder, '.gitignore')).toContain('node_modules/');
});

test('what is in the way is named, and nothing is written', () => {
  const folder = emptyFolder();
  for (const name of ['app.ts', 'notes.txt', 'package-lock.json']) writeFileSync(path.join(folder, name), '');
  expect(() => createProject(folder)).toThrow(`${folder} is not empty: app.ts, notes.txt. `);
  expect(readdirSync(folder)).toHaveLength(3);
});

test('a file of that name, and a package.json that is none, are refused', () => {
  const folder = emptyFolder();
  const file = path.join(folder, 'package.json');
  for (const [text, why] of [
    ['{', 'is no JSON'],
    ['[]', 'holds no object'],
  ] as const) {
    writeFileSync(file, text);
    expect(() => createProject(folder)).toThrow(why);
  }
  expect(() => createProject(file)).toThrow(`${file} is a file`);
  expect(() => createProject(path.join(file, 'in-it'))).toThrow(/in-it' can't be made \(ENOTDIR\)/);
  expect(() => createProject('')).toThrow("'' can't be made (ENOENT)");
  expect(readdirSync(folder)).toEqual(['package.json']);
});

test('what npm has left there stays: names, dependencies and scripts, but for the type and the placeholder of a test', () => {
  const folder = emptyFolder();
  mkdirSync(path.join(folder, 'node_modules'));
  const before = {
    name: 'mine',
    version: '3.0.0',
    type: 'commonjs',
    scripts: { test: 'echo "Error: no test specified" && exit 1', lint: 'biome check' },
    dependencies: { 'kinesis-sluice': 'file:../sluice.tgz' },
  };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(before));
  createProject(folder);
  expect(JSON.parse(written(folder, 'package.json'))).toMatchObject({
    ...{ name: 'mine', version: '3.0.0', type: 'module' },
    scripts: { test: 'vitest run', lint: 'biome check', dev: 'sluice dev' },
    dependencies: { 'kinesis-sluice': 'file:../sluice.tgz', zod: expect.stringMatching(/^\^4/) },
  });
});

test('a test script of its own stays', () => {
  const manifest = projectManifest({
    own: readManifest(),
    existing: { scripts: { test: 'node --test' } },
    ...{ name: 'a', dependency: '^1.0.0' },
  });
  expect(manifest.scripts).toMatchObject({ test: 'node --test' });
});

test('its dependencies are those that this package is tested with', () => {
  const own = readManifest();
  const { dependencies, devDependencies } = projectManifest({
    own,
    existing: undefined,
    name: 'a',
    dependency: '^1.0.0',
  });
  expect(dependencies).toEqual({
    'aws-cdk-lib': `^${own.devDependencies['aws-cdk-lib']}`,
    constructs: `^${own.devDependencies.constructs}`,
    'kinesis-sluice': '^1.0.0',
    zod: `^${own.dependencies.zod}`,
  });
  expect(devDependencies).toMatchObject({ vitest: `^${own.devDependencies.vitest}` });
});

test.each([
  ['flights', 'flights'],
  ['My Flights!', 'my-flights'],
  ['.hidden', 'hidden'],
  ['日本', 'pipeline'],
])('the project in %s is called %s', (folder, name) => {
  expect(projectName(folder)).toBe(name);
});

test('the package is depended on as it was installed: by a file, by a range, or from its repository', () => {
  const folder = emptyFolder();
  const own = readManifest();
  const root = path.join(folder, 'cache', 'node_modules', own.name);
  const project = path.join(folder, 'projects', 'flights');
  mkdirSync(root, { recursive: true });
  expect(dependencyOf(own, root, project)).toBe(`^${own.version}`);
  const installed = (spec: string) =>
    writeFileSync(path.join(folder, 'cache', 'package.json'), JSON.stringify({ dependencies: { [own.name]: spec } }));
  installed('file:../tars/sluice.tgz');
  expect(dependencyOf(own, root, project)).toBe('file:../../tars/sluice.tgz');
  installed('^7.0.0');
  expect(dependencyOf(own, root, project)).toBe('^7.0.0');
  expect(dependencyOf(own, path.join(folder, 'sluice'), project)).toBe('file:../../sluice');
});

test('a command without a file takes the one of package.json, and tells what is wrong there', () => {
  const folder = emptyFolder();
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  expect(pipelineFile('a.ts')).toBe('a.ts');
  expect(() => pipelineFile(undefined)).toThrow(LocalProblem);
  const say = (sluice: unknown) => writeFileSync('package.json', JSON.stringify({ sluice }));
  say({ pipeline: 'b.ts', dev: { input: 'b.ndjson', rate: 5 } });
  expect(pipelineFile(undefined)).toBe('b.ts');
  say({ pipeline: 7, deev: {}, dev: { inputt: 'x' } });
  expect(() => pipelineFile(undefined)).toThrow(
    [
      'package.json: sluice.pipeline 7: use the name of a file',
      'package.json: sluice.deev: there is no such setting; use pipeline, dev',
      'package.json: sluice.dev.inputt: there is no such setting; use input, generate, partitionKey, rate, for, count',
    ].join('\n'),
  );
});
