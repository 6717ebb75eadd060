/** The other end: in a thread that was started to run user code apart. */
import { isMainThread, workerData } from 'node:worker_threads';
import type { Decompress } from '../../core/expand-payload.ts';
import { isolatedRunner } from '../../core/isolated-code.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { type IsolateData, signals } from './thread.ts';

/** Does nothing in a thread that was started for something else, or in the main one. */
export function serveIsolate(pipeline: () => Pipeline, decompress: Decompress): void {
  const order = isMainThread ? undefined : (workerData as Partial<IsolateData> | undefined)?.sluiceIsolate;
  if (order === undefined) return;
  const { kind, setup, port, signal } = order;
  const say = (what: number): void => {
    Atomics.store(signal, 0, what);
    Atomics.notify(signal, 0);
  };
  process.on('exit', () => say(signals.ends));
  const run = isolatedRunner(kind, pipeline(), setup as never, decompress);
  port.on('message', (input) => {
    const output = run(input);
    // What user code left behind (a rejection, a callback that throws) is this call's as well, as far as it shows at once.
    setImmediate(() => {
      port.postMessage(output);
      say(signals.answered);
    });
  });
  say(signals.answered);
}
