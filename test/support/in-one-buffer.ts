/** Payloads as a page has them that was read out of one answer: in one buffer, with other bytes before each and behind. */
import type { Payloads } from '../../functions/decoders/decoder-kind.ts';

/** Each place is the second of three numbers, and the end behind it: whatever else is in a row is none of the decoder's business. */
const stride = 4;
const first = 1;

export function inOneBuffer(all: readonly Uint8Array[], between: (index: number) => Uint8Array): Payloads {
  const parts = all.flatMap((payload, index) => [between(index), payload]);
  const bytes = new Uint8Array(Buffer.concat([...parts, between(all.length)]));
  const places = new Int32Array(all.length * stride).fill(-1);
  let at = 0;
  for (const [index, payload] of all.entries()) {
    at += between(index).length;
    places[index * stride + first] = at;
    at += payload.length;
    places[index * stride + first + 1] = at;
  }
  return { bytes, places, stride, first };
}
