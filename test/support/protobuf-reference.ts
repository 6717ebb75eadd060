/**
 * The protobuf wire format and the message of an aggregated record, written down as the format's description has them:
 * slowly, with copies, and with 64-bit numbers. Undefined where the description allows no reading.
 */
import type { AggregatedEvent } from '../../functions/core/aggregated-record.ts';

type Field = { readonly number: bigint; readonly wireType: bigint; readonly value: bigint | Uint8Array };

export type ReferenceReading = {
  readonly events: readonly AggregatedEvent[];
  /** Only fields of the message, each in its own wire type: what every reader must read in the same way. */
  readonly isOrdinary: boolean;
};

export function readByDescription(message: Uint8Array): ReferenceReading | undefined {
  const fields = fieldsOf(message);
  if (fields === undefined) return undefined;
  const keysOf = (number: bigint): string[] =>
    fields.flatMap((field) => (field.number === number && isBytes(field) ? [textOf(field.value as Uint8Array)] : []));
  const partitionKeys = keysOf(1n);
  const explicitHashKeys = keysOf(2n);
  const events: AggregatedEvent[] = [];
  let isOrdinary = fields.every((field) => field.number <= 3n && isBytes(field));
  for (const { value } of fields.filter((field) => field.number === 3n && isBytes(field))) {
    const record = fieldsOf(value as Uint8Array);
    if (record === undefined) return undefined;
    const last = (number: bigint, wireType: bigint) =>
      record.findLast((field) => field.number === number && field.wireType === wireType)?.value;
    const data = last(3n, 2n);
    const partitionKey = keyAt(partitionKeys, last(1n, 0n));
    const index = last(2n, 0n);
    const explicitHashKey = keyAt(explicitHashKeys, index);
    if (data === undefined || partitionKey === undefined) return undefined;
    if (index !== undefined && explicitHashKey === undefined) return undefined;
    events.push({ partitionKey, explicitHashKey, data: data as Uint8Array });
    isOrdinary &&= record.every((field) => field.wireType === (field.number === 3n ? 2n : 0n) && field.number <= 3n);
  }
  return { events, isOrdinary };
}

const isBytes = (field: Field): boolean => field.wireType === 2n;
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const keyAt = (keys: readonly string[], index: bigint | Uint8Array | undefined): string | undefined =>
  typeof index === 'bigint' && index < BigInt(keys.length) ? keys[Number(index)] : undefined;

function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  let rest = bytes;
  const take = (count: bigint): Uint8Array | undefined => {
    if (count > BigInt(rest.length)) return undefined;
    const taken = rest.slice(0, Number(count));
    rest = rest.slice(Number(count));
    return taken;
  };
  const varint = (): bigint | undefined => {
    const length = rest.findIndex((byte) => byte < 128) + 1;
    if (length === 0 || length > 10) return undefined;
    return take(BigInt(length))!.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 127), 0n);
  };
  while (rest.length > 0) {
    const tag = varint();
    // Field numbers are 1 to 2^29 - 1.
    if (tag === undefined || tag < 8n || tag >= 2n ** 32n) return undefined;
    const wireType = tag & 7n;
    const length = wireType === 2n ? varint() : { 1: 8n, 5: 4n }[Number(wireType)];
    const value = wireType === 0n ? varint() : length === undefined ? undefined : take(length);
    if (value === undefined) return undefined;
    fields.push({ number: tag >> 3n, wireType, value });
  }
  return fields;
}
