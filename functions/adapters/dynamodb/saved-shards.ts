/**
 * Shards as columns: what many checkpoints have in common is written once, and compresses. Ids and times are differences,
 * sequence numbers and hash keys are hexadecimal, since they are made of fields of bits, and a hash range is its place among others of its
 * width. What has not the form that Kinesis gives it is kept as it is.
 */
import type { Position } from '../../core/position.ts';
import type { HashRange, ShardLoad } from '../../core/shard-checkpoint.ts';
import { mainSource } from '../../pipeline/sources.ts';

type Shard = {
  readonly source: string;
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly hashRange: HashRange;
  readonly load: ShardLoad;
  /** Not of those that have ended. */
  readonly position?: Position;
};

/** A value for each shard, in their order. */
type Columns = Readonly<Record<string, readonly unknown[]>>;
export type SavedShards = { readonly count: number; readonly known: Columns; readonly others: Columns };

/** Stands for what a shard does not have. */
const none = '';

export function toSavedShards(shards: readonly object[]): SavedShards {
  const known: Record<KnownColumn, unknown[]> = {
    ...{ id: [], source: [], parents: [], width: [], start: [], offset: [], read: [] },
    ...{ kind: [], time: [], number: [], sub: [], records: [], bytes: [], measured: [] },
  };
  const others: Record<string, unknown[]> = {};
  const anchor = new Anchor();
  for (const [at, shard] of (shards as readonly Shard[]).entries()) {
    const { source, shardId, parents, hashRange, position, load, ...rest } = shard as Shard & { readThrough?: unknown };
    const { readThrough, ...other } = rest;
    const number = anchor.numberOf(shardId);
    known.id.push(number === undefined ? shardId : number.step);
    known.source.push(source === mainSource ? none : source);
    known.parents.push(parents.map((parent) => anchor.away(parent)));
    pushRange(known, hashRange);
    known.read.push(anchor.step(readThrough));
    pushPosition(known, position, anchor);
    known.records.push(load.records);
    known.bytes.push(load.bytes);
    known.measured.push(anchor.time(load.at));
    for (const [name, value] of Object.entries(other)) {
      if (value !== undefined) columnOf(others, name, at).push(anchor.time(value));
    }
  }
  return { count: shards.length, known, others };
}

/** Filled up to the row. */
function columnOf(columns: Record<string, unknown[]>, name: string, row: number): unknown[] {
  const column = columns[name] ?? [];
  columns[name] = column;
  while (column.length < row) column.push(none);
  return column;
}

export function fromSavedShards({ count, known, others }: SavedShards): readonly object[] {
  const columns = known as Record<KnownColumn, readonly unknown[]>;
  const anchor = new Anchor();
  const named = Object.entries(others);
  return Array.from({ length: count }, (_, at) => {
    const id = columns.id[at]!;
    const shardId = typeof id === 'number' ? anchor.idAt(id) : (id as string);
    const readThrough = anchor.fromStep(columns.read[at]);
    const position = positionAt(columns, at, anchor);
    const shard: Record<string, unknown> = {
      source: columns.source[at] === none ? mainSource : columns.source[at],
      shardId,
      parents: (columns.parents[at] as readonly unknown[]).map((parent) => anchor.fromAway(parent)),
      hashRange: rangeAt(columns, at),
      load: loadAt(columns, at, anchor),
      ...(position === undefined ? {} : { position }),
      ...(readThrough === undefined ? {} : { readThrough }),
    };
    for (const [name, column] of named) {
      const value = anchor.fromTime(column[at]);
      if (value !== undefined) shard[name] = value;
    }
    return shard;
  });
}

type KnownColumn =
  | 'id'
  | 'source'
  | 'parents'
  | 'width'
  | 'start'
  | 'offset'
  | 'read'
  | 'kind'
  | 'time'
  | 'number'
  | 'sub'
  | 'records'
  | 'bytes'
  | 'measured';

/** `shardId-000000000012` */
const idPrefix = 'shardId-';
const idDigits = 12;
const isNumberedId = /^shardId-\d{12}$/;
const idOf = (number: number): string => idPrefix + String(number).padStart(idDigits, '0');

/** What the numbers of a shard are told from: the shard before it, and the time up to which it was read. */
class Anchor {
  #number = 0;
  #time = 0;

  numberOf(shardId: string): { readonly step: number } | undefined {
    if (!isNumberedId.test(shardId)) return undefined;
    const number = Number(shardId.slice(idPrefix.length));
    const step = number - this.#number;
    this.#number = number;
    return { step };
  }

