/** What the site makes of docs/index.md, of headings, and of links that lead to no page or to its first one. */
import path from 'node:path';

export type Section = { readonly text: string; readonly items: { readonly text: string; readonly link: string }[] };

/** Headings are sections, links in lists are pages. */
export function sectionsOf(list: string): Section[] {
  const [, ...parts] = list.split(/^## /m);
  return parts.map((part) => {
    const [text = '', ...lines] = part.split('\n');
    const items = lines.flatMap((line) => {
      const [, title, target] = /^- \[([^\]]+)\]\(([^)]+)\)/.exec(line) ?? [];
      return title === undefined || target === undefined ? [] : [{ text: title, link: linkOf(target) }];
    });
    return { text, items };
  });
}

/** Beside docs/ there are pages, too. */
function linkOf(target: string): string {
  const page = target.replace(/\.md$/, '');
  return page.startsWith('../') ? page.slice(2) : `/docs/${page}`;
}

/** A file of the repository that is no page. */
export const isSource = (href: string): boolean =>
  href !== '' && !/^[a-z]+:/i.test(href) && !href.startsWith('#') && !/\.md(#|$)/.test(href);

/** The anchor of a heading, as GitHub makes it: links are right in both places. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

/** README is the first page: what leads to it from `page` leads there. */
export function homeLink(href: string, page: string): string {
  const [file = '', anchor] = href.split('#');
  if (file === '' || path.posix.join(path.posix.dirname(page), file) !== 'README.md') return href;
  return anchor === undefined ? '/index.md' : `/index.md#${anchor}`;
}

/** Of Markdown that has been taken apart. */
type Token = { type: string; content: string; tag: string; nesting: number; attrs: [string, string][] | null };

/** What links to sources say stays. */
export function rewriteLinks(tokens: readonly object[], page: string): void {
  let isInSource = false;
  for (const token of tokens as readonly Token[]) {
    const href = token.type === 'link_open' ? token.attrs?.find(([name]) => name === 'href') : undefined;
    if (href !== undefined) {
      isInSource = isSource(href[1]);
      href[1] = homeLink(href[1], page);
    }
    if (!isInSource || !token.type.startsWith('link_')) continue;
    if (token.type === 'link_close') isInSource = false;
    Object.assign(token, { type: 'text', content: '', tag: '', nesting: 0 });
  }
}
