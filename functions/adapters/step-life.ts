/**
 * The life of one invocation, and what ends with it.
 *
 * Code of a step may run on after the step has answered: its time was up while a server hung, or one of several reads
 * failed. Whoever waited for the answer has gone on by then, and would meet its writes: a claim after the answer takes the
 * epoch from the try that counts. So no request begins any more, those under way are aborted, and waits are cut.
 */
import type { Clock } from '../ports/clock.ts';
import type { OutputSink } from '../sinks/output-sink.ts';

type Client = { readonly send: (command: never, options?: never) => Promise<unknown> };
type Options = { readonly abortSignal?: AbortSignal };
type Send = (command: object, options: Options) => Promise<unknown>;
type Request = { readonly service: string; readonly operation: string; readonly since: number };

/** Of ports whose requests can end with a step, how to make those of one. Other ports in their place have none. */
const ofOneStep = new WeakMap<object, (life: StepLife) => object>();

export function endingWithSteps<Ports extends object>(portsOf: (life: StepLife | undefined) => Ports): Ports {
  const ports = portsOf(undefined);
  ofOneStep.set(ports, portsOf);
  return ports;
}

export class StepLife {
  readonly #end = new AbortController();
  readonly #now: () => number;
  readonly #requests = new Set<Request>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Aborted once the step has answered. */
  get over(): AbortSignal {
    return this.#end.signal;
  }

  end(): void {
    this.#end.abort(stepIsOver);
  }

  portsOf<Ports extends object>(ports: Ports): Ports {
    return (ofOneStep.get(ports)?.(this) as Ports | undefined) ?? ports;
  }

  /** What it waits for at this moment, the oldest first, for people. */
  waitsFor(): readonly string[] {
    const now = this.#now();
    return [...this.#requests].map(({ service, operation, since }) => {
      return `${service}${operation} for ${((now - since) / 1000).toFixed(1)} s`;
    });
  }

  /** A client whose requests end with the step. `service` is its name for people. */
  clientOf<Given extends Client>(client: Given, service: string): Given {
    const send: Send = async (command, { abortSignal, ...options } = {}) => {
      if (this.over.aborted) throw stepIsOver;
      const request = { service, operation: operationOf(command), since: this.#now() };
      this.#requests.add(request);
      try {
        const signal = abortSignal === undefined ? this.over : AbortSignal.any([abortSignal, this.over]);
        return await (client.send as unknown as Send)(command, { ...options, abortSignal: signal });
      } finally {
        this.#requests.delete(request);
      }
    };
    return { send } as unknown as Given;
  }

  /** Waits end early, as those do that are cut; what comes after them is refused. */
  clockOf({ now, sleep }: Clock): Clock {
    return { now, sleep: (ms, cut) => sleep(ms, cut === undefined ? this.over : AbortSignal.any([cut, this.over])) };
  }

  /** For sinks that are no clients. */
  sinkOf(sink: OutputSink): OutputSink {
    const asLongAsItLives = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
      this.over.aborted ? Promise.reject(stepIsOver) : ask();
    return {
      send: (...given) => asLongAsItLives(() => sink.send(...given)),
      ...(sink.files && {
        files: {
          bucket: sink.files.bucket,
          place: sink.files.place,
          filesOf: sink.files.filesOf,
          put: (files, deadline) => asLongAsItLives(() => sink.files!.put(files, deadline)),
        },
      }),
      ...(sink.maxRecordBytes && { maxRecordBytes: () => asLongAsItLives(() => sink.maxRecordBytes!()) }),
    };
  }
}

/** Told to code that nobody waits for: one for all, since most steps end without any such code. */
const stepIsOver = Object.assign(new Error('the step has answered'), { name: 'AbortError' });

/** Bundles have other names for the classes; the service is known either way. */
const operationOf = (command: object): string => {
  const [, operation] = /^(\w+)Command\d*$/.exec(command.constructor.name) ?? [];
  return operation === undefined ? '' : `.${operation}`;
};
