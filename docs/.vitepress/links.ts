/** What is wrong with the site as it was built: links and anchors that lead nowhere, and what would ask another server. */

/** Of a page: its path from the root of the site, such as `/docs/cost.html`. */
export type BuiltPage = { readonly path: string; readonly html: string };

/** `files` are the paths of all that lies beside the pages. */
export function wrongLinks(pages: readonly BuiltPage[], files: ReadonlySet<string>): readonly string[] {
  const anchors = new Map(pages.map(({ path, html }) => [path, anchorsOf(html)]));
  return pages.flatMap(({ path, html }) =>
    linksOf(html).flatMap((link) => {
      const address = new URL(link.target, `${here}${path}`);
      if (address.protocol === 'data:') return [];
      const objection = address.origin === here ? leadsNowhere(address, anchors, files) : asksAnother(link.tag);
      return objection === undefined ? [] : [`${path}: ${link.target} ${objection}`];
    }),
  );
}

/** Stands for the address at which the site will lie. */
const here = 'https://site.invalid';

function leadsNowhere(
  { pathname, hash }: URL,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
  files: ReadonlySet<string>,
): string | undefined {
  const file = fileOf(decodeURIComponent(pathname), anchors);
  const known = anchors.get(file);
  if (known === undefined) return files.has(file) ? undefined : 'leads to no page';
  const anchor = decodeURIComponent(hash.slice(1));
  return anchor === '' || known.has(anchor) ? undefined : `leads to no heading of ${file}`;
}

/** As a static server finds it. */
function fileOf(path: string, pages: ReadonlyMap<string, unknown>): string {
  if (path.endsWith('/')) return `${path}index.html`;
  return pages.has(`${path}.html`) ? `${path}.html` : path;
}

/** A browser follows a link when somebody wants it to, and loads the rest of its own accord. */
const asksAnother = (tag: string): string | undefined => (tag === 'a' ? undefined : `asks another server, by <${tag}>`);

const plain = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

const anchorsOf = (html: string): ReadonlySet<string> =>
  new Set([...html.matchAll(/<[a-z][^<>]*?\sid="([^"]+)"/g)].map(([, id]) => plain(id!)));

function linksOf(html: string): { readonly tag: string; readonly target: string }[] {
  const found = html.matchAll(/<(a|link|script|img|iframe|source|video|audio)\b[^<>]*?\s(?:href|src)="([^"]*)"/g);
  return [...found].map(([, tag, target]) => ({ tag: tag!, target: plain(target!) }));
}
