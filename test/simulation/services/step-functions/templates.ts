/** Parameters, selectors: members whose names end in `.$` are filled in, the others are as they stand. */
import { notSimulated, StateError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { checkPath, readPath, type Scope } from './paths.ts';

/** Fills a template in; `uuid` is what `States.UUID()` gives. */
type Filler = (scope: Scope, uuid: () => string) => Json;

const known = new WeakMap<object, Filler>();

function jsonIn(expression: string, text: Json): Json {
  try {
    return JSON.parse(text as string);
  } catch {
    throw new StateError('States.IntrinsicFailure', `${expression}: it is no JSON`);
  }
}

export function fillTemplate(template: JsonObject, scope: Scope, uuid: () => string): Json {
  return knownFiller(template)(scope, uuid);
}

/** Throws if it has an expression that is not known. */
export function checkTemplate(template: JsonObject): void {
  knownFiller(template);
}

function knownFiller(template: JsonObject): Filler {
  let filler = known.get(template);
  if (filler === undefined) {
    filler = fillerOf(template);
    known.set(template, filler);
  }
  return filler;
}

function fillerOf(template: Json): Filler {
  if (Array.isArray(template)) {
    const parts = template.map(fillerOf);
    return (scope, uuid) => parts.map((fill) => fill(scope, uuid));
  }
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
  if (expression === 'States.JsonToString($)') return ({ data }) => JSON.stringify(data);
  const [, text] = /^States\.StringToJson\((\$[\w.]*)\)$/.exec(expression) ?? [];
  if (text !== undefined) {
    checkPath(text);
    return (scope) => jsonIn(expression, readPath(text, scope));
  }
  const contains = /^States\.ArrayContains\((\$[\w.$]*), '([^'\\]*)'\)$/.exec(expression);
  const [, path = expression, value = ''] = contains ?? [];
  checkPath(path);
  if (contains === null) return (scope) => readPath(path, scope);
  return (scope) => {
    const list = readPath(path, scope);
    if (!Array.isArray(list)) throw new StateError('States.IntrinsicFailure', `${expression}: ${path} is no list`);
    return list.includes(value);
  };
}
