/**
 * Whether a callback could see what it is given beside the event.
 *
 * META-1 Where it could, it is given it. No only of an arrow function with one plain parameter or none: it has no `arguments` of its own,
 *    and the language says what the text of a function is. What is wrapped, bound, native or written as `function` may look.
 */
export const mayTakeMeta = (callback: (...given: never) => unknown): boolean =>
  !takesEventAlone.test(Function.prototype.toString.call(callback));

/** `event =>`, `(event) =>`, `() =>` or, of fields without defaults, `({ name, other: own }) =>`. */
const takesEventAlone = /^(?:[\w$]+|\(\s*[\w$]*\s*\)|\(\s*\{[\w$\s,:]*\}\s*\))\s*=>/;
