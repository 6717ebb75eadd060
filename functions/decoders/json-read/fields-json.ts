/**
 * Payloads of which only some fields are parsed, validated by their schema.
 *
 * PARTLY-1 It answers only with what the schema accepts. What it would refuse, promises or throws at is parsed as a whole, so that
 *    reason and message are those of the whole.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { fieldReader } from './field-reader.ts';
import { fieldsOfSchema } from './fields-of-schema.ts';

/** To be parsed as a whole. */
export const notTaken = Symbol('not taken');

/** Undefined: what the schema reads is not known. */
export function fieldsJson(
  schema: StandardSchemaV1,
  parse: (text: string) => unknown,
): ((data: Uint8Array) => unknown) | undefined {
  const fields = fieldsOfSchema(schema);
  if (fields.kind === 'whole') return undefined;
  const read = fieldReader(fields.names, parse);
  const { validate } = schema['~standard'];
  return (data) => {
    try {
      const object = read(data);
      if (object === undefined) return notTaken;
      const result = validate(object);
      // A promise that nobody waits for: who parses the whole gets one of its own.
      if (result instanceof Promise) result.catch(() => {});
      else if (result.issues === undefined) return result.value;
    } catch {
      return notTaken;
    }
    return notTaken;
  };
}
