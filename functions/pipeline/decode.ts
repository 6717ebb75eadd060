/** How the bytes of a record become an event. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { frozenCopy, type RawOptions } from './options.ts';

/** `Input` is what producers write, `Event` what the schema makes of it and callbacks receive. */
export type JsonDecoder<Input, Event> = {
  readonly kind: 'json';
  readonly schema: StandardSchemaV1<unknown, Event>;
  readonly options: RawOptions;
  /** Carries the type only; never set. */
  readonly '~input'?: Input;
};
export type BytesDecoder = { readonly kind: 'bytes' };

export type JsonOptions = {
  /**
   * Whole numbers beyond 2^53, such as ids of 64 bits: 'number' rounds them to the next double, as JSON.parse does; 'text'
   * hands them to the schema as strings of exactly their digits. Others are numbers either way.
   * @default 'number'
   */
  readonly largeIntegers?: 'number' | 'text' | undefined;
};

/**
 * JSON, validated by a schema of any library that speaks Standard Schema (zod, valibot, ArkType, …). What does not
 * parse or validate becomes a dead letter. The schema must validate synchronously.
 */
export function json<Schema extends StandardSchemaV1>(
  schema: Schema,
  options?: JsonOptions,
): JsonDecoder<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>> {
  return Object.freeze({ kind: 'json', schema, options: frozenCopy(options) });
}

/** The record's bytes as they are: every event is a Uint8Array. */
export function bytes(): BytesDecoder {
  return Object.freeze({ kind: 'bytes' });
}
