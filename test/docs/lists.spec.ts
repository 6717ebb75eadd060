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

test('the protocol has a row for each invariant, with files that enforce or show it', () => {
  const rows = tableIn(section(readDocument('docs/protocol.md'), '## Invariants'));
  const upTo = (letter: string, last: number) => Array.from({ length: last }, (_, at) => `${letter}${at + 1}`);
  const names = [...upTo('S', 11), ...upTo('R', 5), ...upTo('M', 1), ...upTo('W', 3), ...upTo('P', 1), ...upTo('L', 3)];
  expect(rows.map(([name]) => name)).toEqual(names);
  // Links.spec holds that they exist.
  const loose = rows.filter((row) => !row.some((cell) => /`[\w-]+\/[^`]+\.ts`/.test(cell)) && row[0] !== 'R5');
  expect(loose).toEqual([]);
  const checked = readDocument('test/support/invariants.ts').matchAll(/hold\('([A-Z]\d+)'/g);
  expect(names).toEqual(expect.arrayContaining([...checked].map(([, name]) => name)));
});

test('the three words of the guarantee stand in README', () => {
  expect(readme).toContain(
    'State exactly once; sink at least once with identities, once for a reader that drops duplicates.',
  );
  expect(readme).toContain('not yet run on AWS by its authors');
});
