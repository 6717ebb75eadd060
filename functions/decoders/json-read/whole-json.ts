/** A payload parsed as a whole and validated by its schema: what every way of reading JSON has to agree with. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { thrownText } from '../../user-code/thrown-text.ts';
import { type Decode, Undecoded } from '../decoder-kind.ts';
import { textReader } from '../utf8.ts';
import type { Shapes } from './shapes.ts';

/** Of many, a few tell. */
const maxPromises = 16;

/** `parse`: a text of JSON; throws what is none. `shapes`: those of the payloads before. */
export function wholeJson(schema: StandardSchemaV1, parse: (text: string) => unknown, shapes?: Shapes): Decode {
  const promises: Promise<unknown>[] = [];
  const text = textReader();
  const { validate } = schema['~standard'];
  const decode = (data: Uint8Array): unknown => {
    let parsed = shapes?.read(data);
    if (parsed === undefined) {
      parsed = parseJson(parse, text, data);
      if (parsed instanceof Undecoded) return parsed;
      shapes?.parsed(data);
    }
    try {
      return resultOf(validate(parsed), promises);
    } catch (error) {
      return new Undecoded('callback-failed', `decode: ${thrownText(error)}`);
    }
  };
  return Object.assign(decode, { promises });
}

/** Libraries answer with objects of their own making: whatever looking at them throws is the schema's. */
function resultOf(
  result: ReturnType<StandardSchemaV1['~standard']['validate']>,
  promises: Promise<unknown>[],
): unknown {
  if (result instanceof Promise) {
    // Some libraries (zod) answer with a promise also when a callback of the schema throws. Which it is shows later.
    result.catch(() => {});
    if (promises.length < maxPromises) promises.push(result);
    return new Undecoded('callback-failed', 'decode: the schema threw, or is asynchronous');
  }
  return result.issues === undefined ? result.value : new Undecoded('schema-mismatch', issueText(result.issues[0]));
}

/** Keys of a path, and messages, are what the data or the user's own rules make of them. */
function issueText(issue: StandardSchemaV1.Issue | undefined): string {
  const keys = Array.from(issue?.path ?? [], (part) => (typeof part === 'object' ? part.key : part));
  const path = keys.map((key) => (typeof key === 'string' ? key : thrownText(key))).join('.');
  const text = issue?.message === undefined ? 'does not match the schema' : thrownText(issue.message);
  return path === '' ? text : `${path}: ${text}`;
}

function parseJson(
  parse: (text: string) => unknown,
  text: (data: Uint8Array) => string | Undecoded,
  data: Uint8Array,
): unknown {
  const decoded = text(data);
  if (decoded instanceof Undecoded) return decoded;
  try {
    return parse(decoded);
  } catch (error) {
    return new Undecoded('invalid-json', thrownText(error));
  }
}
