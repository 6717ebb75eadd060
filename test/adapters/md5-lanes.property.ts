/** MD5-1, MD5-2: twelve or eight at a time or alone, of any length: the digests of `node:crypto`. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { md5 } from '../../functions/adapters/md5-lanes.ts';

const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
const byNode = (message: Uint8Array): string => createHash('md5').update(message).digest('hex');
const expectAll = (messages: readonly Uint8Array[]): void =>
  expect(md5.all!(messages).map(hex)).toEqual(messages.map(byNode));

/** Bytes from a seed: long messages are made, not drawn. */
function message(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = seed | 1; at < length; at++) {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

describe('digests of many messages', () => {
  it('are those of each, for every length around the ends of blocks', () => {
    expectAll(Array.from({ length: 300 }, (_, length) => message(length, length)));
  });

  it('are those of each around the ends of a slot, and of what takes several', () => {
    const slot = 8_192;
    const ends = [-65, -64, -63, -57, -56, -55, -9, -8, -1, 0, 1, 55, 56, 57, 63, 64, 65].map((by) => slot + by);
    expectAll([...ends, ...ends.map((length) => length + slot), 1_048_576, 0, 1].map(message));
  });

  it('are those of each, however many lanes have none', () => {
    for (let count = 0; count <= 25; count++)
      expectAll(Array.from({ length: count }, (_, at) => message(9_000 - at * 300, at)));
  });

  it('are those of each, whatever their number and lengths', () => {
    const length = fc.oneof(fc.nat(200), fc.nat(5_000), fc.nat(150_000));
    fc.assert(
      fc.property(fc.array(fc.tuple(length, fc.nat()), { maxLength: 60 }), (given) => {
        expectAll(given.map(([size, seed]) => message(size, seed)));
      }),
      { numRuns: 60 },
    );
  });

  it('are those of views, and leave the messages alone', () => {
    const outer = message(10_000, 1);
    const before = Uint8Array.from(outer);
    const views = Array.from({ length: 40 }, (_, at) => outer.subarray(at * 7, at * 7 + at * 200));
    expectAll(views);
    expectAll(views.map((view) => Buffer.from(view.buffer, view.byteOffset, view.length)));
    expect(outer).toEqual(before);
  });

  it('are values of their own, that a later call does not change', () => {
    const first = md5.all!(Array.from({ length: 20 }, (_, at) => message(100, at)));
    const kept = first.map(hex);
    md5.all!(Array.from({ length: 20 }, (_, at) => message(100, at + 50)));
    expect(first.map(hex)).toEqual(kept);
  });
});

describe('without the vectors of WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const asked: number[] = [];
  const refused = class {
    constructor() {
      throw new RangeError('could not allocate memory');
    }
  };
  it.each([
    ['on a processor that has none', { validate: (program: Uint8Array) => asked.push(program.length) < 0 }],
    ['of which none has room', { validate: (program: Uint8Array) => asked.push(program.length) > 0, Module: refused }],
  ])('digests are computed one by one, and are the same: %s', async (_, webAssembly) => {
    vi.resetModules();
    asked.length = 0;
    vi.stubGlobal('WebAssembly', webAssembly);
    await expectOneByOne();
    // For twelve lanes and for eight, each once.
    expect(asked).toHaveLength(2);
  });

  it('digests are computed one by one where Node was started without it', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    await expectOneByOne();
  });

  async function expectOneByOne(): Promise<void> {
    const { md5: plain } = await import('../../functions/adapters/md5-lanes.ts');
    const messages = Array.from({ length: 20 }, (_, at) => message(at * 50, at));
    for (let time = 0; time < 2; time++) expect(plain.all!(messages).map(hex)).toEqual(messages.map(byNode));
  }
});

it('the digest of one message is the same', () => {
  for (const length of [0, 1, 55, 56, 64, 1_000]) expect(hex(md5(message(length, 3)))).toBe(byNode(message(length, 3)));
});
