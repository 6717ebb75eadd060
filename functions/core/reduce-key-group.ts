/**
 * Reduce: what batch N changes of the state of one key group, and the exact records it sends out.
 *
 * REDUCE-1 A pure function of (state N-1, the sealed blocks, the seal): whoever resumes computes the same value, and what
 *    was stored first is what counts.
 * REDUCE-2 Results come in a fixed order (window, canonical key), so `index` names the same result for ever.
 */
import type { Aggregation } from '../pipeline/pipeline.ts';
import { type Carried, carriedOut } from './carried.ts';
import { Delivery } from './deliver-results.ts';
import { SluiceError } from './errors.ts';
import { type RowInput, rowEvaluator } from './evaluate-row.ts';
import { type GivenOfEnd, runsAfter } from './given-runs.ts';
import type { SavedPartials } from './group-partials.ts';
import type { ChangedWindow, GivenOfPanes, KeyChange } from './key-change.ts';
import { type KeysOfGroup, keyChanges } from './keyed-operators.ts';
import type { SealedBatch } from './model.ts';
import { limitsOf, type OutputLimits } from './record-limit.ts';
import { type Aggregating, type LateOfKey, type Reduction, reductionOf, rowInputs, stateAfter } from './reduction.ts';
import { EntriesToCome, type EntryLimits, entryLimits, type ResultEntries } from './result-entries.ts';
import { isVersioned } from './result-version.ts';
import type { RetractedEntry } from './rows-taken-back.ts';
import type { Given, GivenRun, SavedKey, SavedWindow, SavedWindows } from './saved-windows.ts';
import { asSealed } from './sealed-versions.ts';
import { needsMerging, saveWindow, unmergedOf } from './unmerged.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** Before and of each block: keys by canonical text, as they are saved. Where there may be many results, each can be gone through again. */
type Group = KeysOfGroup & {
  readonly keyGroup: number;
  /** What the blocks have brought for the outbox. Absent: nothing. */
  readonly carried?: readonly Carried[];
  /** What is over goes without a word of each key: it lies apart from all that stays. */
  readonly dropsOver?: boolean;
};

/** What the blocks of a batch have of the group. */
export const blocksOf = (partials: readonly SavedPartials[]): Pick<Group, 'blocks' | 'carried'> => ({
  blocks: partials.map(({ windows }) => windows),
  carried: partials.flatMap(({ carried }) => carried ?? []),
});

export function reduceKeyGroup(
  pipeline: Aggregating,
  body: SealedBatch,
  group: Group & { readonly before: SavedWindows },
  limits: OutputLimits = limitsOf(pipeline.outputs),
) {
  const { rows, setup, finish } = prepareReduce(pipeline, body, group);
  return stateAfter(group.before, finish(rows.map(rowEvaluator(pipeline, setup)), limits));
}

export function prepareReduce(
  given: Aggregating,
  body: SealedBatch,
  group: Group,
  atOnce: EntryLimits = entryLimits,
): Reduction {
  const pipeline = asSealed(given, body);
  const { aggregation } = pipeline;
  const anew = () => keyChanges(aggregation, body, again(group));
  // What is known of versions is known of each window by itself, and some of them stay.
  const toCome = new EntriesToCome(anew, isVersioned(aggregation) ? undefined : atOnce);
  const { changes, retracted, late } = parted(keyChanges(aggregation, body, group), toCome, {
    refuse: (rows) => refuseTooMany(rows, aggregation, group),
    dropsOver: group.dropsOver === true,
  });
  const entries = toCome.inOrder();
  const merges = mergesOf(aggregation, changes, entries.length);
  const rows = rowInputs(aggregation, entries, [...merges.values()]);
  const lateEvents = late.flatMap((change) => change.late).reduce((sum, { events }) => sum + events, 0);
  const { batchId, ref, generation } = body;
  const setup = { generation, batchId, ref, keyGroup: group.keyGroup };
  const carried = carriedOut(group.carried ?? [], new Map(late.map((key) => [key.canonical, key.late])));
  const begin = () => new Delivery(pipeline, { setup, entries, merges: merges.size, retracted, carried });
  const outcomeOf = (delivery: Delivery) => {
    const givenOf = givenAfter(entries, delivery.given);
    const save = (window: ChangedWindow): SavedWindow => {
      const { start, end } = window.held ?? window;
      const mark = givenOf(window);
      if (isDiscarded(aggregation, window)) return mark === undefined ? [start, end, []] : [start, end, [], mark];
      const [, , saved] = saveWindow(aggregation, window, delivery.mergedAt(merges.get(window)?.index ?? -1));
      return mark === undefined ? [start, end, saved] : [start, end, saved, mark];
    };
    const delta = changes.map(({ canonical, keyValues, changed, removed: removals, given: ofPanes }) => {
      const upserts = changed.length === 0 ? none : changed.map(save);
      const change = { canonical, keyValues, upserts, removals };
      return ofPanes === undefined ? change : { ...change, given: runsOf(aggregation, ofPanes, givenOf) };
    });
    return { ...setup, delta, ...delivery.counts(lateEvents), ...delivery.ranked };
  };
  return reductionOf(pipeline, { setup, rows, late, begin, outcomeOf });
}

