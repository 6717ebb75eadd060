/**
 * The part of the protobuf wire format that an aggregated record needs. No generated code and no library: one message
 * shape that has not changed since 2014, and this runs once per event.
 *
 * PROTOBUF-1 Reading never goes past `end` and never throws: a bad byte sets `problem` and moves to `end`, so that every
 *    loop of the form `while (cursor.at < cursor.end)` stops.
 * PROTOBUF-2 Writing is into a buffer whose size was computed first; `varintLength` and `writeVarint` agree.
 *
 * The cursor is mutable on purpose: this is the hot loop of reading.
 */
export type ProtobufCursor = {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  problem: string | undefined;
};

export const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

/** `field number * 8 + wire type` as it stands in front of a value. */
export function tagOf(fieldNumber: number, wireType: number): number {
  return fieldNumber * 8 + wireType;
}

export function fail(cursor: ProtobufCursor, problem: string): void {
  cursor.problem ??= `${problem} at byte ${cursor.at}`;
  cursor.at = cursor.end;
}

/**
 * An unsigned number of at most 64 bits. Beyond 2^53 it loses its low bits, which is harmless here: every number is a
 * length, an index or a tag, and is then compared with something small.
 */
export function readVarint(cursor: ProtobufCursor): number {
  const { bytes, end, at: start } = cursor;
  const first = bytes[start] as number;
  // Nearly all are: tags, indexes, short lengths.
  if (first < 0x80 && start < end) {
    cursor.at = start + 1;
    return first;
  }
  return readLongVarint(cursor);
}

function readLongVarint(cursor: ProtobufCursor): number {
  const { bytes, end } = cursor;
  let value = 0;
  let scale = 1;
  const limit = Math.min(end, cursor.at + 10);
  for (let at = cursor.at; at < limit; at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      cursor.at = at + 1;
      return value;
    }
    scale *= 128;
  }
  fail(cursor, 'a number without an end');
  return 0;
}

/** The length in front of a string, bytes or message; afterwards `at` is where its first byte is. */
export function readLength(cursor: ProtobufCursor): number {
  const length = readVarint(cursor);
  if (length <= cursor.end - cursor.at) return length;
  fail(cursor, `a length of ${length}, more than is left,`);
  return 0;
}

/** Field numbers have 29 bits. */
const maxTag = 2 ** 32 - 1;

/** Steps over the value of a field that is not ours. Groups have been deprecated since 2008 and are refused. */
export function skipField(cursor: ProtobufCursor, tag: number): void {
  if (cursor.problem !== undefined) return;
  const wireType = tag % 8;
  if (tag < 8 || tag > maxTag) {
    fail(cursor, `field number ${Math.floor(tag / 8)}`);
  } else if (wireType === wireTypes.varint) {
    readVarint(cursor);
  } else if (wireType === wireTypes.lengthDelimited) {
    // Two statements: `cursor.at += readLength(cursor)` would take `at` from before the length.
    const length = readLength(cursor);
    cursor.at += length;
  } else if (wireType === wireTypes.fixed64 || wireType === wireTypes.fixed32) {
    const size = wireType === wireTypes.fixed64 ? 8 : 4;
    if (size > cursor.end - cursor.at) fail(cursor, 'a cut number');
    else cursor.at += size;
  } else {
    fail(cursor, `wire type ${wireType}`);
  }
}

export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Returns the position after the number. */
export function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
  bytes[at++] = rest;
  return at;
}

/** A length-delimited field: tag (of one byte, so field number 15 at most), length, bytes. Returns the position after it. */
export function writeBytes(target: Uint8Array, start: number, tag: number, bytes: Uint8Array): number {
  target[start] = tag;
  const at = writeVarint(target, start + 1, bytes.length);
  target.set(bytes, at);
  return at + bytes.length;
}