  idAt(step: number): string {
    this.#number += step;
    return idOf(this.#number);
  }

  away(shardId: string): number | string {
    return isNumberedId.test(shardId) ? this.#number - Number(shardId.slice(idPrefix.length)) : shardId;
  }

  fromAway(saved: unknown): string {
    return typeof saved === 'number' ? idOf(this.#number - saved) : (saved as string);
  }

  /** The times behind it are told from this one. */
  step(value: unknown): unknown {
    const saved = this.time(value);
    if (typeof saved === 'number') this.#time = value as number;
    return saved;
  }

  fromStep(saved: unknown): unknown {
    const value = this.fromTime(saved);
    if (typeof saved === 'number') this.#time = value as number;
    return value;
  }

  /** Of anything: what is no whole number stays what it is, in a list where it could be taken for something else. */
  time(value: unknown): unknown {
    if (value === undefined) return none;
    if (typeof value === 'number') {
      const away = value - this.#time;
      return Number.isSafeInteger(value) && Number.isSafeInteger(away) ? away : [value];
    }
    return value === none || Array.isArray(value) ? [value] : value;
  }

  fromTime(saved: unknown): unknown {
    if (saved === none || saved === undefined) return undefined;
    if (typeof saved === 'number') return saved + this.#time;
    return Array.isArray(saved) ? saved[0] : saved;
  }
}

const isDecimal = /^(0|[1-9]\d*)$/;
const hex = (value: bigint): string => value.toString(16);
const fromHex = (text: unknown): bigint => BigInt(`0x${text as string}`);

/** Shards of a stream have few widths, and begin at multiples of them, or near. */
function pushRange({ width, start, offset }: Record<KnownColumn, unknown[]>, range: HashRange): void {
  const [first, last] =
    isDecimal.test(range.start) && isDecimal.test(range.end) ? [range.start, range.end] : ['0', '-1'];
  const from = BigInt(first);
  const wide = BigInt(last) - from + 1n;
  if (wide <= 0n) {
    // Of a range that is not a range, and of one with nothing in it.
    width.push([range.start, range.end]);
    start.push(none);
    offset.push(none);
    return;
  }
  width.push(hex(wide));
  start.push(hex(from / wide));
  offset.push(from % wide === 0n ? none : hex(from % wide));
}

function rangeAt({ width, start, offset }: Record<KnownColumn, readonly unknown[]>, at: number): HashRange {
  const wide = width[at];
  if (Array.isArray(wide)) return { start: wide[0], end: wide[1] };
  const within = offset[at] === none ? 0n : fromHex(offset[at]);
  const from = fromHex(start[at]) * fromHex(wide) + within;
  return { start: String(from), end: String(from + fromHex(wide) - 1n) };
}

const kinds = { t: 'trim-horizon', a: 'at-timestamp', s: 'after-sequence-number' } as const;
const letters = { 'trim-horizon': 't', 'at-timestamp': 'a', 'after-sequence-number': 's' } as const;

function pushPosition(known: Record<KnownColumn, unknown[]>, position: Position | undefined, anchor: Anchor): void {
  known.kind.push(position === undefined ? none : letters[position.kind]);
  known.time.push(position?.kind === 'at-timestamp' ? anchor.time(position.timestamp) : none);
  const isExact = position?.kind === 'after-sequence-number';
  known.number.push(savedNumber(isExact ? position.sequenceNumber : position?.after));
  known.sub.push(isExact ? (position.subSequenceNumber ?? none) : none);
}

function positionAt(
  columns: Record<KnownColumn, readonly unknown[]>,
  at: number,
  anchor: Anchor,
): Position | undefined {
  const kind = kinds[columns.kind[at] as keyof typeof kinds];
  const number = fromSavedNumber(columns.number[at]);
  const after = number === undefined ? {} : { after: number };
  switch (kind) {
    case undefined:
      return undefined;
    case 'trim-horizon':
      return { kind, ...after };
    case 'at-timestamp':
      return { kind, timestamp: anchor.fromTime(columns.time[at]) as number, ...after };
    case 'after-sequence-number': {
      const sub = columns.sub[at];
      return { kind, sequenceNumber: number!, ...(sub === none ? {} : { subSequenceNumber: sub as number }) };
    }
  }
}

function savedNumber(sequenceNumber: string | undefined): unknown {
  if (sequenceNumber === undefined) return none;
  return isDecimal.test(sequenceNumber) ? hex(BigInt(sequenceNumber)) : [sequenceNumber];
}

function fromSavedNumber(saved: unknown): string | undefined {
  if (saved === none) return undefined;
  return Array.isArray(saved) ? saved[0] : String(fromHex(saved));
}

function loadAt(columns: Record<KnownColumn, readonly unknown[]>, at: number, anchor: Anchor): ShardLoad {
  const measured = anchor.fromTime(columns.measured[at]) as number | undefined;
  const rate = { records: columns.records[at] as number, bytes: columns.bytes[at] as number };
  return measured === undefined ? rate : { ...rate, at: measured };
}
