/** What a deployed function takes from its environment. */
import { expect, it } from 'vitest';
import { bytes, kinesis, pipeline } from '../../functions/pipeline/index.ts';
import { defaultReadBudgetBytes, runtimeFromEnvironment } from '../../functions/steps/runtime.ts';

const definition = pipeline('environment')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }));
const log = { info: () => {}, warn: () => {} };
const budgetOf = (memory: string | undefined) =>
  runtimeFromEnvironment(
    definition,
    { SLUICE_TABLE: 'table', AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory },
    log,
  ).readBudgetBytes;

it('pages may fill a sixteenth of the memory of the function', () => {
  expect(budgetOf('1769')).toBe(defaultReadBudgetBytes);
  expect(Math.floor(defaultReadBudgetBytes / 10_485_760)).toBe(11);
  expect(budgetOf('3538')).toBe(2 * defaultReadBudgetBytes);
});

it('without a memory that is known, as much as in a function of the default size', () => {
  expect(budgetOf(undefined)).toBeUndefined();
  expect(budgetOf('much')).toBeUndefined();
});

it('without a table nothing is made', () => {
  expect(() => runtimeFromEnvironment(definition, {}, log)).toThrow('SLUICE_TABLE');
});
