/** An execution and what it is held to: its time, the size of its payloads, the length of its history. */
import type { Definition } from '../../../../state-machine/asl.ts';
import { runtimeError, StateError } from './errors.ts';
import { type Json, jsonBytes } from './json.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export const maxPayloadBytes = 262_144;
export const maxHistoryEvents = 25_000;

export class Execution {
  /** Two executions may have the same. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly definition: Definition;
  /** Settles when the status is no longer RUNNING. */
  readonly ended: Promise<void>;
  readonly #type: 'EXPRESS' | 'STANDARD';
  readonly #settle: () => void;
  #status: Status = 'RUNNING';
  /** It has started. */
  #events = 1;
  error: string | undefined;
  cause: string | undefined;
  output: Json | undefined;

  constructor(parts: {
    readonly id: string;
    readonly startedAt: number;
    readonly definition: Definition;
    readonly type: 'EXPRESS' | 'STANDARD';
  }) {
    this.id = parts.id;
    this.startedAt = parts.startedAt;
    this.definition = parts.definition;
    this.#type = parts.type;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#settle = resolve;
  }

  get status(): Status {
    return this.#status;
  }

  /** The first end is the end. */
  end(status: Exclude<Status, 'RUNNING'>, why: { readonly error?: Error; readonly output?: Json } = {}): void {
    if (this.#status !== 'RUNNING') return;
    this.#status = status;
    this.error = why.error?.name;
    this.cause = why.error?.message;
    this.output = why.output;
    this.#settle();
  }

  /** Throws what nothing catches if a payload is too large. */
  measure(what: string, payload: Json): void {
    const bytes = jsonBytes(payload);
    if (bytes <= maxPayloadBytes) return;
    throw new StateError('States.DataLimitExceeded', `${what} has ${bytes} bytes; ${maxPayloadBytes} are allowed`);
  }

  /** Events of a Standard execution's history; an Express one has none. */
  wrote(events: number): void {
    this.#events += events;
    if (this.#type === 'STANDARD' && this.#events >= maxHistoryEvents) {
      throw runtimeError(`the execution has written ${maxHistoryEvents} history events, the most it may`);
    }
  }
}
