/** `kinesis-sluice/protobuf`: apart from the rest, since it takes `@bufbuild/protobuf`, which not everybody has. */
export { type ProtobufDecoder, type ProtobufOptions, protobuf } from './decoders/protobuf.ts';
