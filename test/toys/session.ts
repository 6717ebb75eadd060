/** A kind of windows in one file: those of one key that touch each other are one. */
import { duration, readOption } from '../../functions/pipeline/option-rules.ts';
import {
  defineWindow,
  type Window,
  type WindowDefinition,
  type WindowKind,
} from '../../functions/windows/window-kind.ts';

export type SessionWindow = WindowDefinition<{ windowStart: string; windowEnd: string }, 'event-time'> & {
  readonly kind: 'session';
  readonly gap: string;
};

export function session(gap: string): SessionWindow {
  return defineWindow<SessionWindow>({ kind: 'session', gap });
}

export const sessionKind: WindowKind<{ readonly gapMs: number }> = {
  kind: 'session',
  usage: "session('30 minutes')",
  of: 'event-time',
  columnNames: ['windowStart', 'windowEnd'],
  read: ({ gap }, problems) => ({ gapMs: readOption('window.gap', gap, duration({ atLeastMs: 1 }, 1), problems) }),
  fingerprint: ({ gapMs }) => ['session', gapMs],
  columns: ({ start, end }) => ({ windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() }),
  assigner:
    ({ gapMs }) =>
    (eventTime) => [{ start: eventTime, end: eventTime + gapMs }],
  merge(windows) {
    const merged: Window[] = [];
    for (const { start, end } of windows) {
      const last = merged.at(-1);
      if (last === undefined || start >= last.end) merged.push({ start, end });
      else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    }
    return merged;
  },
  closesAt: ({ end }) => end,
  nextClose: (_, watermark) => watermark + 1,
};
