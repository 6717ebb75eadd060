/**
 * How large what a batch has stored is, for its report and for what warns of limits.
 *
 * SIZE-1 Sizes follow from what is stored: whoever resumes the batch comes to the same. But for what reducers have had of memory.
 * SIZE-2 Each state that the batch has put counts once: when its key group is done, in whichever round that is.
 */
import type { BatchSizes, StateFigures } from '../pipeline/reporter.ts';
import type { BatchBody, SealedBatch } from './model.ts';
import { type Manifest, sizeOf, sum } from './state/manifest.ts';

/** Of one state. It travels through the state machine, or what those of a wave come to. */
export type GroupSize = StateFigures;
/** Of the states of several key groups. */
export type StateSizes = NonNullable<BatchSizes['states']>;

type StateToSize = { readonly manifest: Manifest; readonly steps: readonly unknown[] };

export const sizeOfState = ({ manifest, steps }: StateToSize): GroupSize => ({
  ...sizeOf(manifest),
  manifestChars: charsOf(manifest),
  steps: steps.length,
});

/** In any order. `sizes`: undefined where nothing was counted yet. */
export function addSize(sizes: StateSizes | undefined, size: GroupSize | undefined): StateSizes | undefined {
  if (size === undefined) return sizes;
  if (sizes === undefined) return { groups: 1, total: size, most: size };
  return {
    groups: sizes.groups + 1,
    total: joined(sizes.total, size, (all, one) => all + one),
    most: joined(sizes.most, size, Math.max),
  };
}

/** Of several key groups, and of several others. */
export function addSizes(one: StateSizes | undefined, other: StateSizes | undefined): StateSizes | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    groups: one.groups + other.groups,
    total: joined(one.total, other.total, (all, more) => all + more),
    most: joined(one.most, other.most, Math.max),
  };
}

function joined(left: GroupSize, right: GroupSize, join: (left: number, right: number) => number): GroupSize {
  return {
    entries: join(left.entries, right.entries),
    bytes: join(left.bytes, right.bytes),
    segments: join(left.segments, right.segments),
    runs: join(left.runs, right.runs),
    inlineChars: join(left.inlineChars, right.inlineChars),
    manifestChars: join(left.manifestChars, right.manifestChars),
    steps: join(left.steps, right.steps),
  };
}

export function sizesOfBlocks({ blocks }: Pick<SealedBatch, 'blocks'>): BatchSizes['blocks'] {
  const byGroup = new Map<number, number>();
  for (const { keyGroup, bytes } of blocks.flatMap(({ groups }) => groups))
    byGroup.set(keyGroup, (byGroup.get(keyGroup) ?? 0) + bytes);
  const all = [...byGroup.values()];
  return { blocks: blocks.length, bytes: sum(all), mostOfGroup: Math.max(0, ...all) };
}

export type ReducerMemory = NonNullable<BatchSizes['reducerMemory']>;

/** The one of which less is left, by its share. */
export function fullest(one: ReducerMemory | undefined, other: ReducerMemory | undefined): ReducerMemory | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.peakBytes * one.limitBytes > one.peakBytes * other.limitBytes ? other : one;
}

export const sizesOf = (
  { shards: _, parts: __, replacedParts: ___, ...sealed }: BatchBody,
  states: StateSizes | undefined,
  reducerMemory?: ReducerMemory,
): BatchSizes => ({
  ...(states === undefined ? {} : { states }),
  ...(reducerMemory === undefined ? {} : { reducerMemory }),
  blocks: sizesOfBlocks(sealed),
  bodyChars: charsOf(sealed),
});

export const charsOf = (value: unknown): number => JSON.stringify(value).length;
