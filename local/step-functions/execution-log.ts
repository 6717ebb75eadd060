/**
 * The executions of one state machine: which there are, what became of them, and what happened in each.
 *
 * LOG-1 A name stands for one execution: who begins another with it gets the one that runs, if it has the same input, or a refusal.
 * LOG-2 What is kept has a bound, as AWS keeps it for 90 days: the executions that ended longest ago are forgotten first. One that runs never is.
 */
import { randomUUID } from 'node:crypto';
import type { Definition } from '../../state-machine/asl.ts';
import { ofPipeline } from '../../state-machine/driven-pipeline.ts';
import type { Width } from '../../state-machine/micro-batch.ts';
import { usualWidth } from '../../state-machine/timing.ts';
import type { Executions, WatchedExecution } from '../driver/executions.ts';
import { localMachine } from '../driver/loop-definition.ts';
import type { ExecutionResult } from '../driver/state-machine-runner.ts';
import { executionArnOf, stateMachineArnOf } from './arns.ts';
import { type ExecutionEnd, History, type HistoryEvent } from './history.ts';
import { Refusal } from './refusal.ts';

export const executionStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

export type Execution = {
  /** In the order in which they began. */
  readonly id: number;
  readonly arn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly input: string;
  readonly traceHeader: string | undefined;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly events: readonly HistoryEvent[];
};

export type Asked = { readonly name?: string; readonly input: string; readonly traceHeader?: string };

export type ExecutionLogOptions = {
  readonly region: string;
  readonly pipeline: string;
  /** Most tasks and key groups of a batch. Default: 40 of each. */
  readonly width?: Width;
  readonly now: () => number;
  readonly newName?: () => string;
  readonly mostExecutions?: number;
  /** Of all executions. */
  readonly mostEvents?: number;
};

const defaultMost = { executions: 1_000, events: 100_000 };

type Entry = { -readonly [Name in keyof Execution]: Execution[Name] } & {
  readonly history: History;
  readonly ending: AbortController;
};

export class ExecutionLog implements Executions {
  readonly stateMachineArn: string;
  readonly roleArn = 'arn:aws:iam::000000000000:role/sluice-dev';
  readonly createdAt: number;
  readonly definition: Definition;
  readonly #entries = new Map<string, Entry>();
  readonly #options: ExecutionLogOptions;
  #count = 0;

  constructor(options: ExecutionLogOptions) {
    this.#options = options;
    this.definition = ofPipeline(localMachine('STANDARD', options.width ?? usualWidth).definition, options.pipeline);
    this.stateMachineArn = stateMachineArnOf(options.region, options.pipeline);
    this.createdAt = options.now();
  }

  /** By when they began. */
  all(): readonly Execution[] {
    return [...this.#entries.values()];
  }

  find(arn: string): Execution | undefined {
    return this.#entries.get(arn);
  }

  /** One that nobody has named. */
  begin(input: unknown): WatchedExecution {
    return this.#watched(this.#open({ input: JSON.stringify(input) }));
  }

  /** `isNew`: it has to be run. Throws `ExecutionAlreadyExists`. */
  start(asked: Asked): { readonly execution: Execution; readonly watched: WatchedExecution; readonly isNew: boolean } {
    const arn = executionArnOf(this.stateMachineArn, asked.name ?? '');
    const known = asked.name === undefined ? undefined : this.#entries.get(arn);
    if (known !== undefined && (known.status !== 'RUNNING' || known.input !== asked.input))
      throw new Refusal('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const execution = known ?? this.#open(asked);
    return { execution, watched: this.#watched(execution), isNew: known === undefined };
  }

  /** One that is over stays as it is. */
  abort(arn: string, why: { readonly error?: string; readonly cause?: string }): void {
    const entry = this.#entries.get(arn);
    if (entry === undefined) return;
    this.#end(entry, 'ABORTED', { type: 'ExecutionAborted', error: why.error, cause: why.cause });
    entry.ending.abort();
  }

  #open({ name = (this.#options.newName ?? randomUUID)(), input, traceHeader }: Asked): Entry {
    const arn = executionArnOf(this.stateMachineArn, name);
    const history = new History(this.definition, this.#options.region);
    const startedAt = this.#options.now();
    const entry: Entry = {
      ...{ id: ++this.#count, arn, name, status: 'RUNNING', startedAt, stoppedAt: undefined },
      ...{ input, traceHeader, output: undefined, error: undefined, cause: undefined },
      ...{ history, events: history.events, ending: new AbortController() },
    };
    history.start(input, this.roleArn, startedAt);
    this.#entries.set(arn, entry);
    this.#forget();
    return entry;
  }

  #watched(entry: Entry): WatchedExecution {
    const { now } = this.#options;
    const { history } = entry;
    let hasTimedOut = false;
    return {
      ...{ arn: entry.arn, stateMachineArn: this.stateMachineArn, signal: entry.ending.signal },
      onEvent(event) {
        if (event.type === 'ExecutionTimeout') hasTimedOut = true;
        history.observe(event);
      },
      onTask: (task) => history.observeTry(task, now),
      end: (result) => this.#end(entry, ...endOf(result, hasTimedOut)),
    };
  }

  #end(entry: Entry, status: ExecutionStatus, end: ExecutionEnd): void {
    if (entry.status !== 'RUNNING') return;
    entry.status = status;
    entry.stoppedAt = this.#options.now();
    if (end.type === 'ExecutionSucceeded') entry.output = end.output;
    else [entry.error, entry.cause] = [end.error, end.cause];
    entry.history.end(end, entry.stoppedAt);
  }

  #forget(): void {
    const { mostExecutions = defaultMost.executions, mostEvents = defaultMost.events } = this.#options;
    let events = this.all().reduce((total, each) => total + each.events.length, 0);
    const over = this.all()
      .filter(({ stoppedAt }) => stoppedAt !== undefined)
      .toSorted((a, b) => a.stoppedAt! - b.stoppedAt!);
    for (const { arn, events: own } of over) {
      if (this.#entries.size <= mostExecutions && events <= mostEvents) return;
      this.#entries.delete(arn);
      events -= own.length;
    }
  }
}

function endOf(result: ExecutionResult, hasTimedOut: boolean): readonly [ExecutionStatus, ExecutionEnd] {
  if (result.kind === 'succeeded')
    return ['SUCCEEDED', { type: 'ExecutionSucceeded', output: JSON.stringify(result.output) }];
  if (result.kind === 'aborted')
    return ['ABORTED', { type: 'ExecutionAborted', error: undefined, cause: 'Its driver was told to end.' }];
  const { error, cause } = result;
  return hasTimedOut
    ? ['TIMED_OUT', { type: 'ExecutionTimedOut', error, cause }]
    : ['FAILED', { type: 'ExecutionFailed', error, cause }];
}
