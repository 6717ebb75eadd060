/**
 * Takes the steps that come before an event's own, with the same handlers, so that the event meets what it speaks of.
 *
 * The epoch, the batch and the times in an event file are those of the day it was written. What the steps before
 * answered takes their place; the rest of the event stays as it is.
 */
import type { BatchState, Outcome, PlanBatchInput } from '../../functions/steps/messages.ts';

export const functionNames = ['PlanBatch', 'ProcessShards', 'SealBatch', 'ReduceKeyGroup', 'CommitBatch'] as const;
export type FunctionName = (typeof functionNames)[number];
export type Event = Readonly<Record<string, unknown>>;
export type Call = (name: FunctionName, event: Event) => Promise<unknown>;

const turnsUntilIdle = 10;

/** The event to send, after everything before it has been done. */
export async function rehearse(name: FunctionName, event: Event, call: Call): Promise<Event> {
  const turn = new Turn(event, call);
  if (name === 'PlanBatch') return preparePlan(event, turn);
  await turn.plan();
  if (name === 'ProcessShards') return turn.fill(event);
  await turn.process();
  if (name === 'SealBatch') return turn.fill(event);
  await turn.seal();
  // An epoch beside the ref: another driver has taken over the sealed batch.
  if (event.epoch !== event.ref) await turn.plan();
  if (name === 'ReduceKeyGroup') return turn.fill(event);
  await turn.reduce();
  return turn.fill(event);
}

async function preparePlan(event: Event, turn: Turn): Promise<Event> {
  const { batch } = event as PlanBatchInput;
  if (batch.turn === 0) return turn.fill(event);
  await turn.whole();
  for (let turns = 1; batch.next === 'process' && turns < turnsUntilIdle && turn.moved; turns++) await turn.whole();
  return { ...turn.fill(event), batch: turn.batch, outcomes: turn.outcomes };
}

class Turn {
  batch: BatchState = { next: 'plan', turn: 0, caughtUp: false };
  outcomes: readonly Outcome[] = [];
  private emitted: readonly unknown[] = [];
  private readonly common: Event;
  private readonly call: Call;

  constructor(event: Event, call: Call) {
    const own = { request: {}, run: crypto.randomUUID(), executionId: 'rehearsal', timing: rehearsalTiming };
    this.common = { ...own, ...event, startedAt: new Date().toISOString() };
    this.call = call;
  }

  get moved(): boolean {
    return this.outcomes.includes('moved');
  }

  async whole(): Promise<void> {
    await this.plan();
    await this.process();
    if (!this.moved) return;
    await this.seal();
    if (this.batch.next === 'reduce') await this.reduce();
    await this.commit();
  }

  async plan(): Promise<void> {
    const { request, run, executionId, startedAt, timing } = this.common;
    const input = { request, run, executionId, startedAt, timing, batch: this.batch, outcomes: this.outcomes };
    this.batch = (await this.call('PlanBatch', input)) as BatchState;
  }

  async process(): Promise<void> {
    if (this.batch.next !== 'process') throw this.unexpected('process');
    const { epoch, batchId, readDeadline, tasks } = this.batch;
    const outcomes: Outcome[] = [];
    for (const task of tasks) {
      const input = { run: this.common.run, epoch, batchId, readDeadline, task };
      outcomes.push(((await this.call('ProcessShards', input)) as { readonly outcome: Outcome }).outcome);
    }
    this.outcomes = outcomes;
  }

  async seal(): Promise<void> {
    if (this.batch.next !== 'process') throw this.unexpected('process');
    const { run, timing } = this.common;
    const { epoch, batchId, turn, waitUntil } = this.batch;
    this.batch = (await this.call('SealBatch', { run, epoch, batchId, turn, waitUntil, timing })) as BatchState;
  }

  async reduce(): Promise<void> {
    if (this.batch.next !== 'reduce') throw this.unexpected('reduce');
    const { epoch, batchId, ref, keyGroups } = this.batch;
    this.emitted = await Promise.all(
      keyGroups.map((keyGroup) => this.call('ReduceKeyGroup', { epoch, batchId, ref, keyGroup })),
    );
  }

  async commit(): Promise<void> {
    this.outcomes = [];
    this.batch = (await this.call('CommitBatch', this.commitInput())) as BatchState;
  }

  /** The event, with what is of this day in place of what is of its own. */
  fill(event: Event): Event {
    const today: Event = {
      ...this.common,
      ...this.batch,
      emitted: this.emitted,
      task: event.task,
      keyGroup: event.keyGroup,
    };
    const kept = new Set(['request', 'run', 'executionId', 'timing', 'task', 'keyGroup', 'batch', 'outcomes']);
    return Object.fromEntries(Object.entries(event).map(([key, value]) => [key, kept.has(key) ? value : today[key]]));
  }

  private commitInput(): Event {
    if (!('ref' in this.batch)) throw this.unexpected('commit');
    const { epoch, batchId, ref, turn, waitUntil } = this.batch;
    const { request, run, startedAt, timing } = this.common;
    return { request, run, startedAt, timing, epoch, batchId, ref, turn, waitUntil, emitted: this.emitted };
  }

  private unexpected(wanted: string): Error {
    return new Error(`The step before says ${JSON.stringify(this.batch)}, so there is nothing to ${wanted}.`);
  }
}

/** For events that carry none; long enough for a debugger. */
const rehearsalTiming = {
  planToSealSeconds: 600,
  sealToCommitSeconds: 600,
  commitToPlanSeconds: 600,
  rotateAfterSeconds: 600,
  readSeconds: 12,
  maxTurns: 100,
  maxTasks: 40,
};
