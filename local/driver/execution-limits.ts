/**
 * What Step Functions holds an execution to and the interpreter does not: payloads and history.
 *
 * The interpreter's events arrive a little after the fact, those of iterations last, but always before the event loop
 * turns: who waits a turn has seen all breaches so far.
 */
import type { StateMachine } from 'aws-local-stepfunctions';
import type { Definition, Machine, State } from '../../state-machine/asl.ts';

export type ExecutionEvent =
  ReturnType<StateMachine['run']>['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

export const maxPayloadBytes = 262_144;
export const maxHistoryEvents = 25_000;

/** Ends the execution; no Retry or Catch sees it. */
export type Breach = { readonly error: 'States.DataLimitExceeded' | 'States.Runtime'; readonly cause: string };

export type Limits = {
  /** Takes the next event of the execution. */
  readonly observe: (event: ExecutionEvent) => void;
  /** Holds a payload that no event shows to the limit: what goes into a task and comes out of it. */
  readonly measure: (what: string, payload: unknown) => void;
  readonly breach: () => Breach | undefined;
};

export function watchLimits(options: {
  readonly definition: Definition;
  readonly type: 'EXPRESS' | 'STANDARD';
  readonly onBreach: () => void;
}): Limits {
  const types = stateTypes(options.definition);
  const resultOfMap = mapResults();
  let breach: Breach | undefined;
  let events = 0;
  const fail = (found: Breach) => {
    if (breach) return;
    breach = found;
    options.onBreach();
  };
  const limit = (what: string, bytes: number) => {
    if (bytes > maxPayloadBytes) fail(tooLarge(what, bytes));
  };
  const observe = (event: ExecutionEvent) => {
    events += historyEventsOf(event, types);
    if (options.type === 'STANDARD' && events >= maxHistoryEvents) fail(tooLong);
    if (event.type === 'StateEntered') limit(`the input of ${event.state.name}`, jsonBytes(event.state.input));
    if (event.type === 'StateExited') limit(`the output of ${event.state.name}`, jsonBytes(event.state.output));
    if (event.type === 'MapIterationSucceeded') limit(`the result of ${event.parentState.name}`, resultOfMap(event));
  };
  return { observe, measure: (what, payload) => limit(what, jsonBytes(payload)), breach: () => breach };
}

/** How many events of a Standard execution's history each of the interpreter's stands for. */
export function historyOf(definition: Definition): (event: ExecutionEvent) => number {
  const types = stateTypes(definition);
  return (event) => historyEventsOf(event, types);
}

type MapIteration = Extract<ExecutionEvent, { readonly type: 'MapIterationSucceeded' }>;

/** The bytes of the list that a run of a map makes, as far as its iterations have ended. */
function mapResults(): (iteration: MapIteration) => number {
  const soFar = new WeakMap<object, number>();
  return (iteration) => {
    // The interpreter makes one input object per run of a map: it stands for that run.
    const run = iteration.parentState.input;
    if (typeof run !== 'object' || run === null) return 0;
    const before = soFar.get(run) ?? '[]'.length;
    const bytes = before + jsonBytes('output' in iteration ? iteration.output : null) + (before > 2 ? ','.length : 0);
    soFar.set(run, bytes);
    return bytes;
  };
}

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value ?? null), 'utf8');
}

function tooLarge(what: string, bytes: number): Breach {
  return { error: 'States.DataLimitExceeded', cause: `${what} has ${bytes} bytes; ${maxPayloadBytes} are allowed` };
}

const tooLong: Breach = {
  error: 'States.Runtime',
  cause: `the execution has written ${maxHistoryEvents} history events, the most a Standard execution may`,
};

function stateTypes(machine: Machine): ReadonlyMap<string, State['Type']> {
  return new Map(
    Object.entries(machine.States).flatMap(([name, state]) => [
      [name, state.Type] as const,
      ...(state.Type === 'Map' ? stateTypes(state.ItemProcessor) : []),
    ]),
  );
}

/** How many events Step Functions writes where the interpreter has one. An attempt is scheduled, started and ended. */
function historyEventsOf(event: ExecutionEvent, types: ReadonlyMap<string, State['Type']>): number {
  if (event.type === 'StateRetried') return 3;
  if (event.type === 'StateFailed' || event.type === 'StateCaught') return 0;
  if (event.type !== 'StateEntered') return 1;
  const type = types.get(event.state.name);
  if (type === 'Task') return 1 + 3;
  return type === 'Map' ? 1 + 2 : 1;
}
