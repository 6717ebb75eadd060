/** A definition may use what is simulated, and nothing else: a field that is passed over would be a silent difference. */
import type { Definition, Machine, State } from '../../../../state-machine/asl.ts';
import { notSimulated } from './errors.ts';

const flow = ['Type', 'Comment', 'Next', 'End'];
const fields: Readonly<Record<State['Type'], readonly string[]>> = {
  Pass: [...flow, 'Parameters', 'Result', 'ResultPath'],
  Task: [
    ...flow,
    ...['Resource', 'Parameters', 'ResultSelector', 'ResultPath', 'OutputPath', 'TimeoutSeconds', 'Retry', 'Catch'],
  ],
  Map: [
    ...flow,
    ...['ItemsPath', 'ItemSelector', 'MaxConcurrency', 'ItemProcessor', 'ResultSelector', 'ResultPath', 'Catch'],
  ],
  Choice: ['Type', 'Comment', 'Choices', 'Default'],
  Wait: [...flow, 'TimestampPath'],
  Succeed: ['Type', 'Comment'],
  Fail: ['Type', 'Comment', 'ErrorPath', 'CausePath'],
};
const retrier = [
  ...['Comment', 'ErrorEquals', 'MaxAttempts', 'IntervalSeconds', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'],
];
const catcher = ['Comment', 'ErrorEquals', 'ResultPath', 'Next'];
const rule = ['Comment', 'Variable', 'StringEquals', 'BooleanEquals', 'Next'];

const checked = new WeakSet<Definition>();

export function checkDefinition(definition: Definition): void {
  if (checked.has(definition)) return;
  checkNames('the definition', definition, ['Comment', 'StartAt', 'States', 'TimeoutSeconds']);
  checkStates(definition);
  checked.add(definition);
}

function checkStates({ States }: Machine): void {
  for (const [name, state] of Object.entries(States)) {
    const known = fields[state.Type];
    if (known === undefined) throw notSimulated(`the state type ${state.Type}`);
    checkNames(name, state, known);
    if (state.Type === 'Choice') for (const choice of state.Choices) checkNames(name, choice, rule);
    if (state.Type === 'Task') for (const one of state.Retry ?? []) checkNames(name, one, retrier);
    if (state.Type === 'Task' || state.Type === 'Map') {
      for (const one of state.Catch ?? []) checkNames(name, one, catcher);
    }
    if (state.Type === 'Map') {
      checkNames(name, state.ItemProcessor, ['ProcessorConfig', 'StartAt', 'States']);
      checkStates(state.ItemProcessor);
    }
  }
}

function checkNames(where: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value)) if (!known.includes(name)) throw notSimulated(`${name} in ${where}`);
}
