/** Attributes of items that were read. One that every such item has, and this answer has not, is no item to go by. */
import { SluiceError } from '../../core/errors.ts';
import type { Item } from './table.ts';

export const textIn = (item: Item, name: string): string => item[name]?.S ?? lacks(item, name);
export const bytesIn = (item: Item, name: string): Uint8Array => item[name]?.B ?? lacks(item, name);

export function numberIn(item: Item, name: string): number {
  const number = Number(item[name]?.N);
  return Number.isNaN(number) ? lacks(item, name) : number;
}

function lacks(item: Item, name: string): never {
  const { pk, sk } = item;
  throw new SluiceError('TemporaryFailure', `item ${pk?.S} / ${sk?.S}: the answer lacks ${name}`);
}
