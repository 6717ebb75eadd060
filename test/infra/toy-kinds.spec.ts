/** A pipeline with kinds that Sluice does not have is deployed like any other. */
import { expect, test } from 'vitest';
import { resources, synthesise } from './stack.ts';

test('kinds travel with the pipeline file', () => {
  const { template, pipeline } = synthesise({ pipeline: 'test/toys/toy-pipeline.ts' });
  expect(pipeline.pipelineName).toBe('toys');
  expect(resources(template, 'AWS::Lambda::Function')).toHaveLength(5);
});
