/**
 * Whether bytes are a message, before they are read as one. protobuf-es reads what is whole, and trusts it: a field of
 * another wire type is read as its own, and a message or a list within another may go on behind its length.
 *
 * WIRE-1 What is let through ends where it says, at each level, and each known field has its own wire type.
 * WIRE-2 No more than 100 messages or groups are within each other: what reads them goes as deep.
 */
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';

/** Thrown within a payload. */
export class Misfit extends Error {}

const varint = 0;
const eightBytes = 1;
const sized = 2;
const groupStart = 3;
const groupEnd = 4;
const fourBytes = 5;
const maxDepth = 100;

/** @throws Misfit */
export function checkWire(schema: DescMessage, data: Uint8Array, from: number): void {
  const walk: Walk = { data, at: from };
  checkMessage(walk, formOf(schema), data.length, 1);
}

type Walk = { readonly data: Uint8Array; at: number };

type Form = {
  readonly fields: ReadonlyMap<number, FieldForm>;
  readonly required: readonly number[];
  /** An entry of a map: of others, readers make entries, or leave them out. */
  readonly hasNoOthers?: boolean;
};

type FieldForm = {
  readonly name: string;
  readonly wire: number;
  /** What each of a list is written as where all of them stand in one field. */
  readonly packed: number | undefined;
  /** What a message holds, or an entry of a map. */
  readonly within: (() => Form) | undefined;
};

const forms = new WeakMap<DescMessage, Form>();

function formOf(schema: DescMessage): Form {
  const known = forms.get(schema);
  if (known !== undefined) return known;
  const fields = new Map(schema.fields.map((field) => [field.number, fieldForm(field)]));
  const required = schema.fields.filter(({ presence }) => presence === legacyRequired).map(({ number }) => number);
  const form = { fields, required };
  forms.set(schema, form);
  return form;
}

/** Of `FeatureSet.FieldPresence`. */
const legacyRequired = 3;

function fieldForm(field: DescField): FieldForm {
  const { name } = field;
  const single = { name, packed: undefined, within: undefined };
  if (field.fieldKind === 'map') return { ...single, wire: sized, within: () => entryForm(field) };
  if (field.message !== undefined) {
    const { message } = field;
    return { ...single, wire: field.delimitedEncoding ? groupStart : sized, within: () => formOf(message) };
  }
  const wire = wireOf(field.fieldKind === 'scalar' || field.fieldKind === 'list' ? field.scalar : undefined);
  return { ...single, wire, packed: field.fieldKind === 'list' && wire !== sized ? wire : undefined };
}

type MapField = Extract<DescField, { fieldKind: 'map' }>;

function entryForm({ mapKey, scalar, message }: MapField): Form {
  const key: FieldForm = { name: 'key', wire: wireOf(mapKey), packed: undefined, within: undefined };
  const value: FieldForm = {
    name: 'value',
    wire: message === undefined ? wireOf(scalar) : sized,
    packed: undefined,
    within: message && (() => formOf(message)),
  };
  const fields = new Map([
    [1, key],
    [2, value],
  ]);
  return { fields, required: [], hasNoOthers: true };
}

/** Undefined: of an enum. */
function wireOf(scalar: ScalarType | undefined): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return sized;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return eightBytes;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return fourBytes;
    default:
      return varint;
  }
}

function checkMessage(walk: Walk, { fields, required, hasNoOthers }: Form, end: number, depth: number): void {
  checkDepth(depth);
  const seen = required.length === 0 ? undefined : new Set<number>();
  while (walk.at < end) {
    const { number, wire } = tagAt(walk, end);
    seen?.add(number);
    const field = fields.get(number);
    if (field !== undefined) checkField(walk, field, { number, wire }, end, depth);
    else if (hasNoOthers) throw new Misfit(`an entry of a map has a field ${number}`);
    else skip(walk, { number, wire }, end, depth);
  }
  for (const number of required) {
    if (!seen?.has(number)) throw new Misfit(`the required field ${fields.get(number)!.name} is missing`);
  }
}

type Tag = { readonly number: number; readonly wire: number };

function checkField(walk: Walk, field: FieldForm, tag: Tag, end: number, depth: number): void {
  if (tag.wire !== field.wire && (tag.wire !== sized || field.packed === undefined))
    throw new Misfit(`the field ${field.name} is written as another type`);
  if (tag.wire === groupStart) checkGroup(walk, field.within!(), tag.number, end, depth + 1);
  else if (tag.wire !== sized) skip(walk, tag, end, depth);
  else {
    const until = lengthAt(walk, end);
    if (field.within !== undefined) checkMessage(walk, field.within(), until, depth + 1);
    else if (field.packed !== undefined) checkPacked(walk, field.packed, until);
    else walk.at = until;
  }
}

function checkPacked(walk: Walk, wire: number, end: number): void {
  while (walk.at < end) skip(walk, { number: 0, wire }, end, 0);
}

/** Of a known message that is written as a group, or of nothing that is known. */
function checkGroup(walk: Walk, { fields }: Form, of: number, end: number, depth: number): void {
  checkDepth(depth);
  for (;;) {
    const tag = tagAt(walk, end);
    if (tag.wire === groupEnd && tag.number === of) return;
    const field = fields.get(tag.number);
    if (field === undefined) skip(walk, tag, end, depth);
    else checkField(walk, field, tag, end, depth);
  }
}

const unknownForm: Form = { fields: new Map(), required: [] };

function skip(walk: Walk, { number, wire }: Tag, end: number, depth: number): void {
  if (wire === varint) numberAt(walk, end, 10);
  else if (wire === eightBytes) walk.at += 8;
  else if (wire === fourBytes) walk.at += 4;
  else if (wire === sized) walk.at = lengthAt(walk, end);
  else if (wire === groupStart) checkGroup(walk, unknownForm, number, end, depth + 1);
  else throw new Misfit('a group ends that has not begun, or a type that there is none of');
  if (walk.at > end) throw new Misfit('a value ends behind what it is in');
}

function checkDepth(depth: number): void {
  if (depth > maxDepth) throw new Misfit(`more than ${maxDepth} messages within each other`);
}

function tagAt(walk: Walk, end: number): Tag {
  const tag = numberAt(walk, end, 5);
  if (tag >= 2 ** 32 || tag < 8) throw new Misfit('a field of no number');
  return { number: Math.floor(tag / 8), wire: tag % 8 };
}

/** Where what has the length ends. */
function lengthAt(walk: Walk, end: number): number {
  const until = numberAt(walk, end, 5) + walk.at;
  if (until > end) throw new Misfit(`${until - walk.at} bytes are to come, and there are ${end - walk.at}`);
  return until;
}

/** Exact up to 2^53. */
function numberAt(walk: Walk, end: number, maxBytes: number): number {
  let value = 0;
  for (let index = 0; index < maxBytes; index += 1) {
    if (walk.at >= end) throw new Misfit('a number that is cut');
    const byte = walk.data[walk.at++]!;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return index < 9 || byte < 2 ? value : tooLong(maxBytes);
  }
  return tooLong(maxBytes);
}

function tooLong(maxBytes: number): never {
  throw new Misfit(`a number of more than ${maxBytes === 10 ? 64 : 32} bits`);
}
