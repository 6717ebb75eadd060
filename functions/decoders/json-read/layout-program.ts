/**
 * Payloads of known layouts, many at once, as a WebAssembly program: bytes that are the same in each are compared sixteen at a time, and texts
 * are passed over sixteen at a time.
 *
 *     {"id":17,"country":"NO","at":1767225600000}
 *     └lit.┘└┘└─literal──┘└─┘└lit.┘└───value───┘└ literal
 *
 *   run(table, tableEnd, rows): nothing.
 *
 * The table has where each payload begins and ends, and there are zeros behind the last one. Of each the program makes a row: which of the
 * layouts it has, from 1 on, with `oddBytes` if some of its bytes are not ASCII, or 0, if it has none of them; then of each field, as
 * `slotBytes` says, of which kind its value is, and the value or where it stands.
 *
 * PROGRAM-1 What it finds is what `layout-reader.ts` reads. Whatever may be written in several ways (escapes, exponents, many digits) is left to that.
 * PROGRAM-2 It reads no further than to the zeros: each of its loops ends at one.
 */
import { moduleOf } from '../../webassembly/format.ts';
import * as wasm from '../../webassembly/instructions.ts';
import type { Leaf } from './leaves.ts';
import {
  at,
  chunk,
  localTypes,
  odd,
  oddBytes,
  parameters,
  placeBytes,
  row,
  rowHead,
  slotBytes,
  slots,
  storeKind,
  storePlace,
  table,
  tableEnd,
  valueKinds,
} from './payload-rows.ts';
import { anyValue } from './value-code.ts';

const { block, get, increase, isLess, isOther, leave, leaveIf, load32, load8, loop, number, set, store32 } = wasm;
const { vector, when } = wasm;

/** In all that follows, `other` is how far out is what to leave for where the payload is of another layout. */
function literal(expected: Uint8Array, other: number): wasm.Code {
  const chunks = Array.from({ length: Math.ceil(expected.length / chunk) }, (_, index) => index * chunk);
  return [
    ...chunks.flatMap((offset) => leaveIf(other, differs(expected.subarray(offset, offset + chunk), offset))),
    ...increase(at, expected.length),
  ];
}

function differs(expected: Uint8Array, offset: number): wasm.Code {
  if (expected.length === 1) return isOther(load8(get(at), offset), number(expected[0]!));
  const padded = Array.from({ length: chunk }, (_, index) => expected[index] ?? 0);
  const difference = vector.xor(vector.load(get(at), offset), vector.constant(padded));
  if (expected.length === chunk) return vector.isAny(difference);
  const mask = vector.constant(padded.map((_, index) => (index < expected.length ? 255 : 0)));
  return vector.isAny(vector.and(difference, mask));
}

/** The code of a value of a field, which is the same wherever it stands. */
type CodeOf = (field: number) => wasm.Code;

function leafCode(leaf: Leaf, codeOf: CodeOf): wasm.Code {
  switch (leaf.kind) {
    case 'literal':
      return literal(leaf.bytes, 0);
    case 'value':
      return codeOf(leaf.field);
    case 'begin':
      return storePlace(leaf.field, slots.value);
    case 'end':
      return [...storePlace(leaf.field, slots.end), ...storeKind(leaf.field, valueKinds.raw)];
  }
}

/** Left behind its end: the payload is of this layout. */
const layoutCode = (leaves: readonly Leaf[], index: number, codeOf: CodeOf): wasm.Code =>
  block(
    set(at, load32(get(table))),
    set(odd, number(0)),
    ...leaves.map((leaf) => leafCode(leaf, codeOf)),
    leaveIf(0, isOther(get(at), load32(get(table), 4))),
    store32(get(row), number(index + 1)),
    when(get(odd), store32(get(row), number((index + 1) | oddBytes))),
    leave(1),
  );

/** `fields`: so many slots a row has. */
export function layoutProgram(
  layouts: readonly (readonly Leaf[])[],
  fields: number,
  pages: number,
): Uint8Array<ArrayBuffer> {
  // Values that nobody wants are read by the same code each: to write a program of 64 values takes 9 ms in place of 50.
  const known = new Map<number, wasm.Code>();
  const codeOf: CodeOf = (field) => {
    const code = known.get(field) ?? anyValue(field, 0);
    known.set(field, code);
    return code;
  };
  const code = loop(
    block(...layouts.map((leaves, index) => layoutCode(leaves, index, codeOf)), store32(get(row), number(0))),
    increase(table, placeBytes),
    increase(row, rowHead + fields * slotBytes),
    leaveIf(0, isLess(get(table), get(tableEnd))),
  );
  return moduleOf({ parameters, locals: localTypes, code, pages });
}
