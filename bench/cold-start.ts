/**
 * `npm run bench:cold-start [-- --runs 15] [--step process-shards] [--pipeline <file>] [--no-bucket] [--against <folder>]`:
 * what a function's first start takes of a processor. Each bundle is the one that the construct makes of the file, `examples/departures.ts` if none is named; each run is a fresh process, and those of several bundles take turns. `import`: loading the bundle;
 * `first`: the first call of its handler, on a server beside it that answers at once. Without Node's own start.
 *
 * `--against`: bundles that another state of the sources has written there (`--write <folder>`), measured in the same runs.
 */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { bundleOptions } from '../infra/bundle-step.ts';
import { readPipeline } from '../infra/read-pipeline.ts';
import { steps } from '../infra/steps.ts';
import { type Start, startOf } from './side-by-side/starts.ts';

const example = 'examples/departures.ts';

const timing = {
  ...{
    planToSealSeconds: 60,
    sealToCommitSeconds: 60,
    commitToPlanSeconds: 60,
    rotateAfterSeconds: 60,
    reduceUntilSeconds: 60,
  },
  ...{ closeUntilSeconds: 60, readSeconds: 5, maxTurns: 10, maxTasks: 40 },
};
const of = { epoch: 1, batchId: 0, ref: 1, turn: 1, waitUntil: '2026-11-29T00:00:00.000Z' };
const ofRun = { request: {}, run: 'run', executionId: 'execution', startedAt: '2026-11-29T00:00:00.000Z', timing };
/** Each reads something that is not there, which is a request and its answer, and ends as superseded or by name. */
const events: Readonly<Record<string, object>> = {
  'plan-batch': { ...ofRun, batch: { next: 'plan', turn: 1 }, outcomes: [] },
  'process-shards': { ...of, run: 'run', task: 0, readSeconds: 5 },
  'seal-batch': { ...of, ...ofRun, outcomes: [] },
  'reduce-key-group': { ...of, keyGroup: 0, again: false },
  'commit-batch': { ...of, ...ofRun, reduced: { emitted: 0, stuckSince: 0 }, groups: [] },
};

function writeBundles(folder: string, pipelineFile: string, hasStateBucket: boolean): void {
  const { outline, bringsSdk } = readPipeline(pipelineFile, false);
  for (const step of steps.map(({ folder: name }) => name)) {
    const options = bundleOptions({
      step,
      pipelineFile,
      outline,
      bringsSdk,
      assumesRole: false,
      hasStateBucket,
    });
    buildSync({ ...options, sourcemap: false, outdir: join(folder, step) });
  }
}

type Service = { readonly port: string; readonly cert: string; readonly hasBucket: boolean };

function startOfStep(file: string, step: string, { port, cert, hasBucket }: Service): Start {
  const endpoint = `https://localhost:${port}`;
  const env = {
    ...{ PATH: process.env.PATH, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    ...{ AWS_ENDPOINT_URL: endpoint, SLUICE_TABLE: 'table', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769' },
    NODE_EXTRA_CA_CERTS: cert,
    ...(hasBucket ? { SLUICE_STATE_BUCKET: 'bucket' } : {}),
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  return startOf({ file, event: events[step], env });
}

/** All that is loaded with it, not what is loaded as it is needed. */
function kilobytes(file: string): number {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/(?:from|import)"(\.\/[^"]+)"/g))
      load(join(path, '..', name!));
  };
  load(file);
  return Math.round([...loaded].reduce((sum, path) => sum + statSync(path).size, 0) / 1_000);
}

function stepsAsked(step: string | undefined): readonly string[] {
  const known = Object.keys(events);
  if (step === undefined) return known;
  if (known.includes(step)) return [step];
  throw new Error(`--step ${step}: use one of ${known.join(', ')}`);
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1]!;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '15' },
      step: { type: 'string' },
      pipeline: { type: 'string', default: example },
      'no-bucket': { type: 'boolean', default: false },
      against: { type: 'string' },
      write: { type: 'string' },
    },
  });
  const pipelineFile = resolve(values.pipeline);
  const hasBucket = !values['no-bucket'];
  if (values.write !== undefined) return writeBundles(values.write, pipelineFile, hasBucket);
  const own = mkdtempSync(join(tmpdir(), 'sluice-cold-'));
  const server = fork(fileURLToPath(import.meta.url), ['--serve', own]);
  try {
    const port = await new Promise<string>((told) => server.once('message', told as (port: unknown) => void));
    writeBundles(own, pipelineFile, hasBucket);
    const folders = [...(values.against === undefined ? [] : [resolve(values.against)]), own];
    process.stdout.write(
      '| Step | Bundle | KB | Import, ms | First call, ms | Both |\n| --- | --- | --- | --- | --- | --- |\n',
    );
    for (const step of stepsAsked(values.step)) {
      const files = folders.map((folder) => join(folder, step, 'index.mjs')).filter(existsSync);
      const starts = files.map((): Start[] => []);
      for (let run = 0; run < Number(values.runs); run++)
        for (const [at, file] of files.entries())
          starts[at]!.push(startOfStep(file, step, { port, cert: join(own, 'cert.pem'), hasBucket }));
      for (const [at, file] of files.entries()) {
        const [imported, first] = [
          median(starts[at]!.map((start) => start.imported)),
          median(starts[at]!.map((start) => start.first)),
        ];
        const both = median(starts[at]!.map((start) => start.imported + start.first));
        const name = files.length > 1 && at === 0 ? 'before' : 'now';
        const cells = [step, name, kilobytes(file), ...[imported, first, both].map((ms) => ms.toFixed(1))];
        process.stdout.write(`| ${cells.join(' | ')} |\n`);
        if (process.env.ANSWERS !== undefined) process.stdout.write(`${JSON.stringify(starts[at]![0]!.answer)}\n`);
      }
    }
  } finally {
    server.kill();
    rmSync(own, { recursive: true, force: true });
  }
}

/** Items are not there, and nothing else is asked. TLS as with AWS: its certificate is made by the machine's openssl. */
function serve(folder: string): void {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const of = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ];
  execFileSync('openssl', [...made, ...of], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1', () => process.send!(String((server.address() as { port: number }).port)));
}

const [, , told, folder] = process.argv;
if (told === '--serve') serve(folder!);
else await main();
