/**
 * The part of the Amazon States Language that Sluice uses, as plain data, and checks that need no AWS:
 * is the graph whole, how long can a state take, how many history events can it write.
 *
 * JSONPath only, and only forms that the local interpreter runs as AWS does: a path is never "$" in `ResultPath`,
 * `Result` is never false, 0 or "".
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Template = { readonly [key: string]: Json };

type Commented = { readonly Comment?: string };
/** A state goes on to another or ends its machine. */
type Flow = { readonly Next: string; readonly End?: never } | { readonly End: true; readonly Next?: never };

/** Tries again after these errors. Each retrier counts its own attempts. */
export type Retrier = Commented & {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts: number;
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
};
export type Catcher = Commented & {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string | null;
  readonly Next: string;
};

export type PassState = Commented &
  Flow & {
    readonly Type: 'Pass';
    readonly Parameters?: Template;
    readonly Result?: Json;
    readonly ResultPath?: string;
    readonly OutputPath?: string;
  };
export type TaskState = Commented &
  Flow & {
    readonly Type: 'Task';
    readonly Resource: string;
    readonly Parameters: Template;
    readonly ResultSelector?: Template;
    readonly ResultPath?: string | null;
    readonly OutputPath?: string;
    readonly TimeoutSeconds: number;
    readonly Retry?: readonly Retrier[];
    readonly Catch?: readonly Catcher[];
  };
export type MapState = Commented &
  Flow & {
    readonly Type: 'Map';
    readonly ItemsPath: string;
    readonly ItemSelector?: Template;
    readonly MaxConcurrency: number;
    readonly ItemProcessor: Machine & { readonly ProcessorConfig: { readonly Mode: 'INLINE' } };
    readonly ResultSelector?: Template;
    readonly ResultPath?: string | null;
    readonly Catch?: readonly Catcher[];
  };
export type ChoiceRule = Commented & {
  readonly Variable: string;
  readonly StringEquals?: string;
  readonly BooleanEquals?: boolean;
  readonly Next: string;
};
export type ChoiceState = Commented & {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
};
export type WaitState = Commented & Flow & { readonly Type: 'Wait'; readonly TimestampPath: string };
export type SucceedState = Commented & { readonly Type: 'Succeed' };
export type FailState = Commented & { readonly Type: 'Fail'; readonly ErrorPath: string; readonly CausePath: string };
export type State = PassState | TaskState | MapState | ChoiceState | WaitState | SucceedState | FailState;

export type Machine = { readonly StartAt: string; readonly States: { readonly [name: string]: State } };
export type Definition = Commented & Machine & { readonly TimeoutSeconds: number };

/** Thrown by Lambda before the function ran: a retry costs its wait, but no second run. */
export const throttled = 'Lambda.TooManyRequestsException';
/** Step Functions has refused to start a nested execution: neither did that run. The first is what a call gets that is throttled, or fails. */
export const notStarted = ['Sfn.SfnException', 'Sfn.ThrottlingException'] as const;

/** Everything wrong with the graph, inner machines included; empty when it is whole. */
export function graphProblems(machine: Machine): readonly string[] {
  const problems: string[] = [];
  const names = Object.keys(machine.States);
  const reached = new Set<string>();
  const open = [machine.StartAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    const state = machine.States[name];
    if (!state) {
      problems.push(`${name} is named but does not exist`);
      continue;
    }
    reached.add(name);
    open.push(...nextStates(state));
    if (state.Type === 'Map')
      problems.push(...graphProblems(state.ItemProcessor).map((problem) => `${name}: ${problem}`));
  }
  for (const name of names) if (!reached.has(name)) problems.push(`${name} can't be reached`);
  if (!names.some((name) => isEnd(machine.States[name]!))) problems.push('no state ends the machine');
  return problems;
}

/** The states that may follow, errors included. */
export function nextStates(state: State): readonly string[] {
  if (state.Type === 'Choice') {
    return [...state.Choices.map((choice) => choice.Next), ...(state.Default === undefined ? [] : [state.Default])];
  }
  const next = 'Next' in state && state.Next !== undefined ? [state.Next] : [];
  return 'Catch' in state && state.Catch ? [...next, ...state.Catch.map((catcher) => catcher.Next)] : next;
}

function isEnd(state: State): boolean {
  return state.Type === 'Succeed' || state.Type === 'Fail' || ('End' in state && state.End === true);
}

/** Every task by its name, those inside maps too. */
export function tasksOf(machine: Machine): readonly (readonly [name: string, task: TaskState])[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    if (state.Type === 'Map') return tasksOf(state.ItemProcessor);
    return state.Type === 'Task' ? [[name, state] as const] : [];
  });
}

/**
 * The longest a state can take: all attempts run into their timeout, all retries of all retriers happen, and each waits
 * as long as jitter allows. A map takes as long as its longest iteration, so it must not have more items than run at once.
 */
export function worstCaseSeconds(state: State): number {
  if (state.Type === 'Wait') throw new Error('a Wait ends when its input says: it has no worst case');
  if (state.Type === 'Map') return longestPath(state.ItemProcessor, worstCaseSeconds);
  if (state.Type !== 'Task') return 0;
  const retriers = state.Retry ?? [];
  const runs = 1 + sum(retriers.map((retrier) => (isThrottling(retrier) ? 0 : retrier.MaxAttempts)));
  return runs * state.TimeoutSeconds + sum(retriers.map(waitSeconds));
}

function isThrottling(retrier: Retrier): boolean {
  return retrier.ErrorEquals.every((name) => name === throttled || (notStarted as readonly string[]).includes(name));
}

/** All waits of one retrier. Full jitter draws between 0 and the delay, so the delay is its upper bound. */
function waitSeconds(retrier: Retrier): number {
  const {
    IntervalSeconds: first = 1,
    BackoffRate: rate = 2,
    MaxDelaySeconds: longest = Number.POSITIVE_INFINITY,
  } = retrier;
  return sum(Array.from({ length: retrier.MaxAttempts }, (_, attempt) => Math.min(first * rate ** attempt, longest)));
}

/**
 * An upper bound of the events that one visit writes into a Standard execution's history. An attempt of a task is
 * scheduled, started and ended; every state is entered and exited; a map and its iterations are started and ended.
 */
export function historyEvents(state: State, maxItems: number): number {
  if (state.Type === 'Map') {
    return 4 + maxItems * (2 + longestPath(state.ItemProcessor, (inner) => historyEvents(inner, maxItems)));
  }
  if (state.Type !== 'Task') return 2;
  return 2 + 3 * (1 + sum((state.Retry ?? []).map((retrier) => retrier.MaxAttempts)));
}

/** The heaviest way through a machine without loops. */
function longestPath(machine: Machine, weight: (state: State) => number): number {
  const from = (name: string, above: readonly string[]): number => {
    if (above.includes(name)) throw new Error(`${name} is in a loop: its worst case has no end`);
    const state = machine.States[name]!;
    return weight(state) + Math.max(0, ...nextStates(state).map((next) => from(next, [...above, name])));
  };
  return from(machine.StartAt, []);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
