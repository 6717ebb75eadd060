/** The site is built by `.ci/run`, apart; here is what it makes of the list of pages. */
import { describe, expect, test } from 'vitest';
import { accessibleSearch } from '../../docs/.vitepress/accessible-search.ts';
import { linkNames, namesIn } from '../../docs/.vitepress/api/name-links.ts';
import { wrongLinks } from '../../docs/.vitepress/links.ts';
import { anchorOf, homeLink, isSource, sectionsOf } from '../../docs/.vitepress/navigation.ts';
import { dropEmptyHeaders } from '../../docs/.vitepress/tables.ts';
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

test('a header of a table that says nothing is a cell', () => {
  const row = (...texts: string[]) =>
    texts.flatMap((content) => [
      { type: 'th_open', content: '', tag: 'th' },
      { type: 'inline', content, tag: '' },
      { type: 'th_close', content: '', tag: 'th' },
    ]);
  const tokens = row(' ', 'Here');
  dropEmptyHeaders(tokens);
  expect(tokens.map(({ tag }) => tag)).toEqual(['td', '', 'td', 'th', '', 'th']);
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

describe('names in code', () => {
  test.each([
    ['tumbling(size)', ['tumbling']],
    ['window(sliding(size, every))', ['window', 'sliding']],
    ['.groupBy({ origin })', ['.groupBy']],
    ['countDistinct', ['countDistinct']],
    ['EventMeta', ['EventMeta']],
    ['count', []],
    ['npm run docs', []],
  ])('of %s are %j', (code, expected) => {
    expect(namesIn(code)).toEqual(expected);
  });

  class Token {
    readonly type: string;
    readonly content: string;
    attrs: [string, string][] | null = null;
    readonly children = null;
    /** The second is a tag's name where a token is made of it. */
    constructor(type: string, content: string, nesting?: number) {
      this.type = type;
      this.content = nesting === undefined ? content : '';
    }
  }
  const addresses = new Map([
    ['window', '/docs/api/chain.md#GroupedStage-window'],
    ['sliding', '/docs/api/windows.md#sliding'],
  ]);
  const shown = (tokens: readonly Token[], page = 'docs/guides/windows.md', before = 'paragraph_open'): string => {
    const inline = { type: 'inline', content: '', children: [...tokens] };
    linkNames([{ type: before, content: '', children: null }, inline], page, { addresses, Token });
    return inline.children.map(({ type, content, attrs }) => attrs?.[0]?.[1] ?? (content || type)).join(' ');
  };
  const code = (content: string): Token => new Token('code_inline', content);

  test('lead to the reference once, the outer call before the inner one', () => {
    expect(shown([code('window(sliding(a))'), code('window(sliding(b))'), code('sliding(c)')])).toBe(
      '/docs/api/chain.md#GroupedStage-window window(sliding(a)) link_close /docs/api/windows.md#sliding window(sliding(b)) link_close sliding(c)',
    );
  });

  test('lead nowhere from headings, from links, from their own page, and where others have the same names', () => {
    expect(shown([code('sliding()')], 'docs/guides/windows.md', 'heading_open')).toBe('sliding()');
    const link = [new Token('link_open', ''), code('sliding()'), new Token('link_close', '')];
    expect(shown(link)).toBe('link_open sliding() link_close');
    expect(shown([code('sliding()')], 'docs/api/windows.md')).toBe('sliding()');
    expect(shown([code('window(x)')], 'docs/migrating-from-spark.md')).toBe('window(x)');
  });
});
