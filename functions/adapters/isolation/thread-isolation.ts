/**
 * Isolates as worker threads. The function waits for each answer without giving up its own thread, so a read stays one
 * synchronous step; a thread that does not answer in time is ended.
 *
 * A thread has a heap of its own, with a limit of its own. What lies outside of heaps (buffers, native code) is the
 * process's: that may still take all of it down.
 */
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { SluiceError, type SluiceErrorName } from '../../core/errors.ts';
import type { Decompress } from '../../core/expand-payload.ts';
import type { Isolate, IsolateAnswer } from '../../core/isolate.ts';
import { type IsolatedKind, isolatedRunner } from '../../core/isolated-code.ts';
import { type ReferenceUses, usesPart } from '../../core/references.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Isolation } from '../../ports/isolation.ts';
import { loadLimitMs } from '../reference-keeper.ts';
import { type IsolateData, type IsolateReply, signals } from './thread.ts';

export type ThreadSettings = {
  /** The module that calls `serveIsolate`: a function's own bundle. */
  readonly entry: URL;
  /** For the entry. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The function's memory. */
  readonly memoryMb: number;
  readonly timeLimitMs?: number;
  readonly startLimitMs?: number;
};

/** What one call may take. A function reads for 12 s and lives for 22. */
export const isolateTimeLimitMs = 4_000;
/** A bundle is loaded and its modules run. */
const isolateStartLimitMs = 6_000;
/** The function itself holds what it has read. */
const heapShare = 0.5;
const youngShare = 0.05;

export function createThreadIsolation(settings: ThreadSettings): Isolation {
  return {
    open: (kind, setup, references) => openThread(settings, { kind, setup, loads: references !== undefined }) as never,
  };
}

/** Where there is no entry, as in tests: user code runs in place, and what it does to itself it does to all. */
export function createIsolationInPlace(pipeline: Pipeline, decompress: Decompress): Isolation {
  return {
    open(kind, setup, references) {
      const run = isolatedRunner(kind, pipeline, setup, decompress, references?.values);
      const { promises } = run;
      return { run: (input) => ({ kind: 'answered', output: run(input) }), promises, close: () => {} };
    },
  };
}

type Opened = { readonly kind: IsolatedKind; readonly setup: unknown; readonly loads: boolean };

function openThread(settings: ThreadSettings, { kind, setup, loads }: Opened): Isolate<unknown, unknown> {
  const { entry, data = {}, memoryMb, timeLimitMs = isolateTimeLimitMs } = settings;
  const startLimitMs = (settings.startLimitMs ?? isolateStartLimitMs) + (loads ? loadLimitMs : 0);
  const { port1: port, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const order: IsolateData = { sluiceIsolate: { kind, setup, port: port2, signal } };
  giveThreadsLimitsOfTheirOwn();
  const thread = new Worker(entry, {
    workerData: { ...data, ...order },
    transferList: [port2],
    resourceLimits: {
      maxOldGenerationSizeMb: Math.floor(memoryMb * heapShare),
      maxYoungGenerationSizeMb: Math.ceil(memoryMb * youngShare),
    },
  });
  // How it ended is known by what it did not answer.
  thread.on('error', () => {});
  thread.unref();
  const close = (): void => {
    port.close();
    void thread.terminate();
  };
  const wait = (limitMs: number): 'answered' | 'ends' | 'silent' => {
    if (Atomics.wait(signal, 0, signals.none, limitMs) === 'timed-out') return 'silent';
    return Atomics.load(signal, 0) === signals.ends ? 'ends' : 'answered';
  };
  if (wait(startLimitMs) !== 'answered') {
    close();
    throw new SluiceError('TemporaryFailure', 'no thread could be started to run user code apart');
  }
  const references = startedWith(port, close);
  return {
    ...usesPart(references),
    run(input): IsolateAnswer<unknown> {
      Atomics.store(signal, 0, signals.none);
      port.postMessage(input);
      const end = wait(timeLimitMs);
      if (end === 'answered') return outputOf(receiveMessageOnPort(port)?.message as IsolateReply);
      close();
      return { kind: 'died', message: end === 'ends' ? endsItself : noAnswer(timeLimitMs, memoryMb * heapShare) };
    },
    close,
  };
}

/**
 * V8 takes the sizes that a process was started with before those of a thread, and Lambda starts Node with most of the
 * function's memory. A heap that is there already keeps its limit.
 */
function giveThreadsLimitsOfTheirOwn(): void {
  for (const size of ['old', 'semi']) setFlagsFromString(`--max-${size}-space-size=0`);
}

/** What it has loaded, or why it could not. */
function startedWith(port: MessagePort, close: () => void): ReferenceUses {
  try {
    const started = outputOf(receiveMessageOnPort(port)?.message as IsolateReply) as { readonly output: ReferenceUses };
    return started.output;
  } catch (error) {
    close();
    throw error;
  }
}

/** As if it had run here. */
function outputOf(reply: IsolateReply): IsolateAnswer<unknown> {
  if (reply.kind === 'answered') return reply;
  const { name, message } = reply;
  if (message !== undefined) throw new SluiceError(name as SluiceErrorName, message);
  throw Object.assign(new Error('in the thread that runs user code apart'), { name });
}

const endsItself = 'user code ended the thread that it ran in (an exit, or an error outside of its call)';
const noAnswer = (ms: number, mb: number): string =>
  `user code gave no answer within ${ms / 1000} s: it runs without end, or has used up ${Math.floor(mb)} MB`;
