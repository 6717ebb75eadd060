/** zlib behind `Decompress`: bounded, whole or not at all, and never an exception. */
import { constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../functions/adapters/decompress.ts';
import { utf8 } from '../support/builders.ts';

const text = 'twelve bytes';
const compress = { gzip: (data: Uint8Array) => gzipSync(data), zstd: (data: Uint8Array) => zstdCompressSync(data) };

describe('zlib, which is one stream', () => {
  const whole = deflateSync(utf8(text));
  const read = (data: Uint8Array, maxBytes = 1_000) => {
    const expanded = decompress('zlib', data, maxBytes);
    return expanded.kind === 'expanded' ? Buffer.from(expanded.data).toString() : expanded.kind;
  };

  it('is expanded, up to exactly the largest size', () => {
    expect(read(whole)).toBe(text);
    expect(read(whole, text.length)).toBe(text);
    expect(read(whole, text.length - 1)).toBe('too-large');
    expect(read(deflateSync(new Uint8Array(50_000_000)), 1_000_000)).toBe('too-large');
  });

  it('is refused cut at any place, with anything behind it, and if it is something else', () => {
    for (let length = 0; length < whole.length; length++) expect(read(whole.subarray(0, length))).toBe('corrupt');
    expect(read(Buffer.concat([whole, utf8('rest')]))).toBe('corrupt');
    expect(read(Buffer.concat([whole, whole]))).toBe('corrupt');
    expect(read(gzipSync(utf8(text)))).toBe('corrupt');
  });
});

describe.each(['gzip', 'zstd'] as const)('%s', (format) => {
  const whole = compress[format](utf8(text));
  const read = (data: Uint8Array, maxBytes = 1_000) => {
    const expanded = decompress(format, data, maxBytes);
    return expanded.kind === 'expanded' ? Buffer.from(expanded.data).toString() : expanded.kind;
  };

  it('is expanded', () => {
    expect(read(whole)).toBe(text);
    expect(read(compress[format](new Uint8Array()))).toBe('');
  });

  it('is expanded from the middle of a buffer', () => {
    const outer = new Uint8Array(whole.length + 20).fill(0xff);
    outer.set(whole, 7);
    expect(read(outer.subarray(7, 7 + whole.length))).toBe(text);
  });

  it('may have exactly the largest size', () => {
    expect(read(whole, text.length)).toBe(text);
    expect(read(whole, text.length - 1)).toBe('too-large');
  });

  it('is whole with all its parts, and bounded by their sum', () => {
    const three = Buffer.concat([whole, compress[format](new Uint8Array()), whole]);
    expect(read(three)).toBe(text + text);
    expect(read(three, 2 * text.length)).toBe(text + text);
    expect(read(three, 2 * text.length - 1)).toBe('too-large');
  });

  it('is refused with anything behind it that belongs to no part', () => {
    expect(read(Buffer.concat([whole, utf8('rest')]))).toBe('corrupt');
  });

  it('is refused cut, at any place', () => {
    for (let length = 0; length < whole.length; length++)
      expect(read(whole.subarray(0, length)), `${length}`).not.toBe(text);
    expect(read(whole.subarray(0, -1))).toBe('corrupt');
  });

  it('is refused if it is something else', () => {
    expect(read(utf8('{"n":1}'))).toBe('corrupt');
  });

  it('that would fill the memory stops at the limit', () => {
    const bomb = compress[format](new Uint8Array(100_000_000));
    expect(bomb.length).toBeLessThan(200_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(read(bomb, 1_000_000)).toBe('too-large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});

it('zstd that was damaged is told by its checksum, if it has one', () => {
  const withChecksum = zstdCompressSync(utf8(text.repeat(20)), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  for (let at = 0; at < withChecksum.length; at++) {
    const damaged = Buffer.from(withChecksum);
    damaged[at]! ^= 4;
    expect(decompress('zstd', damaged, 1_000), `byte ${at}`).toMatchObject({ kind: 'corrupt' });
  }
});

it('zstd of more frames than a compressor would write is refused', () => {
  const frames = (count: number) => Buffer.concat(Array.from({ length: count }, () => zstdCompressSync(utf8('x'))));
  expect(decompress('zstd', frames(16), 1_000)).toEqual({ kind: 'expanded', data: Buffer.from('x'.repeat(16)) });
  // What follows is not even looked at.
  const bomb = Buffer.concat([frames(16), Buffer.alloc(1_000)]);
  expect(decompress('zstd', bomb, 1_000)).toEqual({ kind: 'corrupt', reason: 'more than 16 frames' });
});

it('zstd that asks for more memory than 64 MiB to look back in is refused', () => {
  // Header of a frame without the size of its content, how far it looks back, and one raw block, the last.
  const looking = (windowLog: number) =>
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, (1 << 3) | 1, 0, 0, 0x78);
  const read = (windowLog: number) => decompress('zstd', looking(windowLog), 1_000);
  expect(read(20)).toEqual({ kind: 'expanded', data: Buffer.from('x') });
  expect(read(26)).toEqual({ kind: 'expanded', data: Buffer.from('x') });
  expect(read(27)).toMatchObject({ kind: 'corrupt' });
});
