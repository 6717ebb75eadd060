/**
 * Texts that outlive what they were cut out of.
 *
 * A part of a text, such as a field of a line of CSV or what `slice` answers, is no copy in V8: it holds all of the text. As a key it
 * would hold a whole event for as long as the table lives, and count as a few letters.
 */

/** Shorter parts are copies. */
const shortestPart = 13;

/** The same text in memory of its own: as JSON, which writes also halves of pairs so that they come back. */
export const ownText = (text: string): string =>
  text.length < shortestPart ? text : (JSON.parse(JSON.stringify(text)) as string);
