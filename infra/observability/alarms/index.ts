/** The alarms of a pipeline, by the names of their options. */
import type { AlarmKind } from '../alarm-kind.ts';
import { behind } from './behind.ts';
import { deadLetters } from './dead-letters.ts';
import { failing } from './failing.ts';
import { nearLimit } from './near-limit.ts';
import { refusedRows } from './refused-rows.ts';
import { stalled } from './stalled.ts';
import { throttled } from './throttled.ts';

export const alarmKinds = {
  behind,
  stalled,
  failing,
  deadLetters,
  refusedRows,
  throttled,
  nearLimit,
} as const satisfies Readonly<Record<string, AlarmKind>>;

export type AlarmName = keyof typeof alarmKinds;
export const alarmNames = Object.keys(alarmKinds) as readonly AlarmName[];
