/** What is named and not there. */
import { SluiceError } from '../../core/errors.ts';
import type { Item, Key, Table } from './table.ts';

/** What is named was written before its name. An answer that it is not there is asked for once more: it stops a pipeline. */
export async function getNamed(table: Table, key: Key): Promise<Item> {
  const item = (await table.get(key)) ?? (await table.get(key));
  if (item === undefined) throw missing(key);
  return item;
}

export function missing(key: Key, why = 'it is named but not there'): SluiceError {
  return new SluiceError('MissingItem', `${key.pk} / ${key.sk}: ${why}; what is missing is never taken for empty`);
}
