/**
 * Functions made of source text, where the process allows it: straight code for what is known only at run time.
 *
 * Nothing of a payload becomes code: only numbers, and names of fields as JSON writes them.
 */

/** `scope`: what the body may name beside its parameters. Undefined: no code may be made here (a content security policy). */
export function madeFunction<Made>(
  parameters: readonly string[],
  body: string,
  scope: Readonly<Record<string, unknown>> = {},
): Made | undefined {
  try {
    const source = `'use strict'; return (${parameters.join(', ')}) => {\n${body}\n};`;
    return new Function(...Object.keys(scope), source)(...Object.values(scope)) as Made;
  } catch {
    return undefined;
  }
}
