/**
 * The states of key groups as segments, in memory: cut so small, and merged so soon, that a few batches go through what thousands go through
 * where a pipeline is deployed. What comes out is the same.
 */
import type { BatchBody } from '../core/model.ts';
import type { SavedWindows } from '../core/saved-windows.ts';
import { keysBySlice } from '../core/state/keys-by-slice.ts';
import { keysOf } from '../core/state/keys-of-state.ts';
import { type Manifest, namedBy, refOf, type StateLimits } from '../core/state/manifest.ts';
import type { Packing } from '../core/state/packing.ts';
import type { ByteRange, LoadedRange } from '../core/state/reading.ts';
import { StateOfBatch } from '../core/state/state-of-batch.ts';
import { rowsOfKey, type StateRow, shapeOf } from '../core/state/state-row.ts';
import type { StateDelta } from '../core/state-delta.ts';
import { withoutUserCode } from '../core/unmerged.ts';
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import { throughJson } from './as-saved.ts';

const limits: StateLimits = {
  mostInlineChars: 0,
  pageEntries: 3,
  mostPageChars: 1_048_576,
  fanIn: 2,
  mostYounger: 1,
  mostMerged: { entries: 4, share: 0.25, ofYoungest: 2, chars: 33_554_432 },
  turns: 1,
  mostReadWhole: 0,
};

/** Nothing is damaged in memory. */
const packing: Packing = { compress: (bytes) => bytes, expand: (bytes) => bytes, digest: () => '' };

type Reducing = Pick<Pipeline, 'fingerprint'> & { readonly aggregation: Aggregation };

export class TestStates {
  readonly #segments = new Map<string, Uint8Array>();
  #names = 0;

  /** With all that the batch reads. `manifest`: undefined, the group had no state. */
  open(
    pipeline: Reducing,
    body: BatchBody,
    of: {
      readonly keyGroup: number;
      readonly manifest: Manifest | undefined;
      readonly brought: readonly SavedWindows[];
    },
  ): StateOfBatch {
    const { keyGroup, manifest, brought } = of;
    const before = manifest && { manifest, fingerprint: pipeline.fingerprint };
    const state = new StateOfBatch(pipeline, { ...body, keyGroup }, { before, brought, storing: { limits, packing } });
    const first = this.#load(state.reads);
    state.take([...first, ...this.#load(state.rangesBehind(first))]);
    return state;
  }

  put(state: StateOfBatch, delta: StateDelta): Manifest {
    const { segments, manifest } = state.after(delta);
    const refs = segments.map((segment) => {
      const name = String(this.#names++);
      this.#segments.set(name, segment.bytes);
      return refOf(segment, { name, chunks: 1 });
    });
    return throughJson(manifest(refs));
  }

  /** All that is open. */
  windowsIn(aggregation: Aggregation, manifest: Manifest): SavedWindows {
    const loaded = this.#loadAll(manifest);
    return [...keysOf(manifest, { loaded, slices: 'all', functions: withoutUserCode(aggregation), packing })];
  }

  /** The same as rows, made when they are asked for: also when the segments that they lie in are gone. */
  rowsIn({ aggregation, fingerprint }: Reducing, group: number, manifest: Manifest): () => readonly StateRow[] {
    const loaded = this.#loadAll(manifest);
    return () => {
      const shape = shapeOf(fingerprint);
      if (shape === undefined) return [];
      const from = { loaded, slices: 'all', functions: withoutUserCode(aggregation), packing } as const;
      const rows: StateRow[] = [];
      for (const key of keysBySlice(manifest, from))
        for (const { row } of rowsOfKey(key, { shape, group, aggregation })) rows.push(row);
      return rows;
    };
  }

  /** What no manifest names goes. */
  keep(manifests: readonly Manifest[]): void {
    const named = new Set(manifests.flatMap((manifest) => namedBy(manifest).map(({ name }) => name)));
    for (const name of this.#segments.keys()) if (!named.has(name)) this.#segments.delete(name);
  }

  #loadAll(manifest: Manifest): readonly LoadedRange[] {
    return this.#load(namedBy(manifest).map((segment) => ({ segment, from: 0, upTo: segment.bytes })));
  }

  #load(ranges: readonly ByteRange[]): readonly LoadedRange[] {
    return ranges.map((range) => ({
      ...range,
      bytes: this.#segments.get(range.segment.name)!.subarray(range.from, range.upTo),
    }));
  }
}
