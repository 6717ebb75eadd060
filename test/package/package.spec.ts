import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstalledProject, installPackage } from './installed.ts';

let project: InstalledProject;
beforeAll(() => {
  project = installPackage();
  project.write('pipeline.ts', pipelineText);
});
afterAll(() => project?.remove());

const pipelineText = `
import { count, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

const Event: z.ZodType<{ country: string }> = z.object({ country: z.string() });

export default pipeline('events-per-country')
  .readStream(kinesis({ streamName: 'events', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Event))
  .groupBy({ country: (event) => event.country })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'counts', partitionKey: (row) => row.country }))
  .trigger({ every: '1 second' });
`;

const maxInstalledBytes = 90_000_000;

/** Of files, without what is nested: that is a package of its own. */
function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== 'node_modules');
  return entries
    .map((entry) => (entry.isDirectory() ? bytesIn(join(folder, entry.name)) : statSync(join(folder, entry.name)).size))
    .reduce((sum, size) => sum + size, 0);
}

const maxUnpackedBytes = 4_300_000;

describe('the package', () => {
  test('holds built code, its declarations and its documents, and nothing else', () => {
    const isPage = (file: string) => /^dist\/local\/page\/assets\/\w+\.(html|css|svg)$/.test(file);
    expect(project.files.filter(isPage)).toHaveLength(3);
    const unexpected = project.files.filter(
      (file) => !/^dist\/.+\.(js|d\.ts)$/.test(file) && !isPage(file) && !/^(docs|template)\//.test(file),
    );
    expect(unexpected.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(project.unpackedBytes).toBeLessThan(maxUnpackedBytes);
  });

  /** 11 of them only where npm runs scripts of packages, as here: esbuild puts its program in the place of what starts it. */
  test('brings no more than 90 MB with what it depends on', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      readonly packages: Readonly<
        Record<string, { readonly dev?: true; readonly devOptional?: true; readonly peer?: true }>
      >;
    };
    const brought = Object.entries(packages).filter(
      ([folder, { dev, devOptional, peer }]) => folder !== '' && !dev && !devOptional && !peer && existsSync(folder),
    );
    expect(brought.length).toBeGreaterThan(50);
    const bytes = brought.map(([folder]) => bytesIn(folder)).reduce((sum, size) => sum + size, project.unpackedBytes);
    expect(bytes).toBeLessThan(maxInstalledBytes);
  });

  test('offers the language of pipelines and the construct', () => {
    const language = project.run(
      'node',
      '-e',
      "import('kinesis-sluice').then((all) => console.log(Object.keys(all).join()))",
    );
    expect(language.stderr).toBe('');
    for (const name of ['pipeline', 'kinesis', 'json', 'tumbling', 'count', 'runPipeline'])
      expect(language.stdout).toContain(name);
    const construct = project.run(
      'node',
      '-e',
      "import('kinesis-sluice/cdk').then((all) => console.log(Object.keys(all).join()))",
    );
    expect(construct.stderr).toBe('');
    expect(construct.stdout).toContain('SluicePipeline');
    const apart = project.run(
      'node',
      '-e',
      "import('kinesis-sluice/protobuf').then((all) => console.log(Object.keys(all).join()))",
    );
    expect(apart).toMatchObject({ stdout: 'protobuf\n', stderr: '' });
    const state = project.run(
      'node',
      '-e',
      "import('kinesis-sluice/state').then((all) => console.log(Object.keys(all).join()))",
    );
    expect(state).toMatchObject({ stdout: 'readState\n', stderr: '' });
  });

  test('brings the sluice command', () => {
    const help = project.run('npx', '--no-install', 'sluice', '--help');
    expect(help.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('npm warn'))).toEqual([]);
    expect(help.stdout).toContain('dev');
    expect(help.status).toBe(0);
  });
});

describe('a pipeline of a user', () => {
  const options = { strict: true, module: 'nodenext', target: 'es2024', noEmit: true, types: [] };
  const check = (name: string, text: string, compilerOptions: object) => {
    project.write(name, text);
    project.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...options, ...compilerOptions }, files: [name] }),
    );
    return project.run('node', resolve('node_modules/.bin/tsc'), '-p', '.');
  };

  test('compiles against the declarations, which are sound themselves', () => {
    expect(
      check('typed.ts', pipelineText, {
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [resolve('node_modules/@types')],
      }),
    ).toMatchObject({ stdout: '', status: 0 });
  });

  test('does not compile when a field is not there', () => {
    const wrong = check('wrong.ts', pipelineText.replace('event.country', 'event.city'), { skipLibCheck: true });
    expect(wrong.stdout).toContain("'city' does not exist");
  });
});

