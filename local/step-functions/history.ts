/**
 * The history of one execution, as Step Functions writes it, made of what the interpreter tells and of the tries of tasks.
 *
 * EXECHISTORY-1 Each event but the first names one before it, on the way through the machine: within an iteration of a Map the last one of that iteration.
 * EXECHISTORY-2 Nothing follows the end of the execution.
 */

import type { Definition, Machine, MapState, State } from '../../state-machine/asl.ts';
import type { ExecutionEvent } from '../driver/execution-limits.ts';
import type { TaskEnd, TaskTry } from '../driver/state-machine-runner.ts';

export type HistoryEvent = {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** By the name of the member that this type of event has. */
  readonly details: Readonly<Record<string, object>>;
};

/** The ends of an execution that no event of the interpreter tells as they are told to others. */
export type ExecutionEnd =
  | { readonly type: 'ExecutionSucceeded'; readonly output: string }
  | {
      readonly type: 'ExecutionFailed' | 'ExecutionAborted' | 'ExecutionTimedOut';
      readonly error: string | undefined;
      readonly cause: string | undefined;
    };

type StateEvent = Extract<ExecutionEvent, { readonly state: unknown }>;

/** A state that was entered and not left; of a task whether a try of it runs. */
type Visit = {
  readonly lane: string;
  readonly input: unknown;
  attempt: 'none' | 'running' | 'ended';
  hasFailed: boolean;
};

const root = '';
const complete = { truncated: false };
const laneOf = (map: string, index: number): string => `${map}/${index}`;

export class History {
  readonly #states: ReadonlyMap<string, State>;
  /** The map that a state is in. */
  readonly #mapOf: ReadonlyMap<string, string>;
  readonly #events: HistoryEvent[] = [];
  /** The last event of each lane: of the execution itself, and of each iteration of a map that runs. */
  readonly #lastOf = new Map<string, number>();
  readonly #visits = new Map<string, Visit>();
  readonly #region: string;
  #isOver = false;

