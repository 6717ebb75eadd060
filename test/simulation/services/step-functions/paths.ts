/** Reference paths: `$`, `$.a.b`, and `$$.a.b` for the context. Each is read once. */
import { notSimulated, runtimeError, StateError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

export type Scope = { readonly data: Json; readonly context: JsonObject };
type Path = { readonly isOfContext: boolean; readonly names: readonly string[] };

/** All that is in the lists of a list. */
const flattened = '$[*][*]';

/** What is simulated of the context, and whatever an item holds. */
const ofContext =
  /^(Execution\.Id|Execution\.StartTime|StateMachine\.Id|State\.EnteredTime|State\.RetryCount|Map\.Item\.Index|Map\.Item\.Value(\..+)?)$/;

const known = new Map<string, Path>();

/** Throws if the path is none that is known. */
export function checkPath(text: string): void {
  if (text !== flattened) pathOf(text);
}

export function checkResultPath(text: string): void {
  if (pathOf(text).isOfContext) throw notSimulated(`the result path ${text}`);
}

export function readPath(text: string, { data, context }: Scope): Json {
  if (text === flattened) return readFlattened(data);
  const { isOfContext, names } = pathOf(text);
  let value: Json | undefined = isOfContext ? context : data;
  for (const name of names) {
    value = memberOf(value, name);
    if (value === undefined) throw runtimeError(`The JSONPath '${text}' could not be found in the input`);
  }
  return value;
}

function readFlattened(data: Json): Json {
  const lists = Array.isArray(data) ? data : [];
  const values = lists.flatMap((list: Json) => (Array.isArray(list) ? list : []));
  if (values.length === 0) throw runtimeError(`The JSONPath '${flattened}' could not be found in the input`);
  return values;
}

/** The data with the value at that path; what is not on the way there is shared, not copied. */
export function withValueAt(text: string, data: Json, value: Json): Json {
  const { names } = pathOf(text);
  const set = (into: Json | undefined, at: number): Json => {
    const name = names[at];
    if (name === undefined) return value;
    if (into !== undefined && !isObject(into)) {
      throw new StateError(
        'States.ResultPathMatchFailure',
        `${text} can't be applied: on its way is what is no object`,
      );
    }
    return { ...into, [name]: set(memberOf(into, name), at + 1) };
  };
  return set(data, 0);
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function pathOf(text: string): Path {
  const path = known.get(text);
  if (path !== undefined) return path;
  const form = /^(\$\$?)((?:\.\w+)*)$/.exec(text);
  if (form === null) throw notSimulated(`the path ${text}`);
  const [, root, rest = ''] = form;
  const isOfContext = root === '$$';
  if (isOfContext && !ofContext.test(rest.slice(1))) throw notSimulated(`the path ${text}`);
  const made = { isOfContext, names: rest.split('.').slice(1) };
  known.set(text, made);
  return made;
}
