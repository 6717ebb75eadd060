/**
 * Deletes objects that nothing names: of tries that have lost, and of processes that died between an object and the item that was to name it.
 *
 * SWEEP-1 (P1) Looked at are objects of batches below the one up to which all was purged, and of those only such as were put more than a day before the
 *    page that lists them was made, by the bucket's own clock. Whoever puts an object puts its name within the life of one function, minutes
 *    later: what has none after a day gets none.
 * SWEEP-2 (P1) Of the kinds of `keepers` each object stays that one of their items names, read after the page was made; where that can't be
 *    known, all do. Those of other kinds in `ofBatches` are named by items of their batch alone, and those are gone. An object of
 *    any other kind stays.
 */
import { afterPass, nextSweep, noSweepYet, type SweepProgress } from '../../core/sweep-progress.ts';
import type { Bucket, ListedObject } from '../../ports/bucket.ts';
import type { Sweep } from '../../ports/sweep.ts';
import { type ObjectPlace, placeOfObject } from '../s3/object-key.ts';
import { bytesIn, numberIn } from './item.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { keepers } from './keepers.ts';
import { padBatch, sweepKey } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { itemOf } from './saved-value.ts';
import type { Storage } from './storage.ts';

/** An orphan's age, and how often they are looked for. */
const dayMs = 86_400_000;
/** Kinds of objects that go with their batch, whoever named them. */
const ofBatches = new Set(['BATCH', 'blocks']);

const progressKind = itemKind<SweepProgress>('progress of sweeps', {
  1: fields({ passes: 'list', current: 'object or null' }),
});

type Found = ListedObject & { readonly place: ObjectPlace };

export function createSweep(storage: Storage): Sweep {
  const { bucket, pipeline, clock, sweepEveryMs: everyMs = dayMs } = storage;
  if (bucket === undefined) return async () => ({ deleted: 0 });
  return async ({ below, deadline }) => {
    const progress = await loadProgress(storage);
    const next = nextSweep(progress, { now: clock.now(), below, everyMs });
    if (next === undefined) return { deleted: 0 };
    const { pass, from } = next;
    let after = next.after ?? `${pipeline}/${padBatch(from)}`;
    let deleted = 0;
    let isLast: boolean;
    do {
      const page = await bucket.list({ prefix: `${pipeline}/`, after });
      const found = page.objects.flatMap((object): Found[] => {
        const place = placeOfObject(object.key);
        return place === undefined ? [] : [{ ...object, place }];
      });
      isLast = page.isLast || found.some(({ place }) => place.batchId >= pass.below);
      const old = found.filter(
        ({ place, modifiedAt }) => place.batchId < pass.below && modifiedAt < page.now - everyMs,
      );
      deleted += await deleteUnnamed(storage, bucket, old, pass.below);
      after = page.objects.at(-1)?.key ?? after;
    } while (!isLast && clock.now() < deadline);
    const current = { ...pass, after };
    await saveProgress(storage, isLast ? afterPass(progress, pass, everyMs) : { ...progress, current });
    return { deleted };
  };
}

async function deleteUnnamed(storage: Storage, bucket: Bucket, old: readonly Found[], below: number): Promise<number> {
  const unnamed = old.filter(({ place }) => ofBatches.has(place.kind)).map(({ key }) => key);
  for (const { kind, named } of keepers) {
    const some = old.filter(({ place }) => place.kind === kind);
    if (some.length === 0) continue;
    const kept = await named(
      storage,
      some.map(({ place }) => place),
      below,
    );
    if (kept !== undefined) unnamed.push(...some.map(({ key }) => key).filter((key) => !kept.has(key)));
  }
  await bucket.delete(unnamed);
  return unnamed.length;
}

async function loadProgress({ table, pipeline }: Storage): Promise<SweepProgress> {
  const key = sweepKey(pipeline);
  const item = await table.get(key);
  if (item === undefined) return noSweepYet;
  return readAs(progressKind, { v: numberIn(item, 'v'), json: decode(bytesIn(item, 'data')) }, key);
}

/** The last one counts: whoever is behind looks at some names twice. */
async function saveProgress({ table, pipeline }: Storage, progress: SweepProgress): Promise<void> {
  await table.put({ ...itemOf(progressKind, sweepKey(pipeline)), data: { B: encode(progress) } });
}
