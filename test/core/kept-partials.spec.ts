/** KEPT-1, KEPT-2. */
import { describe, expect, it } from 'vitest';
import type { NamedPartials } from '../../functions/core/group-partials.ts';
import { gathered, keptOf } from '../../functions/core/kept-partials.ts';

const kept = (sizes: readonly number[], mostOfGroup: number, mostOfBlock: number) => [
  ...keptOf(sizes, { mostOfGroup, mostOfBlock }),
];

describe('a block keeps', () => {
  it('of key groups what is small, each up to a limit', () => {
    expect(kept([300, 512, 513, 10], 512, 4_096)).toEqual([3, 0, 1]);
    expect(kept([513], 512, 4_096)).toEqual([]);
    expect(kept([], 512, 4_096)).toEqual([]);
  });

  it('so much in all, the smallest first', () => {
    expect(kept([40, 30, 20, 10], 100, 60)).toEqual([3, 2, 1]);
    expect(kept([40, 30, 20, 10], 100, 59)).toEqual([3, 2]);
    expect(kept([40, 30, 20, 10], 100, 9)).toEqual([]);
  });
});

describe('what blocks keep is gathered', () => {
  const inBlock = (keyGroup: number): NamedPartials => ({ keyGroup, v: 1, bytes: 9 });
  const apart = (keyGroup: number, part?: number): NamedPartials => ({
    ...{ keyGroup, v: 1, bytes: 9, chunks: 0, digest: 'd' },
    ...(part === undefined ? {} : { part }),
  });

  it('by key group, block by block as they are named; what lies apart is passed by', () => {
    const blocks = [
      { task: 3, groups: [apart(2), inBlock(7), inBlock(0)] },
      { task: 1, groups: [apart(7)] },
      { task: 2, groups: [apart(0, 1), inBlock(2), inBlock(7)] },
    ];
    const of: Readonly<Record<number, readonly string[]>> = { 3: ['3 of 7', '3 of 0'], 2: ['2 of 2', '2 of 7'] };
    expect(gathered(blocks, ({ task }) => of[task]!)).toEqual([
      [0, ['3 of 0']],
      [2, ['2 of 2']],
      [7, ['3 of 7', '2 of 7']],
    ]);
  });

  it('and is nothing where none keeps anything', () => {
    const asked = () => {
      throw new Error('asked for what it does not keep');
    };
    expect(gathered([{ task: 0, groups: [apart(1)] }], asked)).toEqual([]);
  });
});
