/** docs/reference/what-lies-where.md has every kind of item that the protocol has, and no other. */
import { expect, test } from 'vitest';
import { readDocument, section, tableIn } from './documents.ts';

const names = (document: string, heading: string): readonly string[] => {
  return tableIn(section(readDocument(document), heading)).map(([name = '']) => name);
};

test('every kind of item is there once', () => {
  const told = names('docs/reference/what-lies-where.md', '## In the table').flatMap((cell) =>
    cell
      .replaceAll('◆', '')
      .split(',')
      .map((name) => name.trim()),
  );
  expect(told.toSorted()).toEqual(names('docs/protocol.md', '## Items').toSorted());
});
