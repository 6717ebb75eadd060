/** Troubles: `TROUBLE#reduce`, and `TROUBLE#read#<task>`. */
import type { Trouble } from '../../core/trouble.ts';
import type { TroubleStore } from '../../ports/trouble-store.ts';
import { bytesIn, numberIn, textIn } from './item.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { troubleKey, troublePrefix } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { itemOf } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';
import type { Item, Key } from './table.ts';

const troubleDays = 1;

const trouble = itemKind<Trouble>('trouble', { 1: fields({ kind: 'text', ref: 'number', at: 'number' } as never) });

export function createTroubleStore(storage: Storage): TroubleStore {
  const { table, pipeline } = storage;
  const read = (item: Item, key: Key): Trouble =>
    readAs(trouble, { v: numberIn(item, 'v'), json: decode(bytesIn(item, 'data')) }, key);
  return {
    async loadTrouble(place) {
      const key = troubleKey(pipeline, place);
      const item = await table.get(key);
      return item === undefined ? undefined : read(item, key);
    },
    async putTrouble(given) {
      const root = itemOf(trouble, troubleKey(pipeline, given), inDays(storage, troubleDays));
      await table.put({ ...root, data: { B: encode(given) } });
    },
    async loadTroubles() {
      const found: Trouble[] = [];
      const where = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': troublePrefix } };
      for await (const item of table.query(pipeline, where))
        found.push(read(item, { pk: pipeline, sk: textIn(item, 'sk') }));
      return found;
    },
  };
}
