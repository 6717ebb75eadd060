/** Dependencies as CommonJS, which most of npm is: what loads while the template is made loads in every function. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SluicePipeline } from '../../infra/index.ts';
import { type SynthesisedFunction, synthesisedFunctions } from '../../local/invoke/synthesised-function.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-commonjs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes an app with the pipeline of this file, and returns its bundled functions. */
function bundled(pipelineFile: string): readonly SynthesisedFunction[] {
  const outdir = join(folder, 'out');
  const context = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true };
  const app = new App({ outdir, context, analyticsReporting: false });
  new SluicePipeline(new Stack(app, 'Sluice'), 'Pipeline', { pipeline: pipelineFile, source: {}, sink: {} });
  app.synth();
  return [...synthesisedFunctions(outdir).values()];
}

/** Loads a function by itself, as Lambda does at its start: no module of a project lies beside it there. */
function load(bundle: string) {
  const code = `await import('${pathToFileURL(bundle).href}'); console.log(JSON.stringify(globalThis.seen));`;
  const environment = { AWS_REGION: 'eu-west-1', SLUICE_TABLE: 'sluice', SLUICE_SOURCE: 'in', SLUICE_SINK: 'out' };
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment },
    cwd: tmpdir(),
  });
}

describe('a pipeline with a dependency that is CommonJS', () => {
  let functions: readonly SynthesisedFunction[] = [];

  beforeAll(() => {
    write('node_modules/old-parser/package.json', '{ "name": "old-parser", "version": "1.0.0", "main": "index.js" }');
    write('node_modules/old-parser/table.js', "exports.words = ['one', 'two'];");
    write(
      'node_modules/old-parser/index.js',
      `const util = require('util');
       const path = require('node:path');
       const { words } = require('./table');
       const named = 'node:' + 'os';
       exports.describe = (value) => util.format('%s %s', value, words[1]);
       exports.seen = [path.isAbsolute(__filename), path.dirname(__filename) === __dirname, require(named).EOL];`,
    );
    const file = write(
      'pipeline.ts',
      `import { createRequire } from 'node:module';
       import { dirname } from 'node:path';
       import { fileURLToPath } from 'node:url';
       import { bytes, kinesis, pipeline } from 'kinesis-sluice';
       import { describe, seen } from 'old-parser';
       // As ES modules make them for themselves: two of one name must not meet.
       const require = createRequire(import.meta.url);
       const __filename = fileURLToPath(import.meta.url);
       const __dirname = dirname(__filename);
       (globalThis as Record<string, unknown>).seen = [describe('one'), ...seen, __dirname !== '', require('util') !== undefined];
       export default pipeline('parsed')
         .readStream(kinesis({ streamName: 'in' })).decode(bytes()).writeStream(kinesis({ streamName: 'out' }));`,
    );
    functions = bundled(file);
  });

  test.each(['ProcessShards', 'ReduceKeyGroup'])('loads as %s', (name) => {
    const { status, stdout, stderr } = load(functions.find((fn) => fn.name === name)!.bundle);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(['one two', true, true, '\n', true, true]);
    expect(status).toBe(0);
  });

  test.each(['PlanBatch', 'SealBatch', 'CommitBatch'])('%s starts without any of it', (name) => {
    const { status, stdout, stderr } = load(functions.find((fn) => fn.name === name)!.bundle);
    expect([stderr, stdout, status]).toEqual(['', 'undefined\n', 0]);
  });
});
