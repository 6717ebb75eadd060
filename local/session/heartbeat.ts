/**
 * Ctrl-C for a process that hears none: a callback that never returns keeps its signals waiting for ever. Another process
 * hears the terminal as well, and ends this one if it gives no sign of life.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const beatMs = 500;

export type Heartbeat = {
  /** What is under way, for people. */
  step(name: string, what: 'begins' | 'ends' | 'fails'): void;
  close(): void;
};

export function startHeartbeat(): Heartbeat {
  const guard = new URL(`./heartbeat-guard${path.extname(import.meta.url)}`, import.meta.url);
  const { NODE_OPTIONS: _, ...env } = process.env;
  // In this process's group, so that the terminal's Ctrl-C is for it too.
  const child = spawn(process.execPath, [fileURLToPath(guard)], { env, stdio: ['pipe', 'ignore', 'inherit'] });
  // Without it a run is as good as before, but for this.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as unknown as Socket).unref();
  const say = (line: string): void => void child.stdin.write(`${line}\n`);
  const timer = setInterval(() => say('.'), beatMs).unref();
  return {
    step: (name, what) => say(`${what === 'begins' ? '+' : '-'}${name}`),
    close() {
      clearInterval(timer);
      child.stdin.end();
    },
  };
}
