/**
 * A Kinesis server of one's own: `kinesis-local` in a child process, on 127.0.0.1 only, empty or with the data of a
 * directory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalProblem } from '../local-problem.ts';
import { isAlive } from '../process-alive.ts';

export type EmbeddedKinesis = {
  readonly endpoint: string;
  readonly pid: number;
  /** Rejects if the server ends before it was stopped; else never settles. */
  readonly failed: Promise<never>;
  /** Ends the server; with a state directory, after its data was written. */
  stop(): Promise<void>;
};

export type EmbeddedKinesisOptions = {
  /** A free one if absent. */
  readonly port?: number | undefined;
  /** Where the streams are kept between runs; in memory if absent. */
  readonly stateDirectory?: string | undefined;
  readonly shardLimit?: number | undefined;
};

const startTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;
const pollMs = 40;
/** A number that nothing else waits for: it is how the wait is told from others. It never passes. */
const saveDelayMs = 2_000_000_011;

export async function startEmbeddedKinesis(options: EmbeddedKinesisOptions = {}): Promise<EmbeddedKinesis> {
  const { stateDirectory } = options;
  if (stateDirectory !== undefined) await waitForPredecessor(stateDirectory);

  const child = spawnServer(options);
  const errors = collectErrors(child);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let isStopped = false;
  const failed = exited.then((): never | Promise<never> => {
    if (isStopped) return new Promise<never>(() => {});
    throw new LocalProblem('unreachable', `The embedded Kinesis server ended. ${errors()}`.trim());
  });
  failed.catch(() => {});

  const stop = async (): Promise<void> => {
    isStopped = true;
    child.ref();
    // Without data to write there is nothing to wait for.
    child.kill(stateDirectory === undefined ? 'SIGKILL' : 'SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  };
  try {
    const endpoint = `http://127.0.0.1:${await Promise.race([portOf(child), failed])}`;
    await Promise.race([untilHealthy(endpoint), failed]);
    release(child);
    return { endpoint, pid: child.pid as number, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function spawnServer({ port, stateDirectory, shardLimit = 2_000 }: EmbeddedKinesisOptions): ChildProcess {
  const main = createRequire(import.meta.url).resolve('kinesis-local/main.js');
  const self = fileURLToPath(import.meta.url);
  const preload = new URL(`./embedded-kinesis-child${path.extname(self)}`, import.meta.url);
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const child = spawn(process.execPath, ['--import', preload.href, main], {
    // It reads a file of its own package from the working directory.
    cwd: path.dirname(main),
    env: {
      ...environment,
      ...settings(shardLimit),
      ...stateSettings(stateDirectory),
      SLUICE_KINESIS_PORT: `${port ?? 0}`,
    },
    // A group of its own: Ctrl-C in the terminal is for the parent, which still needs the server to finish its batch.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return child;
}

/** A server that nobody stopped ends with this process; it must not keep it from ending. */
function release(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  (child.stderr as Socket | null)?.unref();
}

const instantly = [
  'CREATE_STREAM',
  'DELETE_STREAM',
  'SPLIT_SHARD',
  'MERGE_SHARDS',
  'UPDATE_SHARD_COUNT',
  'UPDATE_STREAM_MODE',
  'START_STREAM_ENCRYPTION',
  'STOP_STREAM_ENCRYPTION',
  'REGISTER_STREAM_CONSUMER',
  'DEREGISTER_STREAM_CONSUMER',
];

function settings(shardLimit: number): Record<string, string> {
  return {
    // Two numbers that differ: the real ports are chosen when the server listens.
    KINESIS_MOCK_PLAIN_PORT: '4568',
    KINESIS_MOCK_TLS_PORT: '4567',
    LOG_LEVEL: 'ERROR',
    ROOT_LOG_LEVEL: 'ERROR',
    SHARD_LIMIT: `${shardLimit}`,
    ...Object.fromEntries(instantly.map((name) => [`${name}_DURATION`, '10ms'])),
  };
}

function stateSettings(stateDirectory: string | undefined): Record<string, string> {
  if (stateDirectory === undefined) return { SHOULD_PERSIST_DATA: 'false', LOAD_DATA_IF_EXISTS: 'false' };
  const directory = path.resolve(stateDirectory);
  mkdirSync(directory, { recursive: true });
  return {
    SLUICE_KINESIS_DATA: directory,
    SHOULD_PERSIST_DATA: 'true',
    LOAD_DATA_IF_EXISTS: 'true',
    PERSIST_PATH: directory,
    PERSIST_FILE_NAME: 'streams.json',
    PERSIST_INTERVAL: `${saveDelayMs}ms`,
    SLUICE_KINESIS_SAVE_DELAY: `${saveDelayMs}`,
  };
}

/** A server whose parent was killed writes its data before it ends: what it has not written yet must not be missed. */
async function waitForPredecessor(stateDirectory: string): Promise<void> {
  const runningFile = path.join(stateDirectory, 'running');
  const deadline = Date.now() + startTimeoutMs;
  while (existsSync(runningFile)) {
    const pid = Number(readFileSync(runningFile, 'utf8') || Number.NaN);
    if (!isAlive(pid) && existsSync(runningFile)) {
      const found =
        'was not closed: its server ended without writing its data, so the streams lack what was acknowledged.';
      throw new LocalProblem('usage', `The state in ${stateDirectory} ${found} Delete it and start again.`);
    }
    if (Date.now() > deadline) {
      throw new LocalProblem('another-driver', `The state in ${stateDirectory} is in use by process ${pid}.`);
    }
    await sleep(pollMs);
  }
}

function collectErrors(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-2_000);
  });
  return () => text.trim();
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(notReady()), startTimeoutMs);
    child.once('error', reject);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { port: number }).port);
    });
  });
}

/** A request that comes while the server starts may never be answered, so each try has a limit of its own. */
async function untilHealthy(endpoint: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    const answer = await fetch(`${endpoint}/healthcheck`, { signal: AbortSignal.timeout(500) }).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(pollMs);
  }
  throw notReady();
}

function notReady(): LocalProblem {
  return new LocalProblem(
    'unreachable',
    `The embedded Kinesis server was not ready within ${startTimeoutMs / 1000} s.`,
  );
}
