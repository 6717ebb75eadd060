/** A kind of windows in one file: each event is in several, and counted in each. */
import { duration, readOption } from '../../functions/pipeline/option-rules.ts';
import {
  defineWindow,
  type Window,
  type WindowDefinition,
  type WindowKind,
} from '../../functions/windows/window-kind.ts';

export type HoppingWindow = WindowDefinition<{ windowStart: string; windowEnd: string }, 'event-time'> & {
  readonly kind: 'hopping';
  readonly size: string;
  readonly every: string;
};

export function hopping(size: string, every: string): HoppingWindow {
  return defineWindow<HoppingWindow>({ kind: 'hopping', size, every });
}

export const hoppingKind: WindowKind<{ readonly sizeMs: number; readonly everyMs: number }> = {
  kind: 'hopping',
  usage: "hopping('1 hour', '5 minutes')",
  of: 'event-time',
  columnNames: ['windowStart', 'windowEnd'],
  read: ({ size, every }, problems) => ({
    sizeMs: readOption('window.size', size, duration({ atLeastMs: 1 }, 1), problems),
    everyMs: readOption('window.every', every, duration({ atLeastMs: 1 }, 1), problems),
  }),
  fingerprint: ({ sizeMs, everyMs }) => ['hopping', sizeMs, everyMs],
  columns: ({ start, end }) => ({ windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() }),
  assigner:
    ({ sizeMs, everyMs }) =>
    (eventTime) => {
      const windows: Window[] = [];
      const last = Math.floor(eventTime / everyMs) * everyMs;
      for (let start = last; start > eventTime - sizeMs; start -= everyMs) windows.push({ start, end: start + sizeMs });
      return windows;
    },
  closesAt: ({ end }) => end,
  nextClose: ({ sizeMs, everyMs }, watermark) => Math.floor((watermark - sizeMs) / everyMs + 1) * everyMs + sizeMs,
};
