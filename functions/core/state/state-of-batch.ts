/**
 * The state of a key group through one batch: what is to be read of the manifest before, and what follows from what the batch changes.
 *
 * REWRITE-1 Where the state was saved for other aggregates, the batch reads all of it and writes it anew: an aggregate that is gone is gone
 *    for good, and nothing of it comes back with a later definition.
 */
import type { Aggregation } from '../../pipeline/pipeline.ts';
import { fittedWindows, isSavedFor } from '../fitted-windows.ts';
import type { Watermarks } from '../key-change.ts';
import { canonicalKey } from '../key-group.ts';
import type { SavedKey, SavedWindows } from '../saved-windows.ts';
import { asSealed, type VersionRules } from '../sealed-versions.ts';
import { applyDelta, type KeyDelta, type StateDelta } from '../state-delta.ts';
import { withoutUserCode } from '../unmerged.ts';
import { type Compacted, type CompactionStep, compactionStep, rangesOfStep } from './compaction.ts';
import { keysOf } from './keys-of-state.ts';
import { type Manifest, namedBy, noManifest, type SegmentRef, type StateLimits } from './manifest.ts';
import { mergingBy } from './merging-by.ts';
import type { Packing } from './packing.ts';
import { type ByteRange, type LoadedRange, rangesOf, readsOf, SegmentReader } from './reading.ts';
import { type SliceRules, sliceRules } from './slice-rules.ts';
import { stateAfterBatch } from './state-change.ts';
import { entriesOf } from './state-entry.ts';
import { leastEntries } from './state-memory.ts';

export type StateBefore = {
  readonly manifest: Manifest;
  /** Of the pipeline that has saved it. */
  readonly fingerprint: string;
};

/** `gives`: as its seal says. What is read hangs on it, whatever code reduces the batch. */
export type BatchOfState = Watermarks & {
  readonly batchId: number;
  readonly keyGroup: number;
  readonly gives?: VersionRules;
};

type Reducing = { readonly aggregation: Aggregation; readonly fingerprint: string };
type Storing = { readonly limits: StateLimits; readonly packing: Packing };

export class StateOfBatch {
  readonly #pipeline: Reducing;
  readonly #storing: Storing;
  readonly #before: StateBefore;
  readonly #rules: SliceRules;
  readonly #step: CompactionStep | undefined;
  readonly #isRewritten: boolean;
  #loaded: readonly LoadedRange[] = [];

  /** `before`: absent if the group had no state. `brought`: by the blocks of the batch. */
  constructor(
    pipeline: Reducing,
    batch: BatchOfState,
    given: {
      readonly before: StateBefore | undefined;
      readonly brought: readonly SavedWindows[];
      readonly storing: Storing;
    },
  ) {
    const { before = { manifest: noManifest, fingerprint: pipeline.fingerprint }, brought, storing } = given;
    this.#pipeline = asSealed(pipeline, batch);
    this.#storing = storing;
    this.#before = before;
    this.#isRewritten = !isSavedFor(before.fingerprint, pipeline.fingerprint);
    this.#rules = sliceRules(this.#pipeline.aggregation, batch, brought, this.#isRewritten);
    const { overUpTo } = this.#rules;
    this.#step = this.#isRewritten
      ? undefined
      : compactionStep(before.manifest, { ...batch, overUpTo }, storing.limits);
  }

  /** How much is written anew as a whole, at least. `loaded`: the first round. Undefined: the state goes on as it lies. */
  rewritten(loaded: readonly LoadedRange[]): number | undefined {
    if (!this.#isRewritten) return undefined;
    return leastEntries(this.#before.manifest, new SegmentReader(loaded, this.#storing.packing));
  }

  /** The first round of what is to be loaded. */
  get reads(): readonly ByteRange[] {
    return each([
      ...readsOf(this.#before.manifest, this.#rules.slices, this.#storing.limits),
      ...(this.#step?.reads ?? []),
    ]);
  }

  /** The second one, behind the first. */
  rangesBehind(loaded: readonly LoadedRange[]): readonly ByteRange[] {
    const ofSlices = rangesOf(this.#before.manifest, this.#rules.slices, loaded, this.#storing.packing);
    return each([...ofSlices, ...(this.#step === undefined ? [] : rangesOfStep(this.#step, loaded, this.#storing))]);
  }

  /** Of both rounds. */
  take(loaded: readonly LoadedRange[]): void {
    this.#loaded = loaded;
  }

  /** What the batch goes by, by canonical text. Whoever goes through it has each key made anew, and may do so again. */
  get keys(): Iterable<SavedKey> {
    const { manifest, fingerprint } = this.#before;
    const from = {
      ...{ loaded: this.#loaded, slices: this.#rules.slices, packing: this.#storing.packing },
      // Accumulators are merged as they lie there, and fitted behind that.
      functions: this.#isRewritten
        ? mergingBy(fingerprint, this.#pipeline).functions
        : withoutUserCode(this.#pipeline.aggregation),
    };
    if (this.#isRewritten) return fittedWindows([...keysOf(manifest, from)], fingerprint, this.#pipeline);
    return { [Symbol.iterator]: () => keysOf(manifest, from) };
  }

  /** Slices that are over go as a whole (SLICE-3), and what is removed is nothing but windows that are over. */
  get dropsOver(): boolean {
    return this.#rules.sliceOf === 'by-end' && !this.#isRewritten;
  }

  /** What is to be put, and the manifest that then follows. */
  after(delta: StateDelta): Compacted {
    const { sliceOf, isAdded, overUpTo } = this.#rules;
    const changed = this.#isRewritten ? applyDelta(this.keys, delta).map(asDelta) : delta;
    return stateAfterBatch(this.#isRewritten ? noManifest : this.#before.manifest, {
      ...this.#storing,
      functions: withoutUserCode(this.#pipeline.aggregation),
      entries: entriesOf(changed, sliceOf, isAdded),
      ...{ overUpTo, step: this.#step, loaded: this.#loaded },
    });
  }

  /** What the state before names and the one after does not. */
  dropped(after: Manifest): readonly SegmentRef[] {
    const kept = new Set(namedBy(after).map(({ name }) => name));
    return namedBy(this.#before.manifest).filter(({ name }) => !kept.has(name));
  }
}

const asDelta = ([keyValues, upserts, given]: SavedKey): KeyDelta => {
  const delta = { canonical: canonicalKey(keyValues), keyValues, upserts, removals: [] };
  return given === undefined ? delta : { ...delta, given };
};

/** Of ranges that are asked for twice, one. */
function each(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const byName = new Map(ranges.map((range) => [`${range.segment.name} ${range.from} ${range.upTo}`, range]));
  return [...byName.values()];
}
