/** Every kind of decoders there is. */
import { type Registry, registryOf } from '../pipeline/registry.ts';
import { bytesKind } from './bytes.ts';
import type { DecoderKind } from './decoder-kind.ts';
import { jsonKind } from './json.ts';

export const decoderKinds: Registry<DecoderKind> = registryOf<DecoderKind>(jsonKind, bytesKind);
