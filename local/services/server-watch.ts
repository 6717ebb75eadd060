/**
 * How long a run stands by a server that is away or hangs: one patience for each server and each request, inside of
 * executions and outside. Then the run ends, and says which server it was.
 *
 * PATIENCE-1 A request that got no answer is repeated, by who knows how: an execution by the next one, others by their
 *    clients.
 * PATIENCE-2 A server that answers anything at all is there. What it refuses is another's business.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { LocalProblem } from '../local-problem.ts';
import { Silence, tickMs } from './silence.ts';

export type Service = 'Kinesis' | 'DynamoDB';

type Middleware = Pick<KinesisClient['middlewareStack'], 'add'>;
/** Of any service. */
export type WatchedClient = { readonly middlewareStack: unknown };

export type ServerWatch = {
  /** Sees whether requests are answered, and ends those that wait when patience is over. */
  observe(client: WatchedClient, service: Service): void;
  /** As well repeats what got no answer, unless a repeat does harm, and names the server in errors. */
  standBy(client: WatchedClient, service: Service): void;
  /** Repeats a call whose requests got no answer. */
  patiently<Result>(service: Service, call: () => Promise<Result>): Promise<Result>;
  /** Whether a request that ended since then got no answer. */
  hadTroubleSince(time: number): boolean;
  /** How long one thing is tried again where a server answers now and then. */
  readonly triesForMs: number;
  /** Rejects when patience is over. */
  readonly over: Promise<never>;
  close(): void;
};

const firstWordMs = 3_000;
const pauseMs = 500;
/** Its repeat may put a record twice: who sends it looks first. */
const neverRepeated = new Set(['PutRecordsCommand']);

export function watchServers(options: {
  readonly endpoints: Readonly<Record<Service, string>>;
  readonly patienceMs: number;
  readonly say?: ((text: string) => void) | undefined;
}): ServerWatch {
  const watch = new Watch(options);
  return {
    observe: (client, service) => watch.observe(client, service),
    standBy(client, service) {
      watch.observe(client, service);
      watch.repeat(client, service);
    },
    patiently: (service, call) => watch.patiently(service, call),
    hadTroubleSince: (time) => Object.values(watch.troubleAt).some((at) => at >= time),
    triesForMs: watch.triesForMs,
    over: watch.over.promise,
    close: () => watch.close(),
  };
}

class Watch {
  readonly over = Promise.withResolvers<never>();
  /** When a request of a service ended last without an answer. */
  readonly troubleAt: Record<Service, number> = { Kinesis: 0, DynamoDB: 0 };
  readonly #endpoints: Readonly<Record<Service, string>>;
  readonly triesForMs: number;
  readonly #patienceMs: number;
  readonly #say: (text: string) => void;
  readonly #silences: Readonly<Record<Service, Silence>> = { Kinesis: new Silence(), DynamoDB: new Silence() };
  /** Of requests under way: ends their waiting. */
  readonly #waiting = new Set<(problem: LocalProblem) => void>();
  readonly #told = new Set<Service>();
  readonly #timer = setInterval(() => this.#tick(), tickMs).unref();
  #problem: LocalProblem | undefined;

  constructor({ endpoints, patienceMs, say = () => {} }: Parameters<typeof watchServers>[0]) {
    this.#endpoints = endpoints;
    this.#patienceMs = patienceMs;
    this.triesForMs = 2 * patienceMs;
    this.#say = say;
    this.over.promise.catch(() => {});
  }

  close(): void {
    clearInterval(this.#timer);
  }

  observe(client: WatchedClient, service: Service): void {
    (client.middlewareStack as Middleware).add((next) => (args) => this.#watched(service, () => next(args)), {
      // Next to the wire, once for each try of the SDK: whatever has a status is an answer here.
      step: 'deserialize',
      priority: 'low',
      name: 'sluiceServerWatch',
    });
  }

  repeat(client: WatchedClient, service: Service): void {
    (client.middlewareStack as Middleware).add(
      (next, { commandName = '' }) =>
        async (args) => {
          const call = () => next(args);
          try {
            return await (neverRepeated.has(commandName) ? call() : this.patiently(service, call));
          } catch (error) {
            throw this.#named(error, service);
          }
        },
      { step: 'initialize', priority: 'high', name: 'sluiceStandBy' },
    );
  }

  async patiently<Result>(service: Service, call: () => Promise<Result>): Promise<Result> {
    const end = Date.now() + this.triesForMs;
    for (;;) {
      const since = Date.now();
      try {
        return await call();
      } catch (error) {
        if (this.#problem !== undefined) throw this.#problem;
        if (this.troubleAt[service] < since || Date.now() > end) throw error;
        await sleep(pauseMs);
      }
    }
  }

  async #watched<Result>(service: Service, call: () => Promise<Result>): Promise<Result> {
    if (this.#problem !== undefined) throw this.#problem;
    const silence = this.#silences[service];
    const given = Promise.withResolvers<never>();
    this.#waiting.add(given.reject);
    silence.began();
    try {
      const answer = await Promise.race([call(), given.promise]);
      silence.answered();
      this.#told.delete(service);
      return answer;
    } catch (error) {
      this.troubleAt[service] = Date.now();
      silence.failed(Date.now(), wordsOf(error));
      throw error;
    } finally {
      this.#waiting.delete(given.reject);
    }
  }

  #tick(): void {
    for (const [service, silence] of Object.entries(this.#silences) as [Service, Silence][]) {
      silence.tick(Date.now());
      if (silence.ms >= this.#patienceMs) this.#end(service, silence);
      else if (silence.ms >= firstWordMs && !this.#told.has(service)) {
        this.#told.add(service);
        const left = Math.ceil((this.#patienceMs - silence.ms) / 1000);
        this.#say(`${this.#nameOf(service)} does not answer${reasonOf(silence)}; waiting for ${left} s more.`);
      }
    }
  }

  #end(service: Service, silence: Silence): void {
    this.close();
    const seconds = Math.round(this.#patienceMs / 1000);
    const text = `${this.#nameOf(service)} has not answered for ${seconds} s${reasonOf(silence)}.`;
    this.#problem = new LocalProblem('unreachable', text);
    for (const end of this.#waiting) end(this.#problem);
    this.over.reject(this.#problem);
  }

  #named(error: unknown, service: Service): unknown {
    if (!(error instanceof Error) || error instanceof LocalProblem) return error;
    error.message = `${wordsOf(error)} (${this.#nameOf(service)})`;
    return error;
  }

  #nameOf(service: Service): string {
    return `${service} at ${this.#endpoints[service]}`;
  }
}

const reasonOf = ({ reason }: Silence): string => (reason === undefined ? '' : ` (${reason})`);

/** A refused connection to several addresses is one error without a message of its own. */
function wordsOf(error: unknown): string {
  const { message, errors, name } = error as { message?: string; errors?: readonly Error[]; name?: string };
  return (message || errors?.[0]?.message || name || 'no reason given').replace(/^@smithy\/\S+ - \[ERROR\] /, '');
}
