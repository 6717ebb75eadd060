/**
 * A text for whatever was thrown.
 *
 * THROWN-1 Always a string, of bounded length. Code of others may throw anything, and everything about it may throw in
 *    turn: a message that is no text, an object without a prototype, a getter, a proxy that was revoked.
 */

/** As much as a dead letter keeps. */
const maxLength = 1_000;

export function thrownText(thrown: unknown): string {
  for (const read of readers) {
    try {
      const text = read(thrown);
      if (typeof text === 'string' && text !== '') return text.slice(0, maxLength);
    } catch {
      // The next one asks for less.
    }
  }
  return 'something was thrown that has no text';
}

/** From what says most to what nearly always works. `undefined`: it has no such text. */
const readers: readonly ((thrown: unknown) => unknown)[] = [
  (thrown) => (isObject(thrown) ? thrown.message : undefined),
  (thrown) => (isObject(thrown) ? jsonOf(thrown.message) : undefined),
  (thrown) => (isObject(thrown) && !(thrown instanceof Error) ? jsonOf(thrown) : undefined),
  String,
  (thrown) => Object.prototype.toString.call(thrown),
];

/** Functions have properties too, but no JSON. */
function isObject(value: unknown): value is { readonly message?: unknown } {
  return typeof value === 'object' && value !== null;
}

function jsonOf(value: unknown): string | undefined {
  const text = isObject(value) ? JSON.stringify(value) : undefined;
  return text === '{}' ? undefined : text;
}
