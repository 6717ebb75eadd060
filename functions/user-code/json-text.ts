/**
 * The JSON of what user code made.
 *
 * JSON-1 What JSON would change without a word is refused: nothing at all, functions, maps, sets, typed arrays, buffers,
 *    promises, also inside. What a value says of itself in a `toJSON` of its own counts.
 *
 * A deep look costs as much as the writing, so it is taken only where the text has a place where such a value may lie.
 */
import { NoJsonForm, refusePromise } from './callback-failure.ts';

/** `instead`: what to do where there is nothing to write. */
export function jsonText(value: unknown, instead = 'return an object, or filter it out'): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new NoJsonForm(`${nameOf(value)} can't be written; ${instead}`);
  // What has no enumerable fields, and a typed array.
  if (text.includes('{}') || text.includes('{"0":')) lookInto(value);
  return text;
}

const withoutForm = new Set([
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'RegExp',
  'Error',
]);

/** With a list of its own: values may be nested deeper than calls. */
function lookInto(root: unknown): void {
  const left: { readonly value: unknown; readonly path: string }[] = [{ value: root, path: '' }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null || writesItself(value)) continue;
    refuseWithoutForm(value, path);
    for (const [key, inner] of Object.entries(value)) {
      left.push({ value: inner, path: path === '' ? key : `${path}.${key}` });
    }
  }
}

function refuseWithoutForm(value: object, path: string): void {
  refusePromise(value, path === '' ? 'map' : `map, in its field ${path},`);
  const name = nameOf(value);
  if (!ArrayBuffer.isView(value) && !withoutForm.has(name)) return;
  const where = path === '' ? '' : `field ${path}: `;
  throw new NoJsonForm(`${where}${name} has no form in JSON; make an object or a list of it`);
}

const writesItself = (value: object): boolean => 'toJSON' in value && typeof value.toJSON === 'function';

/** As in `[object Map]`. */
function nameOf(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}
