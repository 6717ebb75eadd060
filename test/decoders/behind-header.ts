/** Payloads behind the header of a Glue Schema Registry, whole and damaged. */
import { deflateSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Decode, isUndecoded } from '../../functions/decoders/decoder-kind.ts';
import { hex } from './decoded.ts';
import { damage } from './vectors/vectors.ts';

export const id = 'b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63';
const header = (compression: number): readonly number[] => [3, compression, ...hex(id.replaceAll('-', ''))];
export const withHeader = (data: Iterable<number>): Uint8Array => Uint8Array.of(...header(0), ...data);
export const compressed = (data: Iterable<number>): Uint8Array =>
  Uint8Array.of(...header(5), ...deflateSync(Uint8Array.from(data)));

/**
 * 10,000 damaged ones, plain and compressed in turn: each is refused, or what `raw` reads without the header. `index`: what stands between
 * header and payload.
 */
export function expectDamagedToBeRefused(
  { raw, glue }: { readonly raw: Decode; readonly glue: Decode },
  payload: Uint8Array,
  index: readonly number[] = [],
): void {
  const body = [...index, ...payload];
  const whole = [withHeader(body), compressed(body)];
  const skipped = header(0).length + index.length;
  let read = 0;
  for (let at = 0; at < 10_000; at++) {
    const data = damage(whole[at % 2]!, at);
    const value = glue(data);
    if (isUndecoded(value)) continue;
    read += 1;
    expect(value).toEqual(raw(data[1] === 0 ? data.subarray(skipped) : payload));
  }
  expect(read).toBeGreaterThan(100);
}
