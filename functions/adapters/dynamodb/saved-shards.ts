/**
 * Shards as columns: what many checkpoints have in common is written once, and compresses. Ids and times are differences, hash keys are
 * hexadecimal, since they are made of bits, a hash range is its place among others of its width, and sequence numbers are columns of digits.
 * What has not the form that Kinesis gives it is kept as it is.
 */
import type { Position } from '../../core/position.ts';
import type { HashRange, ShardLoad } from '../../core/shard-checkpoint.ts';
import { mainSource } from '../../pipeline/sources.ts';
import { Anchor, none } from './saved-anchor.ts';
import { fromSavedNumbers, type SavedNumbers, toSavedNumbers } from './saved-numbers.ts';

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

export function toSavedShards(shards: readonly object[]): SavedShards {
  const known: Record<WrittenColumn, unknown[]> = {
    ...{ id: [], source: [], parents: [], width: [], start: [], offset: [], read: [] },
    ...{ kind: [], time: [], sub: [], records: [], bytes: [], measured: [] },
  };
  const others: Record<string, unknown[]> = {};
  const numbers: Parameters<typeof toSavedNumbers>[0][number][] = [];
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
    const sequenceNumber = numberIn(position);
    numbers.push(sequenceNumber === undefined ? undefined : { sequenceNumber, expected: anchor.expectedNumber() });
    known.records.push(load.records);
    known.bytes.push(load.bytes);
    known.measured.push(anchor.time(load.at));
    for (const [name, value] of Object.entries(other)) {
      if (value !== undefined) columnOf(others, name, at).push(anchor.time(value));
    }
  }
  return { count: shards.length, known: { ...known, ...toSavedNumbers(numbers) }, others };
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
  const numberAt = columns.digits === undefined ? formerNumbers(columns) : fromSavedNumbers(columns as SavedNumbers);
  const named = Object.entries(others);
  return Array.from({ length: count }, (_, at) => {
    const id = columns.id[at]!;
    const shardId = typeof id === 'number' ? anchor.idAt(id) : (id as string);
    const readThrough = anchor.fromStep(columns.read[at]);
    const position = positionAt(columns, at, { anchor, number: numberAt(at, anchor.expectedNumber()) });
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

/** `number`: of the first form alone. */
type KnownColumn = WrittenColumn | keyof SavedNumbers | 'number';
type WrittenColumn =
  | 'id'
  | 'source'
  | 'parents'
  | 'width'
  | 'start'
  | 'offset'
  | 'read'
  | 'kind'
  | 'time'
  | 'sub'
  | 'records'
  | 'bytes'
  | 'measured';

const isDecimal = /^(0|[1-9]\d*)$/;
const hex = (value: bigint): string => value.toString(16);
const fromHex = (text: unknown): bigint => BigInt(`0x${text as string}`);

/** Shards of a stream have few widths, and begin at multiples of them, or near. */
function pushRange({ width, start, offset }: Record<WrittenColumn, unknown[]>, range: HashRange): void {
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

function pushPosition(known: Record<WrittenColumn, unknown[]>, position: Position | undefined, anchor: Anchor): void {
  known.kind.push(position === undefined ? none : letters[position.kind]);
  known.time.push(position?.kind === 'at-timestamp' ? anchor.time(position.timestamp) : none);
  known.sub.push(position?.kind === 'after-sequence-number' ? (position.subSequenceNumber ?? none) : none);
}

const numberIn = (position: Position | undefined): string | undefined =>
  position?.kind === 'after-sequence-number' ? position.sequenceNumber : position?.after;

function positionAt(
  columns: Record<KnownColumn, readonly unknown[]>,
  at: number,
  { anchor, number }: { readonly anchor: Anchor; readonly number: string | undefined },
): Position | undefined {
  const kind = kinds[columns.kind[at] as keyof typeof kinds];
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

const formerNumbers =
  ({ number: numbers }: Record<KnownColumn, readonly unknown[]>) =>
  (at: number): string | undefined => {
    const saved = numbers[at];
    if (saved === none) return undefined;
    return Array.isArray(saved) ? saved[0] : String(fromHex(saved));
  };

function loadAt(columns: Record<KnownColumn, readonly unknown[]>, at: number, anchor: Anchor): ShardLoad {
  const measured = anchor.fromTime(columns.measured[at]) as number | undefined;
  const rate = { records: columns.records[at] as number, bytes: columns.bytes[at] as number };
  return measured === undefined ? rate : { ...rate, at: measured };
}
