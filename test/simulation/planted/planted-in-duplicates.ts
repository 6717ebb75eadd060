/** Ways to let events pass that should not, or to leave out what should. */
import type { PlantedFault } from './planted-faults.ts';

const passing = 'functions/core/passing-events.ts';

const faults: readonly Omit<PlantedFault, 'dimension'>[] = [
  {
    name: 'a-duplicate-keeps-others-out',
    edits: [
      {
        file: passing,
        from: 'if (isKeptOut) continue;',
        to: 'if (isKeptOut) {\n      keptOutUntil = Math.max(keptOutUntil, end);\n      continue;\n    }',
      },
    ],
  },
  {
    name: 'an-earlier-one-passes-later',
    edits: [
      {
        file: passing,
        from: 'start < keptOutUntil || (next < state.length && state[next]![0] < end)',
        to: 'start < keptOutUntil',
      },
    ],
  },
  {
    name: 'one-that-comes-when-the-time-is-up-is-left-out',
    edits: [{ file: passing, from: 'start < keptOutUntil ||', to: 'start <= keptOutUntil ||' }],
  },
  {
    name: 'keys-are-forgotten-when-they-pass',
    edits: [
      {
        file: passing,
        from: 'results.filter((window) => !isForgotten(window))',
        to: 'results.filter(({ start }) => start > (watermarks.watermarkOut ?? -Infinity))',
      },
    ],
  },
  {
    name: 'keys-are-never-forgotten',
    edits: [{ file: passing, from: 'isForgotten({ start, end }) ? [[start, end]] : []', to: '[]' }],
  },
  {
    name: 'events-are-late-when-their-key-is-forgotten',
    edits: [{ file: 'functions/windows/passing.ts', from: '({ start }) => start + 1', to: '({ end }) => end' }],
  },
  {
    name: 'of-one-time-the-last-one-passes',
    edits: [
      {
        file: 'functions/aggregates/passed-event.ts',
        from: '(difference) => difference < 0',
        to: '(difference) => difference > 0',
      },
    ],
  },
];

const beforeGroups: readonly Omit<PlantedFault, 'dimension'>[] = [
  {
    name: 'events-are-of-key-groups-of-their-own',
    edits: [
      {
        file: 'functions/core/saved-table.ts',
        from: 'aggregation.distinct === undefined ? key.canonical : canonicalKey(groupIn(aggregation, key.keyValues))',
        to: 'key.canonical',
      },
    ],
  },
  {
    name: 'what-passes-for-the-last-groups-is-lost',
    edits: [
      {
        file: 'functions/core/distinct-aggregate.ts',
        from: 'for (const group of waiting.before(undefined)) yield { group };',
        to: '',
      },
    ],
  },
  {
    name: 'of-one-time-the-last-one-counts',
    edits: [
      {
        file: 'functions/core/windows-of-key.ts',
        from: 'compareRanks(rank, window.rank) > 0',
        to: 'compareRanks(rank, window.rank) < 0',
      },
    ],
  },
];

const beforeOverlapping: readonly Omit<PlantedFault, 'dimension'>[] = [
  {
    name: 'what-has-passed-stands-before-the-panes-of-its-group',
    edits: [
      {
        file: 'functions/core/distinct-aggregate.ts',
        from: 'found: [...key.found, this.#found(this.#groups.shift()!)]',
        to: 'found: [this.#found(this.#groups.shift()!), ...key.found]',
      },
    ],
  },
];

export const duplicateFaults: readonly PlantedFault[] = [
  ...faults.map((fault) => ({ ...fault, dimension: 'events that pass once' as const })),
  ...beforeGroups.map((fault) => ({ ...fault, dimension: 'events that count once' as const })),
  ...beforeOverlapping.map((fault) => ({
    ...fault,
    dimension: 'events that count once in windows that overlap' as const,
  })),
];
