/** Reference paths: `$`, `$.a.b`, and `$$.a.b` for the context. Each is read once. */
import { notSimulated, runtimeError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

export type Scope = { readonly data: Json; readonly context: JsonObject };
type Path = { readonly isOfContext: boolean; readonly names: readonly string[] };

const known = new Map<string, Path>();

export function readPath(text: string, { data, context }: Scope): Json {
  const { isOfContext, names } = pathOf(text);
  let value: Json | undefined = isOfContext ? context : data;
  for (const name of names) {
    value = isObject(value) ? value[name] : undefined;
    if (value === undefined) throw runtimeError(`The JSONPath '${text}' could not be found in the input`);
  }
  return value;
}

/** The data with the value at that path; what is not on the way there is shared, not copied. */
export function withValueAt(text: string, data: Json, value: Json): Json {
  const { isOfContext, names } = pathOf(text);
  if (isOfContext) throw notSimulated(`the result path ${text}`);
  const set = (into: Json | undefined, at: number): Json =>
    at === names.length
      ? value
      : { ...(isObject(into) ? into : {}), [names[at]!]: set(memberOf(into, names[at]!), at + 1) };
  return set(data, 0);
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value) ? value[name] : undefined;

function pathOf(text: string): Path {
  const path = known.get(text);
  if (path !== undefined) return path;
  const form = /^(\$\$?)((?:\.\w+)*)$/.exec(text);
  if (form === null) throw notSimulated(`the path ${text}`);
  const [, root, rest = ''] = form;
  const made = { isOfContext: root === '$$', names: rest.split('.').slice(1) };
  known.set(text, made);
  return made;
}
