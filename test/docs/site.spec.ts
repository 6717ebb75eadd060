/** The site is built by `.ci/run`, apart; here is what it makes of the list of pages. */
import { expect, test } from 'vitest';
import { isSource, sectionsOf } from '../../docs/.vitepress/navigation.ts';
import { readDocument } from './documents.ts';

test('each heading of the list of pages is a section of the navigation, each link a page of it', () => {
  expect(
    sectionsOf('# All\n\n## Guides\n\n- [Windows](guides/windows.md): how\n\n## Of code\n\n- [C](../C.md)\n'),
  ).toEqual([
    { text: 'Guides', items: [{ text: 'Windows', link: '/docs/guides/windows' }] },
    { text: 'Of code', items: [{ text: 'C', link: '/C' }] },
  ]);
  const list = readDocument('docs/index.md');
  const links = sectionsOf(list).flatMap(({ items }) => items);
  expect(links).toHaveLength([...list.matchAll(/^- \[/gm)].length);
  expect(links.length).toBeGreaterThan(40);
});

test.each([
  ['../functions/core/turn.ts', true],
  ['../examples/', true],
  ['guides/windows.md', false],
  ['guides/windows.md#rows', false],
  ['#rows', false],
  ['https://aws.amazon.com/', false],
])('%s leads to a file that is no page: %s', (href, expected) => {
  expect(isSource(href)).toBe(expected);
});
