/**
 * Takes the steps that come before an event's own, with the same handlers, so that the event meets what it speaks of.
 *
 * The epoch, the batch and the times in an event file are those of the day it was written. What the steps before
 * answered takes their place; the rest of the event stays as it is.
 */
import { numbersIn } from '../../functions/core/waves.ts';
import type { BatchState, Outcome, PlanBatchInput } from '../../functions/steps/messages.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';

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
  if (name === 'ProcessShards') return turn.fill(name, event);
  await turn.process();
  if (name === 'SealBatch') return turn.fill(name, event);
  await turn.step('SealBatch');
  // An epoch beside the ref: another driver has taken over the sealed batch.
  if (event.epoch !== event.ref) await turn.plan();
  if (name === 'ReduceKeyGroup') return turn.fill(name, event);
  await turn.reduce();
  return turn.fill(name, event);
}

async function preparePlan(event: Event, turn: Turn): Promise<Event> {
  const { batch } = event as PlanBatchInput;
  if (batch.turn === 0) return turn.fill('PlanBatch', event);
  await turn.whole();
  for (let turns = 1; batch.next === 'process' && turns < turnsUntilIdle && turn.moved; turns++) await turn.whole();
  return turn.fill('PlanBatch', event);
}

/** What differs between the day an event was written and today; everything else an event says for itself. */
const ofToday = new Set([
  'startedAt',
  'epoch',
  'batchId',
  'ref',
  'turn',
  'waitUntil',
  'batch',
  'plan',
  'outcomes',
  'reduced',
  'groups',
  'steps',
  'enteredAt',
  'retries',
]);

/** The state machine's own data, as far as the payloads of its steps need it. */
class Turn {
  private readonly common: Event;
  private readonly call: Call;
  private batch: BatchState = { next: 'plan', turn: 0, caughtUp: false };
  private outcomes: readonly Outcome[] = [];
  private groups: readonly unknown[] = [];

  constructor(event: Event, call: Call) {
    const { request = {}, run = crypto.randomUUID(), executionId = 'rehearsal', timing = machine.timing } = event;
    this.common = { request, run, executionId, timing, startedAt: new Date().toISOString() };
    this.call = call;
  }

  get moved(): boolean {
    return this.outcomes.includes('moved');
  }

  async whole(): Promise<void> {
    await this.plan();
    await this.process();
    if (!this.moved) return;
    await this.step('SealBatch');
    if (this.batch.next === 'reduce') await this.reduce();
    await this.step('CommitBatch');
  }

  plan(): Promise<void> {
    return this.step('PlanBatch');
  }

  /** A driver step: its answer is the new state of the turn. */
  async step(name: 'PlanBatch' | 'SealBatch' | 'CommitBatch'): Promise<void> {
    this.batch = (await this.call(name, this.payload(name))) as BatchState;
    this.outcomes = [];
    this.groups = [];
  }

  async process(): Promise<void> {
    if (this.batch.next !== 'process') throw this.unexpected('process');
    const outcomes: Outcome[] = [];
    for (const task of numbersIn(this.batch.tasks)) {
      outcomes.push(
        ((await this.call('ProcessShards', this.payload('ProcessShards', task))) as { outcome: Outcome }).outcome,
      );
    }
    this.outcomes = outcomes;
  }

  async reduce(): Promise<void> {
    if (this.batch.next !== 'reduce') throw this.unexpected('reduce');
    const { keyGroups } = this.batch;
    this.groups = await Promise.all(
      numbersIn(keyGroups).map((group) => this.call('ReduceKeyGroup', this.payload('ReduceKeyGroup', group))),
    );
  }

  /** The event, with what is of this day in place of what is of its own. */
  fill(name: FunctionName, event: Event): Event {
    const payload = this.payload(name);
    return Object.fromEntries(
      Object.entries(event).map(([key, value]) => [key, ofToday.has(key) ? payload[key] : value]),
    );
  }

  private payload(name: FunctionName, item?: number): Event {
    const { batch, outcomes, groups } = this;
    const input = { ...this.common, turn: { batch, read: { outcomes, anyMoved: this.moved }, groups } };
    return Object.fromEntries(
      Object.entries(templates[name]).map(([key, value]) =>
        key.endsWith('.$') ? [key.slice(0, -2), at(input, String(value), item)] : [key, value],
      ),
    );
  }

  private unexpected(wanted: string): Error {
    return new Error(`The step before says ${JSON.stringify(this.batch)}, so there is nothing to ${wanted}.`);
  }
}

const machine = microBatch({
  functions: { planBatch: '-', processShards: '-', sealBatch: '-', reduceKeyGroup: '-', commitBatch: '-' },
  type: 'EXPRESS',
});
/** How the state machine makes what it passes to each step. */
const templates: Readonly<Record<FunctionName, Event>> = {
  PlanBatch: payloadOf('PlanBatch'),
  ProcessShards: selectorOf('ProcessShards'),
  SealBatch: payloadOf('SealBatch'),
  ReduceKeyGroup: selectorOf('ReduceKeyGroups'),
  CommitBatch: payloadOf('CommitBatch'),
};

/** Names of what the state machine passes to a step. */
export function payloadNames(name: FunctionName): string[] {
  return Object.keys(templates[name]).map((key) => key.replace(/\.\$$/, ''));
}

function payloadOf(state: string): Event {
  return (machine.definition.States[state] as unknown as { Parameters: { Payload: Event } }).Parameters.Payload;
}

function selectorOf(state: string): Event {
  return (machine.definition.States[state] as unknown as { ItemSelector: Event }).ItemSelector;
}

/** The value at `$.a.b`, or the item of the Map. */
function at(input: Event, path: string, item: number | undefined): unknown {
  if (path === '$$.Map.Item.Value') return item;
  if (path === '$$.State.EnteredTime') return new Date().toISOString();
  if (path === '$$.State.RetryCount') return 0;
  const names = path.split('.').slice(1);
  return names.reduce<unknown>((value, name) => (value as Event | undefined)?.[name], input);
}
