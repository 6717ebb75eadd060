import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  readTemplate,
  type SynthesisedFunction,
  synthesisedFunctions,
} from '../../local/invoke/synthesised-function.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-app-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const maxBundleBytes = 1_000_000;

/** As `npm run synth` does, with no network to use. */
function synthesise(name: string, ...args: string[]) {
  const madeIn = join(folder, name);
  const env = {
    ...process.env,
    CDK_OUTDIR: madeIn,
    HTTPS_PROXY: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const app = spawnSync(process.execPath, ['--conditions=sluice-source', 'infra/app.ts', ...args], {
    env,
    encoding: 'utf8',
  });
  return { madeIn, ...app };
}

describe('the app', () => {
  let app: ReturnType<typeof synthesise>;
  let functions: readonly SynthesisedFunction[];
  beforeAll(() => {
    app = synthesise('default');
    functions = app.status === 0 ? [...synthesisedFunctions(app.madeIn).values()] : [];
  });

  test('makes a template offline, without errors or warnings', () => {
    const said = app.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Bundling asset '));
    expect(said).toEqual([]);
    expect(app.status).toBe(0);
    const manifest = JSON.parse(readFileSync(join(app.madeIn, 'manifest.json'), 'utf8'));
    expect(JSON.stringify(manifest)).not.toMatch(/aws:cdk:(error|warning)/);
    const report = JSON.parse(readFileSync(join(app.madeIn, 'validation-report.json'), 'utf8'));
    expect(report.pluginReports).toEqual([]);
  });

  test('fits any account and region', () => {
    const fixed = JSON.stringify(readTemplate(app.madeIn)).match(/:\d{12}:|\b(us|eu|ap)-[a-z]+-\d|arn:aws:/g);
    expect(fixed ?? []).toEqual([]);
  });

  test('leaves what SAM looks for: plain names, and the folder with the code', () => {
    expect(functions.map(({ name }) => name).sort()).toEqual([
      'CommitBatch',
      'PlanBatch',
      'ProcessShards',
      'ReduceKeyGroup',
      'SealBatch',
    ]);
    for (const { bundle } of functions) expect(existsSync(bundle)).toBe(true);
  });

  test('declares every variable that events/env.json sets: SAM leaves out the others', () => {
    const { Parameters } = JSON.parse(readFileSync('events/env.json', 'utf8'));
    for (const { environment } of functions)
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(Object.keys(Parameters)));
  });

  test('bundles small functions, with maps but without sources', () => {
    expect(functions).toHaveLength(5);
    for (const { bundle } of functions) {
      expect(statSync(bundle).size).toBeLessThan(maxBundleBytes);
      const map = JSON.parse(readFileSync(`${bundle}.map`, 'utf8'));
      expect(map.sourcesContent ?? []).toEqual([]);
    }
  });

  test('exports handlers that Node 24 on Lambda takes: no callback parameter', () => {
    for (const { bundle, environment } of functions) {
      const script = `const { handler } = await import(process.argv[1]); process.stdout.write(String(handler.length));`;
      const env = { ...environment, NODE_OPTIONS: '', AWS_REGION: 'eu-west-1' };
      const run = spawnSync(process.execPath, ['--input-type=module', '-e', script, bundle], {
        env,
        encoding: 'utf8',
        cwd: '/',
      });
      expect(run.stderr).toBe('');
      expect(Number(run.stdout)).toBeLessThanOrEqual(2);
    }
  });
});

describe('context', () => {
  test('chooses the pipeline, the shards and the kind of state machine', () => {
    const context = ['pipeline=examples/republish.ts', 'sourceShards=4', 'stateMachineType=STANDARD', 'schedule=off'];
    const app = synthesise('other', ...context.flatMap((pair) => ['-c', pair]));
    expect(app.status).toBe(0);
    const template = JSON.stringify(readTemplate(app.madeIn));
    expect(template).toContain('"ShardCount":4');
    expect(template).toContain('"StateMachineType":"STANDARD"');
    expect(template).toContain('"POWERTOOLS_SERVICE_NAME":"republish"');
    expect(template).not.toContain('AWS::Scheduler::Schedule');
  });

  test('that makes no sense is refused', () => {
    const app = synthesise('wrong', '-c', 'sourceShards=many');
    expect(app.status).not.toBe(0);
    expect(app.stderr).toContain('sourceShards=many');
  });
});

test('the CDK command is of the line that fits the library, which the stray 3.0.0 is not', () => {
  const { stdout } = spawnSync('npx', ['--no-install', 'cdk', '--version'], { encoding: 'utf8' });
  expect(stdout).toMatch(/^2\.1\d{3}\./);
});
