/**
 * The savepoints of a pipeline: `SAVEPOINT#<name>` in its partition.
 *
 * INDEX-1 Put when a savepoint is whole, and deleted before anything of it is: what is listed can be gone back to.
 */
import { textIn } from './item.ts';
import { fields, itemKind } from './item-kind.ts';
import { savepointKey } from './keys.ts';
import { loadSaved, loadWhole, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

export type SavedPoint = {
  readonly name: string;
  /** The batch of the pipeline that it is a copy of. */
  readonly batchId: number;
  readonly ref: number;
  /** Of that batch. Null: its report had expired. */
  readonly committedAt: number | null;
  readonly madeAt: number;
  /** Of the state: windows of keys, and bytes of segments and of what lies in states themselves. */
  readonly entries: number;
  readonly bytes: number;
  /** The bucket that it was made with. Null: all of it lies in the table. */
  readonly bucket: string | null;
};

const savepoint = itemKind<SavedPoint>('savepoint', {
  1: fields({
    ...{ name: 'text', batchId: 'number', ref: 'number', committedAt: 'number or null', madeAt: 'number' },
    ...{ entries: 'number', bytes: 'number', bucket: 'text or null' },
  }),
});

export type SavepointIndex = {
  /** If absent. */
  put(point: SavedPoint): Promise<void>;
  load(name: string): Promise<SavedPoint | undefined>;
  /** By name. */
  list(): Promise<readonly SavedPoint[]>;
  remove(name: string): Promise<void>;
};

/** `storage`: of the pipeline. */
export function createSavepointIndex(storage: Storage): SavepointIndex {
  const { pipeline, table } = storage;
  return {
    async put(point) {
      await saveIfAbsent(savepoint, savepointKey(pipeline, point.name), point, storage);
    },
    load: (name) => loadSaved(savepoint, savepointKey(pipeline, name), storage),
    async list() {
      const where = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': savepointKey(pipeline, '').sk } };
      const points: SavedPoint[] = [];
      for await (const item of table.query(pipeline, where))
        points.push(await loadWhole(savepoint, { pk: pipeline, sk: textIn(item, 'sk') }, item, storage));
      return points;
    },
    remove: (name) => table.deleteAll([savepointKey(pipeline, name)]),
  };
}
