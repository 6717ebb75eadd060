/** A reducer in a process of its own, whose requests these services answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ServiceError } from '../../simulation/services/service-error.ts';
import type { FailedCall, FromReducer, Reduced, ToReducer } from './calls.ts';
import type { Services } from './services.ts';
import type { Settings } from './settings.ts';

/** As large as a function of the construct may become, but for what is no heap. */
const heapMb = 1_600;

export class ReducerProcess {
  /** Before the first call: Node.js, the SDK and the modules of the step. */
  residentMb = 0;
  readonly #child: ChildProcess;
  readonly #services: Services;
  #waiting: { readonly resolve: (message: FromReducer) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(services: Services) {
    this.#services = services;
    this.#child = fork(new URL('reducer.ts', import.meta.url), {
      serialization: 'advanced',
      execArgv: ['--conditions=sluice-source', `--max-old-space-size=${heapMb}`],
    });
    this.#child.on('message', (message) => this.#take(message as FromReducer));
    this.#child.on('exit', (code, signal) =>
      this.#waiting?.reject(new Error(`the reducer died: ${signal ?? `exit code ${code}`}`)),
    );
  }

  static async begin(settings: Settings, services: Services): Promise<ReducerProcess> {
    const begun = new ReducerProcess(services);
    const ready = await begun.#ask({ kind: 'begin', settings });
    if (ready.kind === 'ready') begun.residentMb = ready.residentMb;
    return begun;
  }

  async reduce(batch: Omit<Extract<ToReducer, { kind: 'reduce' }>, 'kind'>): Promise<Reduced> {
    const answer = await this.#ask({ kind: 'reduce', ...batch });
    if (answer.kind === 'reduced') return answer;
    throw new Error(answer.kind === 'failed' ? answer.error : answer.kind);
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #ask(message: ToReducer): Promise<FromReducer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(message);
    });
  }

  #take(message: FromReducer): void {
    if (message.kind !== 'request') {
      this.#waiting?.resolve(message);
      return;
    }
    const { id, service, operation, input } = message;
    let answer: ToReducer;
    try {
      answer = { kind: 'answer', id, answer: this.#services.execute(service, operation, input) };
    } catch (error) {
      answer = { kind: 'refusal', id, refusal: failedCall(error) };
    }
    this.#child.send(answer);
  }
}

function failedCall(error: unknown): FailedCall {
  if (!(error instanceof ServiceError)) throw error;
  return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
}
