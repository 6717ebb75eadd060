/** What passes between a function and the thread in which user code runs apart. */
import type { MessagePort } from 'node:worker_threads';
import type { IsolatedKind } from '../../core/isolated-code.ts';

/** Under its own name in `workerData`, so that a bundle that is started as a thread knows what it is there for. */
export type IsolateOrder = {
  readonly kind: IsolatedKind;
  readonly setup: unknown;
  readonly port: MessagePort;
  /** One cell: what the function waits for. */
  readonly signal: Int32Array;
};
export type IsolateData = { readonly sluiceIsolate: IsolateOrder };

/** How the thread replies to a call. */
export type IsolateReply =
  | { readonly kind: 'answered'; readonly output: unknown }
  /** `message` only of the engine's own errors: others may hold what is in events. */
  | { readonly kind: 'threw'; readonly name: string; readonly message: string | undefined };

/** The cell says: nothing yet, answered (or ready), or that the thread ends. */
export const signals = { none: 0, answered: 1, ends: 2 } as const;
