/** SHAPE-1: what is read by the shape of a payload before is what JSON.parse makes of it. */
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { parseExactly } from '../../functions/decoders/exact-json.ts';
import { shapesOf } from '../../functions/decoders/json-read/shapes.ts';
import { chanceOf, drawPayload, mutated } from './odd-payloads.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined: it is refused. */
function parsedBy(parse: (text: string) => unknown, payload: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: parse(utf8.decode(payload)) };
  } catch {
    return undefined;
  }
}

/** Also which zero, which prototype, and the order of names. */
const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) && JSON.stringify(one) === JSON.stringify(other);

it.each([
  ['as JSON.parse takes them', JSON.parse],
  ['with large integers as text', parseExactly],
])('payloads with bytes changed are read as they are parsed, or not at all: %s', (_, parse) => {
  const events = 12_000;
  const chance = chanceOf(11);
  const wrong: string[] = [];
  let before = drawPayload(chance);
  let read = 0;
  // Readers stop where too little is read, and see few shapes in their time.
  let shapes = shapesOf(parse, Number.POSITIVE_INFINITY);
  for (let done = 0; done < events; done++) {
    if (done % 1_500 === 1_499) shapes = shapesOf(parse, Number.POSITIVE_INFINITY);
    const drawn = drawPayload(chance);
    const payload = mutated(chance, drawn, before);
    before = drawn;
    const got = shapes.read(payload);
    const expected = parsedBy(parse, payload);
    if (got === undefined) {
      if (expected !== undefined) shapes.parsed(payload);
      continue;
    }
    read += 1;
    if (expected === undefined || !isSame(got, expected.value)) wrong.push(Buffer.from(payload).toString());
  }
  expect(wrong).toEqual([]);
  // Else nothing was compared.
  expect(read).toBeGreaterThan(events / 8);
});
