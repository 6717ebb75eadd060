/** Lists and numbers in the documents that the code knows better. */
import { expect, test } from 'vitest';
import { fatalErrorNames } from '../../functions/core/errors.ts';
import { deadLetterReasons } from '../../functions/core/evaluate-event.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';
import { placeholders } from '../../state-machine/render.ts';
import { codeIn, readDocument, section, tableIn } from './documents.ts';

const readme = readDocument('README.md');
const operations = readDocument('docs/operations.md');

test('README lists the reasons of dead letters', () => {
  const told = codeIn(section(readme, '## Malformed and late events')).filter((code) =>
    /^[a-z0-9]+-[a-z0-9-]+$/.test(code),
  );
  expect(told.toSorted()).toEqual([...deadLetterReasons].toSorted());
});

test('operations says what to do about each error that stops a pipeline', () => {
  const told = tableIn(section(operations, '## Errors that stop a pipeline')).map(([name]) =>
    name!.replaceAll('`', ''),
  );
  expect(told.toSorted()).toEqual([...fatalErrorNames].toSorted());
});

test('operations has the spans of the machine', () => {
  const { timing } = microBatch({ functions: placeholders, type: 'EXPRESS' });
  const told = tableIn(section(operations, '## The lease, and how long healing takes'));
  expect(told.map(([, seconds]) => Number.parseInt(seconds!, 10))).toEqual([
    timing.planToSealSeconds + timing.commitToPlanSeconds,
    timing.sealToCommitSeconds,
    timing.commitToPlanSeconds,
  ]);
});

test('the three words of the guarantee stand in README', () => {
  expect(readme).toContain(
    'State exactly once; sink at least once with identities, once for a reader that drops duplicates.',
  );
  expect(readme).toContain('not yet run on AWS by its authors');
});
