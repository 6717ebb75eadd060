/** What the site makes of docs/index.md, and of links that lead to no page. */

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

/** Of Markdown that has been taken apart. */
type Token = { type: string; content: string; tag: string; nesting: number; attrGet(name: string): string | null };

/** What they say stays. */
export function dropLinksToSources(tokens: readonly object[]): void {
  let isInSource = false;
  for (const token of tokens as readonly Token[]) {
    if (token.type === 'link_open') isInSource = isSource(token.attrGet('href') ?? '');
    if (!isInSource || !token.type.startsWith('link_')) continue;
    if (token.type === 'link_close') isInSource = false;
    Object.assign(token, { type: 'text', content: '', tag: '', nesting: 0 });
  }
}
