/** Payloads read by the shapes of those before, and parsed. The other way is TextDecoder and the parser, and shares no code with the first. */
import { isDeepStrictEqual } from 'node:util';
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

/** Those that were read by a shape, and of them those that parse to something else. */
export function compareShapes(
  seed: number,
  events: number,
  parse: (text: string) => unknown,
): { readonly read: number; readonly wrong: readonly string[] } {
  const chance = chanceOf(seed);
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
  return { read, wrong };
}
