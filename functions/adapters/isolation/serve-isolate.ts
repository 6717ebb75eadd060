/** The other end: in a thread that was started to run user code apart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, type MessagePort, workerData } from 'node:worker_threads';
import { SluiceError } from '../../core/errors.ts';
import { asynchronousSchema, isAsynchronous } from '../../core/evaluate-event.ts';
import type { Decompress } from '../../core/expand-payload.ts';
import { type IsolatedCode, type IsolatedKind, isolatedRunner, type RunIsolated } from '../../core/isolated-code.ts';
import type { TakenReferences } from '../../core/references.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { type IsolateData, type IsolateReply, signals } from './thread.ts';

type AnyInput = IsolatedCode[IsolatedKind]['input'];

/** A schema that threw has broken its promise by then. */
const pendingMs = 1_000;

/** What the thread loads of its own: values of user code need not pass from one to another. */
type Load = (pipeline: Pipeline) => Promise<TakenReferences | undefined>;

/** Does nothing in a thread that was started for something else, or in the main one. */
export function serveIsolate(pipeline: () => Pipeline, decompress: Decompress, load: Load): void {
  const order = isMainThread ? undefined : (workerData as Partial<IsolateData> | undefined)?.sluiceIsolate;
  if (order === undefined) return;
  void serve(order, pipeline(), decompress, load);
}

async function serve(
  { kind, setup, port, signal }: IsolateData['sluiceIsolate'],
  pipeline: Pipeline,
  decompress: Decompress,
  load: Load,
): Promise<void> {
  // Once: an answer stands, though the thread ends before it is taken, as one does whose load has failed.
  const say = (what: number): void => {
    Atomics.compareExchange(signal, 0, signals.none, what);
    Atomics.notify(signal, 0);
  };
  process.on('exit', () => say(signals.ends));
  const references = await loadedBy(() => load(pipeline), port);
  if (references === 'failed') return say(signals.answered);
  const run = isolatedRunner(kind, pipeline, setup as never, decompress, references?.values);
  port.on('message', async (input) => {
    const reply = await replyOf(run, input);
    // What user code left behind (a callback that throws) is this call's as well, as far as it shows at once.
    setImmediate(() => {
      post(port, reply);
      say(signals.answered);
    });
  });
  post(port, { kind: 'answered', output: references?.uses ?? {} });
  say(signals.answered);
}

/** Who starts it hears why there are none. */
async function loadedBy(
  load: () => ReturnType<Load>,
  port: MessagePort,
): Promise<TakenReferences | undefined | 'failed'> {
  try {
    return await load();
  } catch (error) {
    post(port, thrownReply(error));
    return 'failed';
  }
}

/** What the engine throws is said, and thrown again by who asked. Only user code that ends the thread is left without words. */
async function replyOf(run: RunIsolated<IsolatedKind>, input: AnyInput): Promise<IsolateReply> {
  try {
    const output = run(input);
    if (run.promises.length > 0) await refuseAsynchronous(run);
    return { kind: 'answered', output };
  } catch (error) {
    return thrownReply(error);
  }
}

function thrownReply(error: unknown): IsolateReply {
  const name = error instanceof Error ? error.name : 'Error';
  return { kind: 'threw', name, message: error instanceof SluiceError ? error.message : undefined };
}

/** Here, where the promises are. One that nothing comes of was no callback that threw. */
async function refuseAsynchronous(run: RunIsolated<IsolatedKind>): Promise<void> {
  const isPending = sleep(pendingMs, true, { ref: false });
  if (await Promise.race([isAsynchronous(run), isPending])) throw asynchronousSchema();
}

function post(port: MessagePort, reply: IsolateReply): void {
  try {
    port.postMessage(reply);
  } catch (error) {
    port.postMessage(thrownReply(error));
  }
}
