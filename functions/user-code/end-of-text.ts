/** Where a text ends that stands in JSON. */

/** From its opening quote to behind the one that closes it, before which is an even number of backslashes. */
export function endOfText(text: string, open: number): number {
  for (let from = open + 1; ; ) {
    const close = text.indexOf('"', from);
    if (close < 0) return text.length;
    let escapes = close;
    while (text[escapes - 1] === '\\') escapes--;
    if ((close - escapes) % 2 === 0) return close + 1;
    from = close + 1;
  }
}
