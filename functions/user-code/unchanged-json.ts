/**
 * The JSON of what must not be changed by it.
 *
 * JSON-2 Also refused is what JSON has no text for and writes as null: numbers that are not finite, and dates that are none.
 */
import { NoJsonForm } from './callback-failure.ts';
import { jsonText } from './json-text.ts';

/** What to do instead: where there is nothing to write at all, and where a part has no text. */
export type Advice = { readonly nothing?: string; readonly noText: string };

export function unchangedJson(value: unknown, { nothing, noText }: Advice): string {
  const json = jsonText(value, nothing);
  if (json.includes('null')) refuseWithoutText(value, noText);
  return json;
}

/** With a list of its own: values may be nested deeper than calls. */
function refuseWithoutText(root: unknown, instead: string): void {
  const left = [root];
  while (left.length > 0) {
    const value = left.pop();
    const isNumber = typeof value === 'number' || value instanceof Date;
    if (isNumber && !Number.isFinite(value.valueOf())) throw new NoJsonForm(`${value} has no form in JSON; ${instead}`);
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) left.push(inner);
  }
}
