/** Runs the variants of a scenario by turns. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AnswerShape, Scenario, Stub, VariantPlace } from './scenario.ts';
import { type Certificate, createCertificate } from './self-signed.ts';
import type { Turns } from './summary.ts';
import type { TurnTaken } from './worker.ts';

/** Turns that are not counted: compilers are warm behind them. */
const turnsBefore = 2;
const noAnswers: AnswerShape = { records: 0, bytes: 0, keys: 1 };
const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: 'us-east-1' };

export async function alternate(scenario: Scenario, rounds: number): Promise<readonly Turns[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bench-'));
  const children: ChildProcess[] = [];
  try {
    const certificate = createCertificate();
    const certificateFile = path.join(folder, 'cert.pem');
    writeFileSync(certificateFile, certificate.cert);
    const { process: served, stub } = await startStub(scenario, certificate);
    children.push(served);
    const env = { ...process.env, ...credentials, NODE_EXTRA_CA_CERTS: certificateFile };
    const workers = [];
    for (const variant of scenario.variants) {
      const worker = await startWorker(scenario, variant, stub, env);
      children.push(worker);
      workers.push({ variant, worker, turns: [] as TurnTaken[] });
    }
    for (let round = -turnsBefore; round < rounds; round++) {
      for (const { worker, turns } of workers) {
        const taken = await takeTurn(worker, scenario.callsATurn);
        if (round >= 0) turns.push(taken);
      }
    }
    return workers.map(({ variant, turns }) => ({ name: variant.name, turns }));
  } finally {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startStub(
  { answers = noAnswers }: Scenario,
  { key, cert }: Certificate,
): Promise<{ readonly process: ChildProcess; readonly stub: Stub }> {
  const served = fork(path.join(import.meta.dirname, 'stub.ts'));
  served.send({ key, cert, answers });
  const [{ port }] = (await once(served, 'message')) as [{ readonly port: number }];
  return { process: served, stub: { endpoint: `https://127.0.0.1:${port}`, host: '127.0.0.1', port } };
}

async function startWorker(
  scenario: Scenario,
  { module, settings, nodeFlags = [] }: VariantPlace,
  stub: Stub,
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const execArgv = ['--conditions=sluice-source', ...nodeFlags];
  const worker = fork(path.join(import.meta.dirname, 'worker.ts'), { env, execArgv });
  worker.send({ module, stub, settings: { answers: scenario.answers, ...scenario.settings, ...settings } });
  await answerOf(worker);
  return worker;
}

async function takeTurn(worker: ChildProcess, calls: number): Promise<TurnTaken> {
  worker.send({ calls });
  return (await answerOf(worker)) as TurnTaken;
}

async function answerOf(worker: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const [answer] = await Promise.race([
      once(worker, 'message', { signal }),
      once(worker, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`a variant ended with ${code}`))),
    ]);
    return answer;
  } finally {
    // The other one would listen for ever.
    over.abort();
  }
}
