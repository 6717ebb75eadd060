/** Every kind of windows that events are counted in: those that `window(…)` takes, and what steps beside it count in. */
import { type Registry, registryOf } from '../pipeline/registry.ts';
import { globalKind } from './global-window.ts';
import { passingKind } from './passing.ts';
import { perMicroBatchKind } from './per-micro-batch.ts';
import { sessionKind } from './session.ts';
import { slidingKind } from './sliding.ts';
import { tumblingKind } from './tumbling.ts';
import type { WindowKind } from './window-kind.ts';

export const countedKinds: Registry<WindowKind> = registryOf<WindowKind>(
  tumblingKind,
  ...(globalThis.SLUICE_SLIDING_WINDOW !== false ? [slidingKind] : []),
  ...(globalThis.SLUICE_SESSION_WINDOW !== false ? [sessionKind] : []),
  ...(globalThis.SLUICE_GLOBAL_WINDOW !== false ? [globalKind] : []),
  ...(globalThis.SLUICE_PER_MICRO_BATCH_WINDOW !== false ? [perMicroBatchKind] : []),
  ...(globalThis.SLUICE_DROP_DUPLICATES !== false ? [passingKind] : []),
);
