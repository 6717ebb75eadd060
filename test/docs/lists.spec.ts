/** Lists and numbers in the documents that the code knows better. */
import { expect, test } from 'vitest';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import { deadLetterReasons } from '../../functions/core/dead-letter.ts';
import * as language from '../../functions/index.ts';
import { exitCodes } from '../../local/local-problem.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';
import { placeholders } from '../../state-machine/render.ts';
import { codeIn, fieldsOf, literalsOf, readDocument, section, tableIn } from './documents.ts';

const readme = readDocument('README.md');
const operations = readDocument('docs/operations.md');
const errors = readDocument('docs/reference/errors.md');

test('the page of errors says what each reason of a dead letter means, and what to do', () => {
  const told = section(errors, '## Reasons of dead letters')
    .split(/^- /m)
    .slice(1)
    .map((item) => ({ reasons: codeIn(item.split(':')[0]!), says: item.includes('**Do:**') }));
  expect(told.flatMap(({ reasons }) => reasons).toSorted()).toEqual([...deadLetterReasons].toSorted());
  expect(told.filter(({ says }) => !says)).toEqual([]);
});

test('the page of errors has the exit codes of the command', () => {
  const told = [...section(errors, '## Exit codes of `sluice`').matchAll(/^- \*\*(\d+)\*\*/gm)].map(([, code]) =>
    Number(code),
  );
  expect(told).toEqual([0, ...Object.values(exitCodes)]);
});

test('the page of reports has the states and figures of a shard and of an executor', () => {
  const reports = readDocument('docs/reference/reports.md');
  const report = readDocument('functions/core/shard-progress.ts');
  const shard = section(reports, '## Shards');
  const states = [...shard.matchAll(/^- \*\*`([\w-]+)`\*\*/gm)].map(([, state]) => state!);
  expect(states.toSorted()).toEqual(literalsOf(report, 'ShardState').toSorted());
  for (const field of fieldsOf(report, 'ShardProgress').filter((name) => name !== 'shardId'))
    expect(codeIn(shard), field).toContain(field);
  expect(codeIn(section(reports, '## Executors'))).toContain('workMs');
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

test('the page of the pipeline names all that the package exports, and every step of the chain', () => {
  const page = codeIn(readDocument('docs/reference/pipeline.md')).join(' ');
  const stages = readDocument('functions/pipeline/stages.ts').matchAll(/^ {2}readonly (\w+): (?:\{$|<|\()/gm);
  const steps = [...stages].map(([, step]) => step!);
  expect(steps).toContain('groupBy');
  for (const name of [...Object.keys(language), ...steps]) expect(page).toMatch(new RegExp(`\\b${name}\\b`));
});

test('the page of aggregates says of each what it gives, and what others call it', () => {
  const rows = tableIn(readDocument('docs/reference/aggregates.md'));
  const told = rows.flatMap(([name]) => codeIn(name!).map((code) => code.split('(')[0]!));
  const kinds = aggregateKinds.all.map(({ kind }) => kind).filter((kind) => kind !== 'custom');
  expect(told).toEqual(expect.arrayContaining(kinds));
});

test('the three words of the guarantee stand in README', () => {
  expect(readme).toContain(
    'State exactly once; sink at least once with identities, once for a reader that drops duplicates.',
  );
  expect(readme).toContain('not yet run on AWS by its authors');
});
