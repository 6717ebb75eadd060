/** Every kind of sinks there is. */
import { type Registry, registryOf } from '../pipeline/registry.ts';
import { consoleKind } from './console.ts';
import { fileKind } from './file.ts';
import { kinesisKind } from './kinesis.ts';
import type { SinkKind } from './sink-kind.ts';

export const sinkKinds: Registry<SinkKind> = registryOf<SinkKind>(kinesisKind, consoleKind, fileKind);
