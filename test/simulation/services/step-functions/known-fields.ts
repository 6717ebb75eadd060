/** A definition may use what is simulated, and nothing else: a field that is passed over would be a silent difference. */
import {
  type ChoiceRule,
  type Definition,
  graphProblems,
  type Machine,
  type State,
} from '../../../../state-machine/asl.ts';
import { notSimulated } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { checkPath, checkResultPath } from './paths.ts';
import { checkTemplate } from './templates.ts';

const flow = ['Type', 'Comment', 'Next', 'End'];
const fields: Readonly<Record<State['Type'], readonly string[]>> = {
  Pass: [...flow, 'Parameters', 'Result', 'ResultPath', 'OutputPath'],
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

const templates = ['Parameters', 'ItemSelector', 'ResultSelector'];
const paths = ['ItemsPath', 'OutputPath', 'TimestampPath', 'ErrorPath', 'CausePath'];

const checked = new WeakSet<Definition>();

export function checkDefinition(definition: Definition): void {
  if (checked.has(definition)) return;
  checkNames('the definition', definition, ['Comment', 'StartAt', 'States', 'TimeoutSeconds']);
  const problems = graphProblems(definition);
  if (problems.length > 0) throw new Error(`the definition is refused: ${problems.join('; ')}`);
  checkStates(definition);
  checked.add(definition);
}

function checkStates({ States }: Machine): void {
  for (const [name, state] of Object.entries(States)) {
    const known = fields[state.Type];
    if (known === undefined) throw notSimulated(`the state type ${state.Type}`);
    checkNames(name, state, known);
    checkExpressions(state);
    if (state.Type === 'Choice') for (const choice of state.Choices) checkRule(name, choice);
    if (state.Type === 'Task') for (const one of state.Retry ?? []) checkNames(name, one, retrier);
    if (state.Type === 'Task' || state.Type === 'Map') {
      for (const one of state.Catch ?? []) {
        checkNames(name, one, catcher);
        if (one.ResultPath !== null) checkResultPath(one.ResultPath);
      }
    }
    if (state.Type === 'Map') {
      checkNames(name, state.ItemProcessor, ['ProcessorConfig', 'StartAt', 'States']);
      const { Mode } = state.ItemProcessor.ProcessorConfig;
      if (Mode !== 'INLINE') throw notSimulated(`maps in the mode ${Mode}`);
      checkStates(state.ItemProcessor);
    }
  }
}

function checkExpressions(state: State): void {
  for (const [field, value] of Object.entries(state) as (readonly [string, Json | undefined])[]) {
    if (value === undefined) continue;
    if (templates.includes(field)) checkTemplate(value as JsonObject);
    if (paths.includes(field)) checkPath(value as string);
    if (field === 'ResultPath' && (value !== null || state.Type === 'Pass')) checkResultPath(value as string);
  }
}

function checkRule(where: string, choice: ChoiceRule): void {
  checkNames(where, choice, rule);
  checkPath(choice.Variable);
  if ((choice.StringEquals === undefined) === (choice.BooleanEquals === undefined)) {
    throw notSimulated(`a rule of ${where} with anything but one comparison`);
  }
}

function checkNames(where: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value)) if (!known.includes(name)) throw notSimulated(`${name} in ${where}`);
}
