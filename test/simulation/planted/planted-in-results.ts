/** Results: what they are called, and what stays open behind them. */
import type { PlantedFault } from './planted-faults.ts';

const changes = 'functions/core/window-changes.ts';

export const resultFaults: readonly PlantedFault[] = [
  {
    name: 'a-result-ends-where-it-begins',
    edits: [
      {
        file: 'functions/core/result-version.ts',
        from: '  return { window: [start, end], key',
        to: '  return { window: [start, start + 0 * end], key',
      },
    ],
  },
  {
    name: 'a-refused-row-forgets-its-version',
    edits: [
      {
        file: 'functions/core/letter-of-row.ts',
        from: 'index, ...version },',
        to: 'index } as never,',
      },
    ],
  },
  {
    name: 'what-has-closed-stays-in-the-state',
    edits: [
      {
        file: 'functions/core/state/state-entry.ts',
        from: 'entryOf(key, key.upserts, key.removals, isAdded)',
        to: 'entryOf(key, key.upserts, [], isAdded)',
      },
    ],
  },
  {
    name: 'a-window-of-the-state-hides-what-a-block-has-for-it',
    edits: [{ file: changes, from: '      known.parts.push(...part.parts);', to: '' }],
  },
  {
    name: 'what-a-block-adds-to-an-open-window-is-no-change',
    edits: [{ file: changes, from: '      known.isNew = true;', to: '' }],
  },
];