  constructor(definition: Definition, region: string) {
    this.#region = region;
    this.#states = statesOf(definition);
    this.#mapOf = mapsOf(definition);
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  start(input: string, roleArn: string, at: number): void {
    this.#add(root, 'ExecutionStarted', at, {
      executionStartedEventDetails: { input, inputDetails: complete, roleArn },
    });
    // The first state has nothing before it but the start, which counts as none.
    this.#lastOf.set(root, 0);
  }

  /** Of the end of the execution `end` tells. */
  observe(event: ExecutionEvent): void {
    if (event.type === 'StateEntered') this.#entered(event);
    else if (event.type === 'StateExited') this.#exited(event);
    else if (event.type === 'StateFailed') this.#failed(event);
    else if (event.type === 'StateRetried') this.#retried(event);
    else if (event.type.startsWith('MapIteration')) this.#iteration(event as MapEvent);
  }

  /** A try of a task begins: tells of its end. */
  observeTry({ name, task, parameters }: TaskTry, now: () => number): (end: TaskEnd) => void {
    const visit = this.#visitOf(name, (parameters as { Payload?: unknown }).Payload);
    if (visit === undefined) return () => {};
    const of = resourceOf(task.Resource);
    visit.attempt = 'running';
    this.#add(visit.lane, 'TaskScheduled', now(), {
      taskScheduledEventDetails: {
        ...{
          ...of,
          region: this.#region,
          parameters: JSON.stringify(parameters),
          timeoutInSeconds: task.TimeoutSeconds,
        },
      },
    });
    this.#add(visit.lane, 'TaskStarted', now(), { taskStartedEventDetails: of });
    return (end) => {
      // A try that went on after its time was over, or the execution.
      if (visit.attempt !== 'running') return;
      visit.attempt = 'ended';
      if (end.kind === 'failed') return this.#taskFailed(visit, of, end, now());
      const details = { ...of, output: JSON.stringify(end.result), outputDetails: complete };
      this.#add(visit.lane, 'TaskSucceeded', now(), { taskSucceededEventDetails: details });
    };
  }

  end(end: ExecutionEnd, at: number): void {
    const { type, ...told } = end;
    const details = type === 'ExecutionSucceeded' ? { ...told, outputDetails: complete } : told;
    this.#add(root, type, at, { [`${lowerFirst(type)}EventDetails`]: details });
    this.#isOver = true;
    this.#visits.clear();
  }

  #entered(event: StateEvent): void {
    const { name, input } = event.state;
    const state = this.#states.get(name);
    const lane = this.#laneOf(event);
    this.#visits.set(visitKey(event), { lane, input, attempt: 'none', hasFailed: false });
    const details = { name, input: JSON.stringify(input), inputDetails: complete };
    this.#add(lane, `${state?.Type}StateEntered`, event.timestamp, { stateEnteredEventDetails: details });
    if (state?.Type !== 'Map') return;
    const length = itemsOf(state, input);
    this.#add(lane, 'MapStateStarted', event.timestamp, { mapStateStartedEventDetails: { length } });
  }

  #exited(event: StateEvent): void {
    const { name, output } = event.state;
    const state = this.#states.get(name);
    const lane = this.#laneOf(event);
    const visit = this.#visits.get(visitKey(event));
    this.#visits.delete(visitKey(event));
    if (state?.Type === 'Map' && visit?.hasFailed !== true) this.#add(lane, 'MapStateSucceeded', event.timestamp, {});
    const details = { name, output: JSON.stringify(output ?? null), outputDetails: complete };
    this.#add(lane, `${state?.Type}StateExited`, event.timestamp, { stateExitedEventDetails: details });
  }

  /** What becomes of it (another try, a catcher, the end) comes after. */
  #failed(event: Extract<ExecutionEvent, { readonly type: 'StateFailed' }>): void {
    const state = this.#states.get(event.state.name);
    const visit = this.#visits.get(visitKey(event));
    if (visit === undefined) return;
    visit.hasFailed = true;
    if (state?.Type === 'Map') this.#add(visit.lane, 'MapStateFailed', event.timestamp, {});
    if (state?.Type !== 'Task' || visit.attempt !== 'running') return;
    // The try has not ended: its time has.
    visit.attempt = 'ended';
    const end = { error: event.Error, cause: String(event.Cause ?? '') };
    this.#taskFailed(visit, resourceOf(state.Resource), end, event.timestamp);
  }

  #retried(event: StateEvent): void {
    const visit = this.#visits.get(visitKey(event));
    if (visit !== undefined) visit.attempt = 'none';
  }

  #taskFailed(visit: Visit, of: object, { error, cause }: { error: string; cause: string }, at: number): void {
    const type = error === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed';
    this.#add(visit.lane, type, at, { [`${lowerFirst(type)}EventDetails`]: { ...of, error, cause } });
  }

  #iteration({ type, timestamp, parentState: { name }, index }: MapEvent): void {
    const lane = laneOf(name, index);
    // Maps of this machine lie in no map.
    if (type === 'MapIterationStarted') this.#lastOf.set(lane, this.#lastOf.get(root)!);
    this.#add(lane, type, timestamp, { [`${lowerFirst(type)}EventDetails`]: { name, index } });
    if (type === 'MapIterationStarted') return;
    this.#lastOf.set(root, this.#lastOf.get(lane)!);
    this.#lastOf.delete(lane);
  }

  #laneOf({ state: { name }, index }: StateEvent): string {
    const map = this.#mapOf.get(name);
    return map === undefined || index === undefined ? root : laneOf(map, index);
  }

  /** Of the states of this name that wait for a try, the one with this input, if the try says; else the one that has waited longest. */
  #visitOf(name: string, payload: unknown): Visit | undefined {
    const waiting = [...this.#visits]
      .filter(([key, { attempt }]) => key.startsWith(`${name}/`) && attempt === 'none')
      .map(([, visit]) => visit);
    if (waiting.length < 2) return waiting[0];
    const text = JSON.stringify(payload);
    return waiting.find(({ input }) => JSON.stringify(input) === text) ?? waiting[0];
  }

  #add(lane: string, type: string, timestamp: number, details: HistoryEvent['details']): void {
    if (this.#isOver) return;
    const id = this.#events.length + 1;
    this.#events.push({ id, previousEventId: this.#lastOf.get(lane) ?? 0, type, timestamp, details });
    this.#lastOf.set(lane, id);
  }
}

type MapEvent = Extract<ExecutionEvent, { readonly parentState: unknown; readonly index: number }>;

const visitKey = ({ state: { name }, index }: StateEvent): string => `${name}/${index ?? ''}`;

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `arn:aws:states:::lambda:invoke` is `invoke` of `lambda`. */
function resourceOf(resource: string): { readonly resourceType: string; readonly resource: string } {
  // Of an action of the SDK the service is a part of the type: `aws-sdk:sfn`.
  const [, integration = ''] = resource.split(':::');
  const at = integration.lastIndexOf(':');
  return { resourceType: integration.slice(0, at), resource: integration.slice(at + 1) };
}

const inner = (machine: Machine): readonly (readonly [string, MapState])[] =>
  Object.entries(machine.States).flatMap(([name, state]) => (state.Type === 'Map' ? [[name, state] as const] : []));

const statesOf = (machine: Machine): ReadonlyMap<string, State> =>
  new Map([
    ...Object.entries(machine.States),
    ...inner(machine).flatMap(([, { ItemProcessor }]) => [...statesOf(ItemProcessor)]),
  ]);

const mapsOf = (machine: Machine): ReadonlyMap<string, string> =>
  new Map(
    inner(machine).flatMap(([map, { ItemProcessor }]) => Object.keys(ItemProcessor.States).map((name) => [name, map])),
  );

/** Of `$.a.b`, the only form of path that the machine has for this. */
function itemsOf({ ItemsPath }: MapState, input: unknown): number {
  const steps = ItemsPath.split('.').slice(1);
  const items = steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], input);
  return Array.isArray(items) ? items.length : 0;
}
