/** Every kind of windows there is, and which names their columns take. */
import { type Registry, registryOf } from '../pipeline/registry.ts';
import { type GlobalWindow, globalKind } from './global-window.ts';
import { type PerMicroBatchWindow, perMicroBatchKind } from './per-micro-batch.ts';
import { type SessionWindow, sessionKind } from './session.ts';
import { type SlidingWindow, slidingKind } from './sliding.ts';
import { type TumblingWindow, tumblingKind } from './tumbling.ts';
import type { WindowDefinition, WindowKind } from './window-kind.ts';

export type { GlobalWindow, PerMicroBatchWindow, SessionWindow, SlidingWindow, TumblingWindow };

const kinds = [tumblingKind, slidingKind, sessionKind, globalKind, perMicroBatchKind] as const;

export const windowKinds: Registry<WindowKind> = registryOf<WindowKind>(...kinds);

/** Any that `window(…)` takes after `withWatermark`. */
export type AnyWindow = WindowDefinition<unknown, WindowKind['of']>;
/** Any that it takes without. */
export type WindowWithoutTime = WindowDefinition<unknown, 'micro-batch'>;

/** What a window adds to a result row. */
export type WindowColumnsOf<Window extends AnyWindow> = Window['~types']['columns'];

const ownField = '_sluice';

/** Names that Sluice writes itself: neither a key nor an aggregate can have them, whatever the window. */
export type ReservedName = (typeof kinds)[number]['columnNames'][number] | typeof ownField;

export const reservedNamesOf = (windows: Registry<WindowKind>): readonly string[] => [
  ...windows.all.flatMap(({ columnNames }) => columnNames),
  ownField,
];
