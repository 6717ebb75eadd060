/** The site is built by `.ci/run`, apart; here is what it makes of the list of pages. */
import { expect, test } from 'vitest';
import { accessibleSearch } from '../../docs/.vitepress/accessible-search.ts';
import { wrongLinks } from '../../docs/.vitepress/links.ts';
import { anchorOf, homeLink, isSource, sectionsOf } from '../../docs/.vitepress/navigation.ts';
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

test.each([
  ['../README.md', 'docs/tutorial.md', '/index.md'],
  ['../../README.md#a-pipeline', 'docs/guides/windows.md', '/index.md#a-pipeline'],
  ['../README.md', 'docs/guides/windows.md', '../README.md'],
  ['README.md', 'events/index.md', 'README.md'],
  ['#rows', 'docs/tutorial.md', '#rows'],
  ['https://aws.amazon.com/README.md', 'docs/tutorial.md', 'https://aws.amazon.com/README.md'],
])('%s of %s leads to %s', (href, page, expected) => {
  expect(homeLink(href, page)).toBe(expected);
});

test('the anchor of a heading is that of GitHub', () => {
  expect(anchorOf('Why 10,000 records')).toBe('why-10000-records');
  expect(anchorOf('`ROWTIME` and `APPROXIMATE_ARRIVAL_TIME`')).toBe('rowtime-and-approximate_arrival_time');
  expect(anchorOf('2026-11-28: State is segments')).toBe('2026-11-28-state-is-segments');
});

test('of the site as it was built, what leads nowhere or asks another server is wrong', () => {
  const link = (target: string): string => `<p><a class="x" href="${target}">there</a></p>`;
  const wrongIn = (html: string): readonly string[] =>
    wrongLinks(
      [
        { path: '/docs/cost.html', html },
        { path: '/docs/index.html', html: '<h2 id="all-&amp;-more">' },
      ],
      new Set(['/assets/app.js']),
    );
  const right = ['./', '/docs/index', 'index.html#all-&amp;-more', '/docs/#all-%26-more', 'https://aws.amazon.com/'];
  expect(wrongIn(right.map(link).join('\n') + '<script src="/assets/app.js"></script>')).toEqual([]);
  expect(wrongIn('<link rel="icon" href="data:image/svg+xml,x">')).toEqual([]);
  expect(wrongIn(link('costs.html'))).toEqual(['/docs/cost.html: costs.html leads to no page']);
  expect(wrongIn(link('/docs/#less'))).toEqual([
    '/docs/cost.html: /docs/#less leads to no heading of /docs/index.html',
  ]);
  expect(wrongIn('<h2 id="a">' + link('#b'))).toEqual(['/docs/cost.html: #b leads to no heading of /docs/cost.html']);
  expect(wrongIn('<img alt="" src="https://example.com/a.png">')).toEqual([
    '/docs/cost.html: https://example.com/a.png asks another server, by <img>',
  ]);
});

test('what mends the search refuses a theme in which its place is gone', () => {
  const button = '<button><kbd class="DocSearch-Button-Key">K</kbd></button>';
  expect(accessibleSearch.transform(button, '/theme/VPNavBarSearchButton.vue')).toBe(
    '<button><kbd class="DocSearch-Button-Key"></kbd></button>',
  );
  expect(accessibleSearch.transform(button, '/theme/VPButton.vue')).toBeUndefined();
  expect(() => accessibleSearch.transform('<button/>', '/theme/VPNavBarSearchButton.vue')).toThrow(
    '/theme/VPNavBarSearchButton.vue has no longer: <kbd',
  );
});
