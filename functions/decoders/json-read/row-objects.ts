/** The object of a payload, out of the row that `layout-program.ts` has left of it. */

import { madeFunction } from './made-function.ts';
import type { PayloadChunks } from './payload-chunks.ts';
import { rowHead, slotBytes, slots, valueKinds } from './payload-rows.ts';
import type { TextAt } from './short-texts.ts';
import type { ValueAt } from './value-reader.ts';

/** `bytes`: those of all payloads. `row`: its place in the rows. `shift`: how far places in it are ahead of those in `bytes`. */
export type ObjectOfRow = (bytes: Uint8Array, row: number, shift: number) => Record<string, unknown>;

export type ReadFields = {
  readonly names: readonly string[];
  readonly textAt: readonly TextAt[];
  readonly valueAt: readonly ValueAt[];
};

export type ObjectsOfRows = {
  /** Of a payload that is all ASCII. */
  readonly ascii: ObjectOfRow;
  readonly other: ObjectOfRow;
};

/** Of a layout that has these fields, of which objects have one shape. Undefined: no code may be made here. */
export function objectsOfRows(
  present: readonly number[],
  { names, textAt, valueAt }: ReadFields,
  { ints, doubles }: PayloadChunks,
): ObjectsOfRows | undefined {
  const otherAt = (field: number, kind: number, bytes: Uint8Array, from: number, to: number): unknown => {
    if (kind === valueKinds.null) return null;
    if (kind === valueKinds.true || kind === valueKinds.false) return kind === valueKinds.true;
    return kind === valueKinds.text ? valueAt[field]!(bytes, from - 1, to + 1) : valueAt[field]!(bytes, from, to);
  };
  const texts = Object.fromEntries(present.map((field) => [`textAt${field}`, textAt[field]]));
  const make = (codeOf: (field: number) => string): ObjectOfRow | undefined => {
    const members = present.map((field) => `${JSON.stringify(names[field])}: ${codeOf(field)}`);
    const body = `let kind = 0;\nreturn { ${members.join(', ')} };`;
    return madeFunction<ObjectOfRow>(['bytes', 'row', 'shift'], body, { ints, doubles, otherAt, ...texts });
  };
  const ascii = make((field) =>
    valueCode(field, `kind === ${valueKinds.text} ? textAt${field}(${placeCode(field)}) : `),
  );
  const other = make((field) => valueCode(field, ''));
  return ascii && other && { ascii, other };
}

const slotOf = (field: number, offset: number): string => `row + ${(rowHead + field * slotBytes + offset) / 4}`;

const valueCode = (field: number, ofText: string): string =>
  `(kind = ints[${slotOf(field, slots.kind)}]) === ${valueKinds.number} ? doubles[(${slotOf(field, slots.value)}) / 2] : ` +
  `${ofText}otherAt(${field}, kind, ${placeCode(field)})`;

const placeCode = (field: number): string =>
  `bytes, ints[${slotOf(field, slots.value)}] - shift, ints[${slotOf(field, slots.end)}] - shift`;
