/** Links from what a page names in code to the reference: the first time that it does. */

/** Of Markdown that has been taken apart. */
type Token = { readonly type: string; readonly content: string; readonly children: Token[] | null };
type NewToken = { attrs: [string, string][] | null };
type Making = { new (type: string, tag: string, nesting: -1 | 0 | 1): NewToken };

/** Pages that show the APIs of others, which have names of ours. */
const showOthers = /\/(migrating-|from-|comparison|semantics)|^CHANGELOG/;

export function linkNames(
  tokens: readonly Token[],
  page: string,
  { addresses, Token }: { readonly addresses: ReadonlyMap<string, string>; readonly Token: Making },
): void {
  if (showOthers.test(page)) return;
  const linked = new Set<string>();
  let isHeading = false;
  for (const { type, children } of tokens) {
    if (type === 'heading_open' || type === 'heading_close') isHeading = type === 'heading_open';
    if (children === null || isHeading) continue;
    let isLink = false;
    const made = children.flatMap((child): unknown[] => {
      if (child.type === 'link_open' || child.type === 'link_close') isLink = child.type === 'link_open';
      const isCode = child.type === 'code_inline' && !isLink;
      const found = isCode ? namesIn(child.content).flatMap((name) => addresses.get(name) ?? []) : [];
      // On the page itself it would lead to where one is.
      const address = found.find((each) => !linked.has(each) && !each.startsWith(`/${page}#`));
      if (address === undefined) return [child];
      linked.add(address);
      const open = new Token('link_open', 'a', 1);
      open.attrs = [['href', address]];
      return [open, child, new Token('link_close', 'a', -1)];
    });
    children.splice(0, children.length, ...(made as Token[]));
  }
}

/** Calls, the outer one first, or a name that is no plain word: `count` alone may be a column. */
export function namesIn(code: string): readonly string[] {
  const [name] = /^[A-Z]\w+$|^[a-z]+[A-Z]\w*$/.exec(code) ?? [];
  return name === undefined ? [...code.matchAll(/(\.?\w+)\(/g)].map(([, called]) => called!) : [name];
}