describe('a new project', () => {
  const folder = 'flights';
  const saysNothing = (text: string) => text.split('\n').filter((line) => line !== '' && !/^npm warn/.test(line));

  test('is made in an empty folder, and depends on the package as it was installed', () => {
    const init = project.run('npx', '--no-install', 'sluice', 'init', folder, '--json');
    expect(init).toMatchObject({ status: 0 });
    expect(JSON.parse(init.stdout)).toMatchObject({
      name: 'flights',
      next: expect.arrayContaining(['npx sluice dev']),
    });
    const again = project.run('npx', '--no-install', 'sluice', 'init', folder);
    expect(again.stderr).toContain('flights is not empty: .gitignore, README.md, app.ts, ');
    expect(again.status).toBe(2);
  });

  test('runs on this machine, and has results', () => {
    const dev = project.runIn(folder, 'npx', '--no-install', 'sluice', 'dev', '--json');
    const summary = JSON.parse(dev.stdout.trim().split('\n').at(-1) ?? '{}');
    expect(summary).toMatchObject({
      kind: 'summary',
      published: 113,
      read: 113,
      counted: 113,
      late: 0,
      deadLettered: 0,
    });
    expect(summary.emitted).toBe(9);
    expect(dev.status).toBe(0);
  });

  test('passes its tests and the compiler', () => {
    const tests = project.runIn(folder, 'npm', 'test');
    expect(tests.stdout).toMatch(/Tests +3 passed/);
    expect(tests.status).toBe(0);
    expect(project.runIn(folder, 'npx', '--no-install', 'tsc')).toMatchObject({ stdout: '', status: 0 });
  });

  test('becomes a template with five bundled functions', () => {
    const synth = project.runIn(folder, 'npx', '--no-install', 'cdk', 'synth', '--quiet', '--no-notices');
    expect(synth.status, synth.stderr).toBe(0);
    expect(saysNothing(synth.stderr).filter((line) => !/^Bundling asset |feature flags/.test(line))).toEqual([]);
    const output = join(project.folder, folder, 'cdk.out');
    // The CDK's own function, which empties the bucket when the stack goes, is another one.
    const hasBundle = (name: string) => existsSync(join(output, name, 'index.mjs'));
    const assets = readdirSync(output).filter((name) => name.startsWith('asset.') && hasBundle(name));
    expect(assets).toHaveLength(5);
    // What several modules share is in files of its own.
    const textOf = (asset: string): string =>
      readdirSync(join(output, asset))
        .filter((file) => file.endsWith('.mjs'))
        .map((file) => readFileSync(join(output, asset, file), 'utf8'))
        .join();
    for (const asset of assets) expect(textOf(asset).includes('"departures"'), asset).toBe(true);
    const { Resources } = JSON.parse(readFileSync(join(output, 'Departures.template.json'), 'utf8'));
    const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Kinesis::Stream')).toHaveLength(2);
  });
});

describe('the example with two pipelines', () => {
  const folder = 'flight-operations';
  const source = `examples/${folder}`;
  beforeAll(() => cpSync(source, join(project.folder, folder), { recursive: true }));
  const rowsOf = (file: string) =>
    readFileSync(join(project.folder, folder, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('names the versions that it is tested with', () => {
    const [own, all] = [`${source}/package.json`, 'package.json'].map((file) => JSON.parse(readFileSync(file, 'utf8')));
    const known = { ...all.dependencies, ...all.devDependencies, [all.name]: all.version };
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies }))
      expect(version, name).toBe(known[name]);
  });

  test('passes its tests, those of the template that it becomes among them', () => {
    const tests = project.runIn(folder, 'npm', 'test');
    expect(tests.stdout, tests.stderr).toMatch(/Tests +7 passed/);
    expect(tests.status).toBe(0);
  });

  test('gives what a direct computation does, one pipeline behind the other', () => {
    const dev = (...args: string[]) => project.runIn(folder, 'npx', '--no-install', 'sluice', 'dev', '--json', ...args);
    const first = dev('--results', 'delays.ndjson');
    expect(first.status, first.stderr).toBe(0);
    const flags = ['--input', 'delays.ndjson', '--partition-key', 'airport', '--results', 'hours.ndjson'];
    const second = dev('delays-by-airport.ts', ...flags);
    expect(second.status, second.stderr).toBe(0);
    const delays = new Map<string, number[]>();
    for (const { date, delay, origin } of rowsOf('flights.ndjson')) {
      const key = `${origin} ${date.slice(0, 13)}:00:00.000Z`;
      if (delay >= 15) delays.set(key, [...(delays.get(key) ?? []), delay]);
    }
    const told = rowsOf('hours.ndjson').map((row) => [
      `${row.airport} ${row.windowStart}`,
      ...[row.delays, row.long, row.longest],
    ]);
    const expected = [...delays].map(([key, all]) => [
      key,
      ...[all.length, all.filter((delay) => delay >= 60).length, Math.max(...all)],
    ]);
    expect(told.toSorted()).toEqual(expected.toSorted());
    expect(told).toHaveLength(20);
  });
});
