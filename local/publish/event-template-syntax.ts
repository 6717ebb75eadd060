/**
 * How placeholders are written: `{{module.method}}` or `{{module.method(arguments)}}`, with space and line breaks where
 * they do not matter.
 *
 * Arguments are JSON values with commas between them. One that is not JSON is taken as a string without quotes, as in
 * the generator (`{{date.now(YYYY-MM-DD)}}`), unless it starts like JSON: then it is a mistake.
 *
 * The generator looks for the first `}}` and the first `)`, so that neither may stand inside an argument. Here they may.
 */
export type TemplatePiece = { readonly offset: number; readonly text: string } & (
  | { readonly kind: 'text' }
  | { readonly kind: 'placeholder'; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'broken'; readonly reason: string }
);

/** Cuts a template into pieces, without the space around it. Never throws: what cannot be read is a `broken` piece. */
export function scanPlaceholders(template: string): readonly TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  const end = template.trimEnd().length;
  let at = template.length - template.trimStart().length;
  while (at < end) {
    const found = template.indexOf('{{', at);
    const start = found === -1 ? end : found;
    if (start > at) pieces.push({ kind: 'text', offset: at, text: template.slice(at, start) });
    if (start === end) break;
    const piece = scanPlaceholder(template, start);
    pieces.push(piece);
    at = start + piece.text.length;
  }
  return pieces;
}

function scanPlaceholder(template: string, offset: number): TemplatePiece {
  const broken = (reason: string): TemplatePiece => {
    const close = template.indexOf('}}', offset);
    return { kind: 'broken', offset, text: template.slice(offset, close === -1 ? undefined : close + 2), reason };
  };
  const name = matchAt(/\s*([A-Za-z]\w*\.[A-Za-z]\w*)\s*/y, template, offset + 2);
  if (name === undefined)
    return broken('a placeholder is a name like {{random.number}}, with arguments in parentheses');

  let at = name.end;
  let args: readonly unknown[] = [];
  if (template[at] === '(') {
    const close = closingParenthesis(template, at);
    if (close === undefined) return broken('a parenthesis or a quote is not closed');
    const parsed = parseArguments(template.slice(at + 1, close));
    if (parsed === undefined) return broken('its argument is not JSON; strings and names stand in double quotes');
    args = parsed;
    at = close + 1;
  }
  const closed = matchAt(/\s*(\}\})/y, template, at);
  if (closed === undefined) return broken('after the name or the parenthesis comes }}');
  return { kind: 'placeholder', offset, text: template.slice(offset, closed.end), name: name.text, args };
}

function matchAt(pattern: RegExp, text: string, at: number): { text: string; end: number } | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? undefined : { text: match[1] as string, end: pattern.lastIndex };
}

/** The parenthesis that closes the one at `open`; those in double quotes do not count. */
function closingParenthesis(text: string, open: number): number | undefined {
  let depth = 0;
  let isQuoted = false;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === '(') depth++;
    else if (!isQuoted && character === ')') depth--;
    if (depth === 0) return at;
  }
  return undefined;
}

function parseArguments(text: string): readonly unknown[] | undefined {
  const oneLine = text.replace(/\r?\n/g, '').trim();
  try {
    return JSON.parse(`[${oneLine}]`) as unknown[];
  } catch {
    return /^[[{"']/.test(oneLine) ? undefined : [oneLine];
  }
}
