/**
 * The definition as the interpreter gets it: the real one, but for its Wait states.
 *
 * The interpreter hands a time that has passed to `setTimeout` as a negative number, and Node prints a warning on stderr.
 * So a Wait becomes a task that waits here and changes nothing. In events it shows as a Task.
 */
import type { Definition, Machine, State, WaitState } from '../../state-machine/asl.ts';

/** Of a task that stands for a Wait; its handler gets `{ until }`. */
export const waitResource = 'arn:aws:states:::sluice:wait';
/** The interpreter's longest timeout, 23 days: `setTimeout` can't count further. */
const longestTimeoutSeconds = 2_000_000;

export function waitLocally<M extends Definition | Machine>(machine: M): M {
  const states = Object.entries(machine.States).map(([name, state]) => [name, localState(state)] as const);
  return { ...machine, States: Object.fromEntries(states) };
}

function localState(state: State): State {
  if (state.Type === 'Map') return { ...state, ItemProcessor: waitLocally(state.ItemProcessor) };
  return state.Type === 'Wait' ? waitTask(state) : state;
}

function waitTask({ TimestampPath, ...state }: WaitState): State {
  return {
    ...state,
    Type: 'Task',
    Resource: waitResource,
    Parameters: { 'until.$': TimestampPath },
    ResultPath: null,
    TimeoutSeconds: longestTimeoutSeconds,
  };
}
