/**
 * The lease of a local run that is gone.
 *
 * A lease protects a deployed driver from a second one until nobody can tell whether it still runs. Here one can: the
 * execution's name says which process it belonged to.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type HeldLease, heldAt } from '../../functions/core/head.ts';
import type { Head } from '../../functions/core/model.ts';
import type { HeadStore } from '../../functions/ports/head-store.ts';
import { LocalProblem } from '../local-problem.ts';
import { isAlive } from '../process-alive.ts';

/** Executions of this process that run now: a container may give the same number to each of its processes in turn. */
const running = new Set<string>();

/** `name`: what it is called elsewhere, without a `/`. */
export function openExecution(name: string = randomUUID()): { readonly id: string; close(): void } {
  const id = `local/${hostname()}/${process.pid}/${name}`;
  running.add(id);
  return { id, close: () => running.delete(id) };
}

/** Frees the lease if its holder is dead; refuses if it may be alive. Another driver that comes in between wins. */
export async function releaseDeadLease(store: HeadStore, now: number): Promise<Head | undefined> {
  const head = await store.load();
  if (head === undefined) return undefined;
  const held = heldAt(head, now);
  if (held === undefined) return head;
  if (!isDead(held.execution)) throw heldBy(head.pipeline, held);
  await store.release(head.epoch, held.owner);
  return head;
}

function isDead(execution: string): boolean {
  const [, host, pid] = /^local\/(.+)\/(\d+)\/[^/]+$/.exec(execution) ?? [];
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return !running.has(execution);
  return !isAlive(Number(pid));
}

function heldBy(pipeline: string, { execution, until }: HeldLease): LocalProblem {
  return new LocalProblem(
    'another-driver',
    `Pipeline ${pipeline} is being run by ${execution} (its lease ends at ${new Date(until).toISOString()} unless renewed).`,
  );
}
