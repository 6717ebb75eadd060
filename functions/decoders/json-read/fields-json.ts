/**
 * Payloads of which only some fields are parsed, validated by their schema.
 *
 * PARTLY-1 It answers only with what the schema accepts. What it would refuse, promises or throws at is parsed as a whole, so that
 *    reason and message are those of the whole.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { byItself, type DecodeAhead, type Payloads } from '../decoder-kind.ts';
import { fieldReader } from './field-reader.ts';
import { fieldsOfSchema } from './fields-of-schema.ts';

/** In place of an event: the schema does not accept it. */
export const notAccepted = Symbol('not accepted');

type Parse = (text: string) => unknown;
type ReadFields = {
  /** `byItself` or `notAccepted`: it is to be parsed as a whole. Ahead, only what is `notAccepted` is; another one may be read by its fields. */
  (data: Uint8Array): unknown;
  ahead(payloads: Payloads, count: number): DecodeAhead | undefined;
};

/** Of each schema, by how its values are parsed: a reader learns how payloads are laid out, and a process runs a task in each batch. */
const readers = new WeakMap<StandardSchemaV1, Map<Parse, ReadFields | undefined>>();

/** Undefined: what the schema reads is not known. */
export function fieldsJson(schema: StandardSchemaV1, parse: Parse): ReadFields | undefined {
  const ofSchema = readers.get(schema) ?? new Map<Parse, ReadFields | undefined>();
  readers.set(schema, ofSchema);
  if (!ofSchema.has(parse)) ofSchema.set(parse, openFields(schema, parse));
  return ofSchema.get(parse);
}

function openFields(schema: StandardSchemaV1, parse: Parse): ReadFields | undefined {
  const fields = fieldsOfSchema(schema);
  if (fields.kind === 'whole') return undefined;
  const read = fieldReader(fields.names, parse);
  const { validate } = schema['~standard'];
  const validated = <Of>(readOne: (of: Of) => Record<string, unknown> | undefined, of: Of): unknown => {
    try {
      const object = readOne(of);
      if (object === undefined) return byItself;
      const result = validate(object);
      // A promise that nobody waits for: who parses the whole gets one of its own.
      if (result instanceof Promise) result.catch(() => {});
      else if (result.issues === undefined) return result.value;
    } catch {
      return notAccepted;
    }
    return notAccepted;
  };
  return Object.assign((data: Uint8Array) => validated(read, data), {
    ahead: (payloads: Payloads, count: number): DecodeAhead | undefined => {
      const readAhead = read.ahead(payloads, count);
      return readAhead && ((index) => validated(readAhead, index));
    },
  });
}
