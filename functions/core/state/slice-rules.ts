/**
 * In which slices the state of a pipeline lies, and which of them a batch reads.
 *
 * SLICE-1 Windows that stay what they are, and of which each is decided alone, lie in the slice of their end. All else of a key hangs
 *    together, and lies in one slice.
 * SLICE-2 What is not read changes by what is added to it alone: windows that neither give out a result in the batch nor have given out
 *    one, with aggregates that the engine merges itself. What a batch gives out is the same whether they are read or not.
 * SLICE-3 A slice that is over is gone with the batch: nothing says so window by window.
 */
import type { Aggregation } from '../../pipeline/pipeline.ts';
import type { Watermarks } from '../key-change.ts';
import { operatorOf } from '../keyed-operators.ts';
import type { SavedWindow, SavedWindows } from '../saved-windows.ts';
import { windowAggregate } from '../window-changes.ts';
import { hasClosed, overBy } from '../windows.ts';
import { hasSlice, type Slices } from './manifest.ts';

export type SliceRules = {
  readonly sliceOf: 'by-end' | 'one';
  readonly slices: Slices;
  /** Of a window that changes and stays: what was there is not known, and is merged with it when it is read. */
  isAdded(window: SavedWindow): boolean;
  /** Absent: none is over as a whole. */
  readonly overUpTo?: number;
};

export const isSlicedByEnd = (aggregation: Aggregation): boolean =>
  operatorOf(aggregation) === windowAggregate &&
  aggregation.window.kind.merge === undefined &&
  aggregation.window.kind.panes === undefined;

const isNeverAdded = (): boolean => false;

/** `blocks`: what the batch brings. `readsAll`: whatever the batch does. */
export function sliceRules(
  aggregation: Aggregation,
  { watermarkIn, watermarkOut }: Watermarks,
  blocks: readonly SavedWindows[],
  readsAll = false,
): SliceRules {
  if (!isSlicedByEnd(aggregation)) return { sliceOf: 'one', slices: 'all', isAdded: isNeverAdded };
  const { window: spec, mode, aggregates } = aggregation;
  const overUpTo = overBy(spec, watermarkOut);
  const over = overUpTo === null ? {} : { overUpTo };
  if (readsAll || mode === 'complete') return { sliceOf: 'by-end', slices: 'all', isAdded: isNeverAdded, ...over };
  const isAddedTo = mode === undefined && aggregates.every(({ fn }) => fn.gathered === undefined);
  const hasGivenOut = (end: number) => hasClosed(spec, { start: end, end }, watermarkIn);
  const named = endsIn(blocks, (end) => !isAddedTo || hasGivenOut(end));
  const slices: Slices = { named, ...closing({ watermarkIn, watermarkOut }) };
  return { sliceOf: 'by-end', slices, isAdded: ([, end]) => !hasSlice(slices, end), ...over };
}

/** The ends that the watermark comes past. */
const closing = ({ watermarkIn, watermarkOut }: Watermarks): { readonly after: number; readonly upTo: number } => ({
  after: watermarkIn ?? Number.NEGATIVE_INFINITY,
  upTo: watermarkOut ?? Number.NEGATIVE_INFINITY,
});

function endsIn(blocks: readonly SavedWindows[], isNamed: (end: number) => boolean): ReadonlySet<number> {
  const ends = new Set<number>();
  for (const block of blocks) for (const [, windows] of block) for (const [, end] of windows) ends.add(end);
  return new Set([...ends].filter(isNamed));
}
