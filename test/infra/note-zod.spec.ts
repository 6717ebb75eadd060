/** Who brings all of zod is told, by the synthesis, what else there is. */
import { expect, test } from 'vitest';
import { synthesise } from './stack.ts';

const notes = (pipeline: string): readonly string[] =>
  synthesise({ pipeline })
    .pipeline.node.metadata.map(({ data }) => String(data))
    .filter((text) => text.includes('zod'));

test('zod as one object is noted, with the import that leaves out what is not used', () => {
  expect(notes('test/infra/pipelines/whole-zod.ts')).toEqual([expect.stringContaining("import * as z from 'zod'")]);
});

test('zod as a list of names is not', () => {
  expect(notes('test/infra/pipelines/aggregate.ts')).toEqual([]);
});
