/**
 * Every kind of decoders there is. Pipelines bring the one that they name with them, so nothing that runs asks for this
 * list, or it would be in each bundle: it is what tests hold to the contract.
 */
import { type Registry, registryOf } from '../pipeline/registry.ts';
import { avroKind } from './avro.ts';
import { bytesKind } from './bytes.ts';
import { csvKind } from './csv.ts';
import type { DecoderKind } from './decoder-kind.ts';
import { jsonKind } from './json.ts';
import { protobufKind } from './protobuf.ts';
import { textKind } from './text.ts';

export const decoderKinds: Registry<DecoderKind> = registryOf<DecoderKind>(
  jsonKind,
  bytesKind,
  textKind,
  csvKind,
  avroKind,
  protobufKind,
);
