/** How large what a batch has stored is, as its report says it. */
import type { PlantedFault } from './planted-faults.ts';

const sizes = 'functions/core/sizes.ts';
const rounds = 'functions/core/reduce-rounds.ts';
const manifest = 'functions/core/state/manifest.ts';

export const sizeFaults: readonly PlantedFault[] = [
  {
    name: 'sizes-of-the-rounds-before-are-forgotten',
    edits: [
      {
        file: rounds,
        from: 'const { slow: _, ...sums } = before;',
        to: 'const { slow: _, states: __, ...sums } = before;',
      },
    ],
  },
  {
    name: 'the-size-of-a-group-counts-twice',
    edits: [
      {
        file: sizes,
        from: 'joined(sizes.total, size, (all, one) => all + one)',
        to: 'joined(sizes.total, size, (all, one) => all + 2 * one)',
      },
    ],
  },
  {
    name: 'the-largest-state-is-the-last-one',
    edits: [
      { file: sizes, from: 'joined(sizes.most, size, Math.max)', to: 'joined(sizes.most, size, (_, one) => one)' },
    ],
  },
  {
    name: 'the-size-of-a-state-is-without-what-lies-in-it',
    edits: [
      {
        file: manifest,
        from: 'sum(named.map(({ entries }) => entries)) + sum(pages.map(([, entries]) => entries))',
        to: 'sum(named.map(({ entries }) => entries))',
      },
    ],
  },
  {
    name: 'of-blocks-the-last-one-of-a-group-counts',
    edits: [{ file: sizes, from: '(byGroup.get(keyGroup) ?? 0) + bytes', to: 'bytes' }],
  },
];
