/** docs/operations.md#limits names each limit that reports warn of, and how much there can be. */
import { expect, test } from 'vitest';
import { mostItemBytes } from '../../functions/adapters/dynamodb/item-size.ts';
import { limits, nearShare } from '../../functions/core/limits-near.ts';
import { fatalErrorNames } from '../../functions/pipeline/errors.ts';
import { mostKeyGroups, mostPairs, mostTasks } from '../../functions/pipeline/scale.ts';
import { readDocument, section, tableIn } from './documents.ts';

const text = section(readDocument('docs/operations.md'), '## Limits');
const rows = tableIn(text);
const number = (cell: string): number => Number(cell.replaceAll(/[,a-z ]/g, ''));

test('the table of limits has each that is warned of, with its most', () => {
  const named = rows.filter(([limit]) => limit !== '–');
  expect(named.filter(([, , most]) => most === 'its `memorySize`').map(([limit]) => limit)).toEqual([
    '`reducer-memory`',
  ]);
  const told = named
    .filter(([, , most]) => most !== 'its `memorySize`')
    .map(([limit, , most]) => [limit!.replaceAll('`', ''), number(most!)]);
  expect(Object.fromEntries(told)).toEqual(limits);
  expect(text).toContain(`From ${nearShare * 100} % of a limit`);
});

test('it has what is refused without a warning, by the names of errors that there are', () => {
  const others = rows.filter(([limit]) => limit === '–');
  expect(others.slice(0, 4).map(([, , most]) => number(most!))).toEqual([
    mostItemBytes,
    mostTasks,
    mostKeyGroups,
    mostPairs,
  ]);
  for (const [, , , atIt] of others) {
    const [, name] = /`(\w+)`/.exec(atIt!)!;
    expect(fatalErrorNames).toContain(name);
  }
});
