/** Messages of Protocol Buffers, by the schemas that protobuf-es generates. */
import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { anything, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import { thrownText } from '../user-code/thrown-text.ts';
import { type Decode, type Decoder, type DecoderKind, defineDecoder, type Inflate, Undecoded } from './decoder-kind.ts';
import { readVersions, takeHeader, unknownVersion } from './glue-header.ts';
import { checkWire, Misfit } from './protobuf-read/check-wire.ts';
import { messageIndexOf, takeIndex } from './protobuf-read/message-index.ts';

/** What `protobuf` returns. */
export type ProtobufDecoder<Schema extends DescMessage> = Decoder<Uint8Array, MessageShape<Schema>> & {
  /** Always 'protobuf'. */
  readonly kind: 'protobuf';
  /** What messages are read as. */
  readonly schema: Schema;
  /** What `protobuf` was given beside the schema, not yet checked. */
  readonly options: RawOptions;
};

/** What stands before a message: the second argument of `protobuf`. */
export type ProtobufOptions = {
  /**
   * The message as it was when it was written, by the ids of schema versions in the AWS Glue Schema Registry. Each payload has
   * its header then, which names one of them, may be compressed, and has the number of the message in its file behind it.
   * @default none: payloads have no header
   */
  readonly versions?: Readonly<Record<string, DescMessage>> | undefined;
};

/**
 * Messages of Protocol Buffers: events are what protobuf-es makes of them, with its types. `schema` is what
 * `@bufbuild/protoc-gen-es` generates, or a message of a registry that was made of a descriptor. Integers of 64 bits are
 * bigints, or texts where the field has `jstype = JS_STRING`. Fields that the schema does not know are left out.
 *
 * What is damaged becomes a dead letter (`undecodable`), also where protobuf-es would read it: a field that is written as
 * another type, a message that goes on behind its length, a required field that is missing.
 *
 * @example
 * ```ts
 * import { kinesis, pipeline } from 'kinesis-sluice';
 * import { protobuf } from 'kinesis-sluice/protobuf';
 * import { FlightSchema } from './flight_pb.ts';
 *
 * export default pipeline('delays')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(protobuf(FlightSchema))
 *   .filter((flight) => flight.delay > 15)
 *   .writeStream(kinesis({ streamName: 'delays' }));
 * ```
 */
export function protobuf<Schema extends DescMessage>(
  schema: Schema,
  options?: ProtobufOptions,
): ProtobufDecoder<Schema> {
  return defineDecoder<ProtobufDecoder<Schema>>(protobufKind, { schema, options: frozenCopy(options) });
}

export type CheckedProtobuf = {
  readonly schema: DescMessage;
  /** The number of the message, by versions. Undefined: payloads have no header. */
  readonly versions: ReadonlyMap<string, number> | undefined;
};

export const protobufKind: DecoderKind<CheckedProtobuf> = {
  kind: 'protobuf',
  usage: 'protobuf(schema)',
  sharesBytes: false,
  read({ schema, options }, problems) {
    const given = readOptions('decode', isPlainObject(options) ? options : {}, { versions: anything() }, problems);
    const versions = Object.entries(readVersions(given.versions, problems) ?? {});
    const checked = versions.map(
      ([id, version]) => [id, schemaAt(`decode.versions.${id}`, version, problems)] as const,
    );
    const reader = schemaAt('decode.schema', schema, problems);
    const indices = checked.flatMap(([id, version]) => (version ? [[id, messageIndexOf(version)] as const] : []));
    return reader && { schema: reader, versions: given.versions === undefined ? undefined : new Map(indices) };
  },
  open: openProtobuf,
};

function schemaAt(option: string, given: unknown, problems: Problem[]): DescMessage | undefined {
  const isMessage =
    typeof given === 'object' && given !== null && 'kind' in given && given.kind === 'message' && 'fields' in given;
  if (isMessage) return given as DescMessage;
  problems.push(notAllowed(option, given, 'the schema of a message, as @bufbuild/protoc-gen-es generates it'));
  return undefined;
}

function openProtobuf({ schema, versions }: CheckedProtobuf, inflate: Inflate): Decode {
  if (versions === undefined) return (data) => messageIn(schema, data, 0);
  return (data) => {
    const taken = takeHeader(data, inflate);
    if (taken instanceof Undecoded) return taken;
    const expected = versions.get(taken.versionId);
    if (expected === undefined) return unknownVersion(taken.versionId);
    const found = takeIndex(taken.data);
    if (found === undefined) return new Undecoded('undecodable', 'no number of a message behind the header');
    if (found.index === expected) return messageIn(schema, taken.data, found.at);
    return new Undecoded('unknown-schema', `message ${found.index} of its file was written, not ${expected}`);
  };
}

/** Without the fields that are not known, and from bytes of its own: messages keep parts of what they were read from. */
function messageIn(schema: DescMessage, data: Uint8Array, from: number): unknown {
  try {
    checkWire(schema, data, from);
    return fromBinary(schema, new Uint8Array(data.subarray(from)), { readUnknownFields: false });
  } catch (error) {
    return new Undecoded('undecodable', error instanceof Misfit ? error.message : thrownText(error));
  }
}
