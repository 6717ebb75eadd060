/** The segments of a key group's state: what a batch reads of them, in two rounds of requests at most, and what it puts. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { SealedBatch } from '../../core/model.ts';
import type { SavedWindows } from '../../core/saved-windows.ts';
import { type Manifest, noManifest } from '../../core/state/manifest.ts';
import { refuseTooLarge } from '../../core/state/state-memory.ts';
import { type StateBefore, StateOfBatch } from '../../core/state/state-of-batch.ts';
import type { StateDelta } from '../../core/state-delta.ts';
import type { SegmentStore } from '../../ports/segment-store.ts';
import type { Around, StateName } from '../../ports/state-store.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** A step of a merge and what the batch has changed: there are no more. */
const atOnce = 2;

type Reducing = ConstructorParameters<typeof StateOfBatch>[0];

export async function loadWindows(
  segments: SegmentStore,
  pipeline: Reducing,
  given: {
    readonly body: SealedBatch;
    readonly keyGroup: number;
    readonly before: StateBefore | undefined;
    /** By the blocks of the batch. */
    readonly brought: readonly SavedWindows[];
    /** The function's. Undefined: nobody knows. */
    readonly memoryBytes?: number | undefined;
  },
): Promise<StateOfBatch> {
  const { body, keyGroup, before, brought, memoryBytes } = given;
  const windows = new StateOfBatch(pipeline, { ...body, keyGroup }, { before, brought, storing: segments });
  const { reads } = windows;
  const about = { keyGroup, batchId: body.batchId };
  refuseTooLarge({ ...about, ranges: reads }, memoryBytes);
  const first = await segments.loadRanges(keyGroup, reads);
  const ranges = windows.rangesBehind(first);
  const rewritten = windows.rewritten(first);
  refuseTooLarge({ ...about, ranges: [...reads, ...ranges], rewritten }, memoryBytes);
  const behind = await segments.loadRanges(keyGroup, ranges);
  windows.take([...first, ...behind]);
  return windows;
}

export type PutWindows = Pick<Around, 'put' | 'dropped'> & { readonly manifest: Manifest };

/** `windows`: absent where the step has none. */
export async function putWindows(
  { segments }: Pick<ReduceRuntime['ports'], 'segments'>,
  state: StateName,
  { windows, delta }: { readonly windows: StateOfBatch | undefined; readonly delta: StateDelta },
): Promise<PutWindows> {
  if (windows === undefined) return { manifest: noManifest, put: [], dropped: [] };
  const after = windows.after(delta);
  const put = await inParallel(after.segments, atOnce, (segment) => segments.putSegment(state, segment));
  const manifest = after.manifest(put);
  return { manifest, put, dropped: windows.dropped(manifest) };
}
