/** What `layout-program.ts` is given and what it leaves: the addresses and offsets, and its locals. */
import { type Type, types } from '../../webassembly/format.ts';
import * as wasm from '../../webassembly/instructions.ts';

export const placeBytes = 8;
/** Of a field: its kind, and after eight bytes a double, or where it begins and ends. */
export const slotBytes = 16;
export const rowHead = 8;
export const slots = { kind: 0, value: 8, end: 12 } as const;
/** `raw`: with others in it. */
export const valueKinds = { absent: 0, text: 1, number: 2, true: 3, false: 4, null: 5, raw: 6 } as const;
export const oddBytes = 0x100;
/** Of 10, as doubles: what decimals are divided by. */
export const powersAddress = 0;
export const mostDigits = 15;
export const freeAddress = (mostDigits + 1) * 8;

export const [table, tableEnd, row] = [0, 1, 2] as const;
export const parameters = 3;
const locals = { at: 3, decimals: 4, byte: 5, from: 6, first: 7, escapes: 8, odd: 9, high: 10, value: 11, bytes: 12 };
export const localTypes: readonly Type[] = [...Array<Type>(8).fill(types.i32), types.f64, types.v128];
export const { at, decimals, byte, from, first, escapes, odd, high, value, bytes } = locals;

/** Bytes of a vector. */
export const chunk = 16;

export const slotOf = (field: number): number => rowHead + field * slotBytes;
export const storeKind = (field: number, kind: number): wasm.Code =>
  field < 0 ? [] : wasm.store32(wasm.get(row), wasm.number(kind), slotOf(field) + slots.kind);
export const storePlace = (field: number, offset: number): wasm.Code =>
  field < 0 ? [] : wasm.store32(wasm.get(row), wasm.get(at), slotOf(field) + offset);
