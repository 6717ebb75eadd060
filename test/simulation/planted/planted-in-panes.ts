/** Sliding windows: what they are put together from, and when they are given out. */
import type { PlantedFault } from './planted-faults.ts';

const changes = 'functions/core/pane-changes.ts';
const dimension = 'windows that overlap';

export const paneFaults: readonly PlantedFault[] = [
  {
    name: 'a-pane-is-dropped-one-window-early',
    dimension,
    edits: [
      {
        file: changes,
        from: 'const from = firstStartOf(panes, over);',
        to: 'const from = firstStartOf(panes, over) + panes.everyMs;',
      },
    ],
  },
  {
    name: 'a-coarse-pane-is-not-updated',
    dimension,
    edits: [
      {
        file: 'functions/core/panes-of-key.ts',
        from: 'else if (known !== undefined) changed.push(this.#changedPane(start, end, parts));',
        to: 'else if (known !== undefined) continue;',
      },
    ],
  },
  {
    name: 'the-first-close-of-panes-is-forgotten',
    dimension,
    edits: [
      {
        file: 'functions/core/open-ends.ts',
        from: 'leastOf(counted.length === 0 ? [] : [first], overAt(',
        to: 'leastOf(counted.length === 0 ? [] : [last], 0 * first + overAt(',
      },
    ],
  },
  {
    name: 'a-window-of-panes-is-given-out-twice',
    dimension,
    edits: [
      {
        file: changes,
        from: 'firstEndAfter(panes, after);',
        to: 'firstEndAfter(panes, after) - panes.everyMs;',
      },
    ],
  },
  {
    name: 'a-pane-is-late-one-window-early',
    dimension,
    edits: [
      {
        file: 'functions/core/windows.ts',
        from: 'lastEndOf(panes, window.start);',
        to: 'lastEndOf(panes, window.start) - panes.everyMs;',
      },
    ],
  },
];
