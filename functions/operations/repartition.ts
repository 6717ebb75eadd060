/**
 * Another number of key groups: a restored batch whose states have the windows of the batch before, each key in the group that it has from now on.
 *
 * REPARTITION-1 What is open is the same before and after, key by key. Nothing is read from the stream and nothing is given out.
 * REPARTITION-2 A key group of before is read in portions, and what of it goes to one group is one run: its segments are in order. Runs of one group
 *    have no key in common, so in which order they stand says nothing.
 */
import { keysOfGroup } from '../adapters/dynamodb/keys-of-group.ts';
import { groupIn } from '../core/distinct-keys.ts';
import { SluiceError } from '../core/errors.ts';
import { fittingFrom } from '../core/fitted-windows.ts';
import { canonicalKey, keyGroupOf } from '../core/key-group.ts';
import type { BatchBody, BatchName, GroupState } from '../core/model.ts';
import { joinEnds, type OpenEnds } from '../core/open-ends.ts';
import type { SavedKey } from '../core/saved-windows.ts';
import type { KeyOfSlice } from '../core/state/keys-by-slice.ts';
import type { Run, SegmentRef } from '../core/state/manifest.ts';
import { mergingBy } from '../core/state/merging-by.ts';
import { encodeSegment } from '../core/state/segment.ts';
import type { EntryOfSlice } from '../core/state/state-entry.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { CommittedHead, OperatedPipeline } from './operated-pipeline.ts';
import { type RestoredBatch, type RestoredState, restoreBatch, type StatesFrom } from './restore-batch.ts';

/** Entries that are held of a group until they are a segment; and of all groups, where there are many. */
const entriesOfSegment = 20_000;
const mostHeld = 100_000;

type Definition = Pick<Pipeline, 'name' | 'aggregation' | 'fingerprint'>;

/**
 * @throws OperationRefused while a driver holds the pipeline, or a sealed batch is to be finished; `FingerprintChanged` where the definition
 *    is not the one that the pipeline has run with last; nothing has changed then
 */
export async function repartition(
  of: OperatedPipeline,
  definition: Definition,
  { committed, fingerprint }: CommittedHead,
  parallelism: number,
): Promise<RestoredBatch> {
  if (fingerprint !== definition.fingerprint)
    throw new SluiceError(
      'FingerprintChanged',
      `${of.name}: the file has keys, a window or aggregates that are not those of the last run. Repartition with the definition that ran, then deploy the other one`,
    );
  return restoreBatch(of, {
    why: 'repartition',
    source: { of, ...committed },
    ...{ givesUp: false, newGeneration: false, parallelism },
    states: dividedStates(of, definition, parallelism),
  });
}

const dividedStates =
  (of: OperatedPipeline, definition: Definition, parallelism: number): StatesFrom =>
  async (source, batch) => {
    const groups = Array.from({ length: parallelism }, () => ({ runs: [] as Run[], ends: [] as OpenEnds[] }));
    const { aggregation } = definition;
    for (const [keyGroup, named] of source.states.entries()) {
      if (named === null || aggregation === undefined) continue;
      const divided = await divide(of, { ...definition, aggregation }, { source, batch, keyGroup, named, parallelism });
      for (const [to, segments] of divided.entries()) {
        if (segments.length === 0) continue;
        groups[to]!.runs.push({ level: 1, segments });
        groups[to]!.ends.push(named);
      }
    }
    // Another definition may have planned since the batch, and its aggregates are what is divided.
    const { fingerprint } = definition;
    const savedUnder = fingerprint === source.fingerprint ? {} : { fingerprint };
    const divided = groups.map(({ runs, ends }): RestoredState | null =>
      runs.length === 0 ? null : { ...joinEnds(ends), manifest: { runs } },
    );
    return divided.map((state) => state && { ...state, ...savedUnder });
  };

type Dividing = {
  readonly source: BatchBody;
  readonly batch: BatchName;
  readonly keyGroup: number;
  readonly named: GroupState;
  readonly parallelism: number;
};

/** By group of from now on: the segments of what goes there. */
async function divide(
  { states, segments }: OperatedPipeline,
  definition: Definition & { readonly aggregation: NonNullable<Definition['aggregation']> },
  { source, batch, keyGroup, named, parallelism }: Dividing,
): Promise<readonly (readonly SegmentRef[])[]> {
  const { manifest, fingerprint } = await states.loadState(keyGroup, named.batchId, named.ref);
  const saved = fingerprint ?? named.fingerprint ?? source.fingerprint;
  const { functions } = mergingBy(saved, definition);
  const fitted = fittingFrom(saved, definition) ?? asItIs;
  const open = Array.from({ length: parallelism }, (): EntryOfSlice[] => []);
  const put = Array.from({ length: parallelism }, (): SegmentRef[] => []);
  let held = 0;
  const flush = async (to: number): Promise<void> => {
    const { limits, packing } = segments;
    const encoded = encodeSegment(open[to]!, { ...limits, packing });
    held -= open[to]!.length;
    open[to] = [];
    if (encoded !== undefined) put[to]!.push(await segments.putSegment({ ...batch, keyGroup: to }, encoded));
  };
  for await (const [slice, key] of keysOfGroup(segments, { group: keyGroup, manifest }, functions)) {
    const entry = entryOf([slice, key], fitted);
    // Events that count once lie with their group (ONCE-1).
    const to = keyGroupOf(canonicalKey(groupIn(definition.aggregation, key[0])), parallelism);
    open[to]!.push(entry);
    held += 1;
    if (open[to]!.length >= entriesOfSegment) await flush(to);
    else if (held >= mostHeld) await flush(fullest(open));
  }
  for (const to of open.keys()) await flush(to);
  return put;
}

const fullest = (open: readonly (readonly unknown[])[]): number =>
  open.reduce((most, entries, at) => (entries.length > open[most]!.length ? at : most), 0);

type Fitted = (accumulators: readonly unknown[]) => readonly unknown[];
const asItIs: Fitted = (accumulators) => accumulators;

function entryOf([slice, [keyValues, windows, given]]: KeyOfSlice, fitted: Fitted): EntryOfSlice {
  const upserts = windows.map(([start, end, accumulators, ...mark]): SavedKey[1][number] => [
    start,
    end,
    fitted(accumulators),
    ...mark,
  ]);
  const entry = { canonical: canonicalKey(keyValues), upserts, added: [], removals: [] };
  return [slice, given === undefined ? entry : { ...entry, given }];
}
