import { expect, it } from 'vitest';
import { bytes, checkPipeline, kinesis, pipeline } from '../../functions/index.ts';

const problemsOf = (options: { readonly maxTasks: number; readonly parallelism: number }): readonly string[] => {
  const definition = pipeline('wide', options)
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out' }));
  const checked = checkPipeline(definition);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};

it.each([
  { maxTasks: 1_600, parallelism: 10 },
  { maxTasks: 400, parallelism: 40 },
  { maxTasks: 40, parallelism: 400 },
])('allows $maxTasks executors with $parallelism key groups', (options) => {
  expect(problemsOf(options)).toEqual([]);
});

it('refuses more of both together than a batch may name, with what may be', () => {
  expect(problemsOf({ maxTasks: 400, parallelism: 41 })).toEqual([
    'options.maxTasks: 400 is not allowed; use at most 390 with a parallelism of 41, since `maxTasks` times `parallelism` may be 16,000',
  ]);
});
