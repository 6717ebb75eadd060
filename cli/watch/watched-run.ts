/** A run of `sluice dev` in a process of its own, and what the two say to each other. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** To the run. Unlike a signal, one that comes again says nothing new. */
export type Order = { readonly kind: 'stop' | 'abort' };

/** From the run, before it ends. */
export type LastWord =
  | { readonly kind: 'ended'; readonly end: 'complete' | 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };

export type Ended = { readonly code: number; readonly lastWord: LastWord | undefined };

export type WatchedRun = {
  readonly ended: Promise<Ended>;
  order(order: Order): void;
  /** Where it hears no orders. */
  kill(): void;
};

const main = fileURLToPath(new URL(`../main${path.extname(import.meta.url)}`, import.meta.url));
const killedCode = 1;

export function startRun(args: readonly string[]): WatchedRun {
  const child = fork(main, [...args], { stdio: 'inherit' });
  let lastWord: LastWord | undefined;
  child.on('message', (word) => {
    lastWord = word as LastWord;
  });
  return {
    ended: new Promise((resolve) => {
      child.once('error', (error) =>
        resolve({ code: killedCode, lastWord: { kind: 'failed', message: error.message } }),
      );
      child.once('exit', (code) => resolve({ code: code ?? killedCode, lastWord }));
    }),
    order(order) {
      if (child.connected) child.send(order, () => {});
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** In the run: hears orders, and that nobody is there any more who could give one. */
export function hearOrders(hear: (order: Order['kind']) => void): () => void {
  if (process.send === undefined) return () => {};
  const onMessage = (order: unknown): void => hear((order as Order).kind);
  const onDisconnect = (): void => hear('stop');
  process.on('message', onMessage).on('disconnect', onDisconnect);
  return () => void process.off('message', onMessage).off('disconnect', onDisconnect);
}

export function sayLastWord(word: LastWord): void {
  if (process.connected) process.send?.(word);
}
