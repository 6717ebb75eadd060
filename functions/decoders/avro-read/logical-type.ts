/**
 * What values mean beside what they are. As the specification asks, a logical type that does not fit its type, or that is
 * not known, is none.
 */
import { uuidOf } from '../glue-header.ts';
import type { AvroType, Logical } from './avro-type.ts';
import { Damaged } from './cursor.ts';

type Json = Readonly<Record<string, unknown>>;

const timestamps: Readonly<Record<string, 'millis' | 'micros' | 'nanos'>> = {
  'timestamp-millis': 'millis',
  'timestamp-micros': 'micros',
  'timestamp-nanos': 'nanos',
};
const maxPrecision = 1_000;

/** What `json` says of `type`. */
export function logicalOf(type: AvroType, json: Json): Logical | undefined {
  const { logicalType } = json;
  if (type.kind === 'long' && typeof logicalType === 'string' && Object.hasOwn(timestamps, logicalType))
    return { kind: 'timestamp', unit: timestamps[logicalType]! };
  const isUuid = logicalType === 'uuid' && type.kind === 'fixed' && type.size === 16;
  if (isUuid) return { kind: 'uuid' };
  const isBytes = type.kind === 'bytes' || type.kind === 'fixed';
  return logicalType === 'decimal' && isBytes ? decimalOf(json) : undefined;
}

function decimalOf({ precision, scale = 0 }: Json): Logical | undefined {
  if (!isWhole(precision) || precision < 1 || precision > maxPrecision) return undefined;
  return isWhole(scale) && scale >= 0 && scale <= precision ? { kind: 'decimal', precision, scale } : undefined;
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** What a value that was read becomes; longs come as bigints. */
export function convert(logical: Logical): (value: unknown) => unknown {
  if (logical.kind === 'uuid') return (value) => uuidOf(value as Uint8Array);
  if (logical.kind === 'timestamp') return toDate(logical.unit);
  return toDecimalText(logical);
}

const perMs = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const;

/** To the millisecond at or before it. */
function toDate(unit: 'millis' | 'micros' | 'nanos') {
  const divisor = perMs[unit];
  return (value: unknown): Date => {
    const given = value as bigint;
    const rest = given % divisor;
    const ms = (given - rest) / divisor - (rest < 0n ? 1n : 0n);
    const date = new Date(Number(ms));
    if (Number.isNaN(date.getTime())) throw new Damaged(`no date is ${given} ${unit} from 1970`);
    return date;
  };
}

function toDecimalText({ precision, scale }: Extract<Logical, { kind: 'decimal' }>) {
  const beyond = 10n ** BigInt(precision);
  // What has more bytes is beyond it, or has been filled up: neither is turned into digits.
  const maxBytes = Math.max(16, Math.ceil((precision * Math.log2(10) + 1) / 8));
  return (value: unknown): string => {
    const bytes = value as Uint8Array;
    if (bytes.length === 0) throw new Damaged('a decimal without bytes');
    if (bytes.length > maxBytes) throw new Damaged(`a decimal of ${bytes.length} bytes`);
    const unscaled = signedOf(bytes);
    if (unscaled >= beyond || unscaled <= -beyond) throw new Damaged(`a decimal of more than ${precision} digits`);
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
  };
}

function signedOf(bytes: Uint8Array): bigint {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}
