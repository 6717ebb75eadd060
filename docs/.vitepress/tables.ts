/** Tables whose first column needs no title: an empty header is none, and a screen reader would announce it. */

/** Of Markdown that has been taken apart. */
type Token = { readonly type: string; readonly content: string; tag: string };

export function dropEmptyHeaders(tokens: readonly Token[]): void {
  for (const [at, open] of tokens.entries()) {
    const [inside, close] = [tokens[at + 1], tokens[at + 2]];
    if (open.type !== 'th_open' || inside?.content.trim() !== '' || close?.type !== 'th_close') continue;
    open.tag = 'td';
    close.tag = 'td';
  }
}
