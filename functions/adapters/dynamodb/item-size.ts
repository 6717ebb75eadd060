/**
 * The size of an item, as DynamoDB counts it.
 *
 * ITEMSIZE-1 What exceeds the limit is refused by name before it is sent: the service would say no more than that it is too large.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SluiceError } from '../../core/errors.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** 400 KB. */
export const mostItemBytes = 409_600;

/** Of names and values. Numbers count as the text that they are sent as, which is no less than what is billed. */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

const valueBytes = ({ S, N, B }: AttributeValue): number => B?.length ?? Buffer.byteLength(S ?? N ?? '');

/** @throws SluiceError ItemTooLarge */
export function refuseLarge(item: Item): void {
  const bytes = itemBytes(item);
  if (bytes <= mostItemBytes) return;
  const [name, largest] = Object.entries(item).reduce((most, each) =>
    valueBytes(each[1]) > valueBytes(most[1]) ? each : most,
  );
  throw new SluiceError(
    'ItemTooLarge',
    `item ${item.pk?.S} / ${item.sk?.S} would have ${number(bytes)} bytes, ${number(valueBytes(largest))} of them in \`${name}\`; ` +
      `DynamoDB takes ${number(mostItemBytes)}: use more key groups, which divide what an item is of`,
  );
}

const number = (value: number): string => value.toLocaleString('en');