/** What is its own iterator, as a generator is, has nothing left. */
function again(group: Group): Group {
  const isOver = (keys: Iterable<SavedKey>): boolean => Object.is(keys, keys[Symbol.iterator]());
  if (![group.before, ...group.blocks].some(isOver)) return group;
  throw new Error('there are so many results that keys are gone through again, and they can be gone through once');
}

/** Each key group sees only its own. */
function refuseTooMany(rows: number, { maxRows }: Aggregation, { keyGroup }: Group): void {
  if (maxRows === undefined || rows <= maxRows) return;
  const message =
    `key group ${keyGroup} has more than the ${maxRows} results that outputMode('complete', { maxRows: ${maxRows} }) allows ` +
    `in a batch; deploy with a higher maxRows, or with outputMode('update'): either goes on with this very batch`;
  throw new SluiceError('TooManyRows', message);
}

/** It gives out all that has come. */
const isDiscarded = ({ discards }: Aggregation, window: ChangedWindow): boolean =>
  window.isBare === true || (discards === true && 'version' in window);

/** What has been given out of a window, as its state is to say. `given`: of each entry; undefined: nothing that gives out a result stays. */
function givenAfter(
  entries: ResultEntries,
  given: readonly Given[] | undefined,
): (window: ChangedWindow) => Given | undefined {
  if (given === undefined) return ({ given: before }) => before;
  const byWindow = new Map<ChangedWindow, Given>(given.map((after, at) => [entries.at(at)!.window, after]));
  return (window) => byWindow.get(window) ?? window.given;
}

/** In append mode a window of which no version was given out is as one of which nothing is known. */
function runsOf(
  { mode, discards }: Aggregation,
  ofPanes: GivenOfPanes,
  givenOf: (window: ChangedWindow) => Given | undefined,
): readonly GivenRun[] {
  const changes = ofPanes.results.map((window): GivenOfEnd => {
    const given = givenOf(window);
    return [window.end, mode === undefined && discards !== true && given?.[0] === 0 ? undefined : given];
  });
  return runsAfter(ofPanes.before, changes, ofPanes);
}

type OpenChange = Pick<KeyChange, 'canonical' | 'keyValues' | 'changed' | 'removed' | 'given'>;

/** What changes of the state, and what else there is to say. `toCome` takes what gives out a result. */
function parted(
  all: Iterable<KeyChange>,
  toCome: EntriesToCome,
  { refuse, dropsOver }: { readonly refuse: (rows: number) => void; readonly dropsOver: boolean },
): {
  readonly changes: readonly OpenChange[];
  readonly retracted: readonly RetractedEntry[];
  readonly late: readonly LateOfKey[];
} {
  const changes: OpenChange[] = [];
  const retracted: RetractedEntry[] = [];
  const late: LateOfKey[] = [];
  for (const change of all) {
    const { canonical, keyValues, retracted: back, late: ofKey } = change;
    toCome.take(change);
    refuse(toCome.length);
    const open = openChangeOf(dropsOver ? { ...change, removed: none } : change, changes.at(-1));
    if (open !== undefined) changes.push(open);
    for (const window of back) retracted.push({ keyValues, window });
    if (ofKey.length > 0) late.push({ canonical, late: ofKey });
  }
  return { changes, retracted, late };
}

const none: readonly never[] = [];

/** As little as may be: where many windows close at once, each key has one. Its results, and bounds like those of the key before, it does not hold. */
function openChangeOf(
  { canonical, keyValues, changed, removed, given }: KeyChange,
  before: OpenChange | undefined,
): OpenChange | undefined {
  if (given !== undefined) return { canonical, keyValues, changed, removed, given };
  if (changed.length > 0) return { canonical, keyValues, changed, removed };
  if (removed.length === 0) return undefined;
  return {
    canonical,
    keyValues,
    changed: none,
    removed: isAlike(removed, before?.removed) ? before!.removed : removed,
  };
}

const isAlike = (removed: KeyChange['removed'], before: KeyChange['removed'] = []): boolean =>
  removed.length === before.length &&
  removed.every(([start, end], at) => start === before[at]![0] && end === before[at]![1]);

/** Of windows that stay open, those that user code has something to merge in. */
function mergesOf(
  aggregation: Aggregation,
  changes: readonly OpenChange[],
  rows: number,
): ReadonlyMap<OpenWindow, RowInput> {
  const merges = new Map<OpenWindow, RowInput>();
  for (const { keyValues, changed } of changes) {
    for (const window of changed) {
      const unmerged = unmergedOf(aggregation, window);
      if (!needsMerging(unmerged) || isDiscarded(aggregation, window)) continue;
      const { start, end } = window;
      const input = { index: rows + merges.size, row: {}, keyValues, window: { start, end }, unmerged };
      merges.set(window, { ...input, isOpen: true });
    }
  }
  return merges;
}
