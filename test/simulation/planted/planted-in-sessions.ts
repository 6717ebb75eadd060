/** Sessions: which events are together, what becomes of parts, and what is late. */
import type { PlantedFault } from './planted-faults.ts';

const changes = 'functions/core/window-changes.ts';
const session = 'functions/windows/session.ts';
const windowsOfKey = 'functions/core/windows-of-key.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'an-event-is-late-before-its-session-has-merged',
    edits: [
      {
        file: 'functions/core/window-table.ts',
        from: 'const isAnyLate = !this.#merges && assigned.some(',
        to: 'const isAnyLate = assigned.some(',
      },
    ],
  },
  {
    name: 'parts-of-sessions-are-late-by-themselves',
    edits: [
      {
        file: changes,
        from: 'mergedParts(partsByWindow(found), rules)',
        to: 'mergedParts(parted(partsByWindow(found), rules).inTime as PartsOfKey[], rules)',
      },
    ],
  },
  {
    name: 'sessions-are-late-by-the-watermark-that-a-batch-ends-with',
    edits: [
      {
        file: changes,
        from: 'isLate(spec, window, watermarks.watermarkIn);',
        to: 'isLate(spec, window, watermarks.watermarkOut);',
      },
    ],
  },
  {
    name: 'sessions-that-touch-are-one',
    edits: [{ file: session, from: 'start >= last.end', to: 'start > last.end' }],
  },
  {
    name: 'a-session-ends-where-its-last-part-does',
    edits: [{ file: session, from: 'end: Math.max(last.end, end)', to: 'end' }],
  },
  {
    name: 'a-session-that-keeps-its-bounds-begins-to-count-anew',
    edits: [
      {
        file: changes,
        from: 'const itself = replaces.find((part) => kind.isTotal === true || byTime(part, bounds) === 0);',
        to: 'const itself = replaces.find(() => kind.isTotal === true);',
      },
    ],
  },
  {
    name: 'a-session-that-was-merged-is-not-taken-back',
    edits: [
      {
        file: changes,
        from: '      retracted.push(retractionOf(part, rules));',
        to: '      continue;',
      },
    ],
  },
  {
    name: 'a-part-of-a-session-is-left-in-the-state',
    edits: [{ file: changes, from: 'if (final || isOther) removed.push', to: 'if (final) removed.push' }],
  },
  {
    name: 'a-session-that-is-late-counts-as-one-event',
    edits: [
      {
        file: 'functions/core/reduce-key-group.ts',
        from: 'reduce((sum, { events }) => sum + events, 0)',
        to: 'reduce((sum, { events }) => sum + Math.sign(events), 0)',
      },
    ],
  },
  {
    name: 'late-events-of-sessions-stay-counted',
    edits: [
      {
        file: 'functions/core/progress-report.ts',
        from: 'counted: counters.counted - late,',
        to: 'counted: counters.counted,',
      },
    ],
  },
  {
    name: 'of-sessions-that-merge-in-an-executor-the-last-counts',
    edits: [
      {
        file: windowsOfKey,
        from: 'own.reduce((into: unknown, { accumulators }) => fn.merge(into, fn.save(accumulators[at])), fn.empty()),',
        to: 'fn.merge(fn.empty(), fn.save(own.at(-1)!.accumulators[at])),',
      },
    ],
  },
  {
    name: 'events-of-a-session-are-those-of-its-first-part',
    edits: [
      {
        file: windowsOfKey,
        from: 'events: own.reduce((sum, { events }) => sum + events, 0),',
        to: 'events: own[0]!.events,',
      },
    ],
  },
];

export const sessionFaults: readonly PlantedFault[] = faults.map((fault) => ({ dimension: 'sessions', ...fault }));
