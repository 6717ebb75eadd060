/**
 * A step in a process of its own, with a function's limits of time and memory: what ends it has the name that Lambda gives it.
 * Run as a program it is that process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { createHandlers, type Handlers } from '../../functions/steps/handlers.ts';
import { createRuntime } from '../../functions/steps/runtime.ts';
import type { Handler } from '../../local/driver/state-machine-runner.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { endClosedShards } from '../../local/services/closed-shards.ts';

export type StepProcess = {
  readonly step: keyof Handlers;
  readonly pipelineFile: string;
  readonly overrides: { readonly source: string; readonly sink: string };
  readonly services: { readonly kinesis: string; readonly dynamodb: string };
  readonly table: string;
  readonly region: string;
  readonly memoryMb: number;
};
type Order = StepProcess & { readonly payload: unknown };
type Answer = { readonly answer: unknown } | { readonly error: { readonly name: string; readonly message: string } };

/** As Lambda calls it: a process that has answered is used again, one that does not answer in time is cut. */
export function inProcesses(settings: StepProcess, timeoutSeconds: number) {
  const idle: ChildProcess[] = [];
  const start = (): ChildProcess =>
    fork(fileURLToPath(import.meta.url), {
      execArgv: [...process.execArgv, `--max-old-space-size=${settings.memoryMb}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  const handler: Handler = async (payload) => {
    const child = idle.pop() ?? start();
    const ended = Promise.withResolvers<Answer | 'exit' | 'memory' | 'time'>();
    const cut = setTimeout(() => ended.resolve('time'), timeoutSeconds * 1000);
    child.once('message', (answer: Answer) => ended.resolve(answer));
    child.once('exit', (_, signal) => ended.resolve(signal === 'SIGABRT' ? 'memory' : 'exit'));
    child.send({ ...settings, payload } satisfies Order);
    const end = await ended.promise;
    clearTimeout(cut);
    child.removeAllListeners();
    if (typeof end === 'string') {
      child.kill('SIGKILL');
      throw deaths[end];
    }
    idle.push(child);
    if ('error' in end) throw named(end.error.name, end.error.message);
    return end.answer;
  };
  const stop = (): void => {
    for (const child of idle) child.kill();
  };
  return { handler, stop };
}

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const deaths = {
  time: named('Sandbox.Timedout', 'the function was cut'),
  memory: named('Runtime.OutOfMemory', 'the function ran out of memory'),
  exit: named('Runtime.ExitError', 'the function exited'),
};

let warm: Handlers | undefined;

async function work({ payload, ...order }: Order): Promise<Answer> {
  try {
    warm ??= await handlersOf(order);
    return { answer: await warm[order.step](payload, {}) };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message } };
  }
}

async function handlersOf({ pipelineFile, overrides, services, ...settings }: StepProcess): Promise<Handlers> {
  const url = pathToFileURL(pipelineFile).href;
  const { default: definition } = (await import(url)) as { readonly default: unknown };
  const entry = new URL('../../local/session/isolate.ts', import.meta.url);
  return createHandlers(
    createRuntime(requirePipeline(definition, overrides), {
      ...settings,
      credentials: localCredentials,
      requestTimeoutMs: 60_000,
      completeSubscriptions: endClosedShards,
      kinesisEndpoint: services.kinesis,
      dynamodbEndpoint: services.dynamodb,
      isolate: { entry, data: { pipelineFile: url, overrides }, timeLimitMs: 1_500 },
    }),
  );
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', (order: Order) => void work(order).then((answer) => process.send?.(answer)));
}
