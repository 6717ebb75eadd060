/** Parameters, selectors: members whose names end in `.$` are filled in, the others are as they stand. */
import { notSimulated, runtimeError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { readPath, type Scope } from './paths.ts';

/** Fills a template in; `uuid` is what `States.UUID()` gives. */
type Filler = (scope: Scope, uuid: () => string) => Json;

const known = new WeakMap<object, Filler>();

export function fillTemplate(template: JsonObject, scope: Scope, uuid: () => string): Json {
  let filler = known.get(template);
  if (filler === undefined) {
    filler = fillerOf(template);
    known.set(template, filler);
  }
  return filler(scope, uuid);
}

function fillerOf(template: Json): Filler {
  if (!isObject(template)) return () => template;
  const members = Object.entries(template).map(([name, value]): readonly [string, Filler] =>
    name.endsWith('.$') ? [name.slice(0, -2), expressionOf(value)] : [name, fillerOf(value)],
  );
  return (scope, uuid) => {
    const filled: Record<string, Json> = {};
    for (const [name, fill] of members) filled[name] = fill(scope, uuid);
    return filled;
  };
}

function expressionOf(expression: Json): Filler {
  if (typeof expression !== 'string') throw notSimulated(`the expression ${JSON.stringify(expression)}`);
  if (expression === 'States.UUID()') return (_, uuid) => uuid();
  const contains = /^States\.ArrayContains\((\$[\w.$]*), '([^']*)'\)$/.exec(expression);
  if (contains === null) return (scope) => readPath(expression, scope);
  const [, path = '', value = ''] = contains;
  return (scope) => {
    const list = readPath(path, scope);
    if (!Array.isArray(list)) throw runtimeError(`${expression}: ${path} is no list`);
    return list.includes(value);
  };
}
