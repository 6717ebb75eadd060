/**
 * Whether a schema validates as its library does, or somebody stands between: an object made of a schema, with a `validate` of its own
 * that may look at all that it is given, still has the definition of that schema.
 *
 * Functions of a library come from one line of its source, whichever schema they belong to: a part of the schema tells what that says.
 */
import { isRecord } from './what-is-read.ts';

/** `part`: of what the schema is made of. False also where there is none. */
export function libraryValidates(schema: unknown, part: unknown): boolean {
  const own = sourceOf(schema);
  return own !== undefined && own === sourceOf(part);
}

function sourceOf(schema: unknown): string | undefined {
  const standard = isRecord(schema) ? schema['~standard'] : undefined;
  const validate = isRecord(standard) ? standard.validate : undefined;
  return typeof validate === 'function' ? Function.prototype.toString.call(validate) : undefined;
}
