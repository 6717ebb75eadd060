/** KEY-1, KEY-2: saved state is found by these texts and numbers, and results by these names, so the literals here never change. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey, keyGroupOf, keyName } from '../../functions/core/key-group.ts';
import { murmur3, murmur3Twice } from '../../functions/pipeline/murmur3.ts';
import type { KeyValue } from '../../functions/pipeline/pipeline.ts';
import { sha256 } from '../../functions/pipeline/sha256.ts';

describe('murmur3', () => {
  // Published vectors of MurmurHash3_x86_32 with seed 0; the tails of 1, 2 and 3 bytes and the whole block.
  it.each([
    ['', 0],
    ['test', 0xba6bd213],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
    ['a', 0x3c2569b2],
    ['aa', 0x371091a9],
    ['aaa', 0xb4d05fb7],
    ['aaaa', 0x7eeed987],
    ['abc', 0xb3dd93fa],
    ['abcd', 0x43ed676a],
  ])('of %j is the published value', (text, expected) => {
    expect(murmur3(text)).toBe(expected);
  });

  it('hashes UTF-8 bytes, not UTF-16 units', () => {
    expect(murmur3('😀')).toBe(0xbeb42efa);
    expect(murmur3('Zürich')).toBe(0x29695951);
  });

  it('has a second seed', () => {
    expect(['', 'a', 'abcd'].map(murmur3Twice)).toEqual([
      [0, 0xebb6c228],
      [0x3c2569b2, 0x7fa09ea6],
      [0x43ed676a, 0xf0478627],
    ]);
  });
});

describe('sha256', () => {
  // Of FIPS 180-4's examples; the second takes two blocks, the third is what padding alone comes to.
  it.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('of %j is the published value', (text, expected) => {
    expect(sha256(text)).toBe(expected);
  });

  it('is that of Node for texts of every length around a block, and for any text', () => {
    const ofNode = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
    for (let length = 0; length <= 260; length++) expect(sha256('x'.repeat(length))).toBe(ofNode('x'.repeat(length)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(sha256(text)).toBe(ofNode(text));
      }),
    );
  });
});

describe('the name of a key (KEY-2)', () => {
  it.each([
    ['256 bytes', '["' + 'x'.repeat(252) + '"]'],
    ['256 bytes of characters with two', '["' + 'ü'.repeat(126) + '"]'],
    ['none', '[]'],
  ])('is its text, up to 256 bytes: of %s', (_, canonical) => {
    expect(keyName(canonical)).toBe(canonical);
  });

  it.each([
    ['257 bytes', 'x'.repeat(253), 'sha256:50484437e3edf75f8afbc43f294b7378d0b75b8db42f4fcb525fd9a9ee9f4570'],
    [
      '257 bytes in 192 characters',
      'ü'.repeat(65) + 'x'.repeat(123),
      'sha256:03252f43ff63092d9b52c4ddcb41294d5aae2288537393605c0a85ef9e3530d5',
    ],
  ])('is a hash of longer ones, for ever the same: of %s', (_, value, expected) => {
    expect(keyName(canonicalKey([value]))).toBe(expected);
  });

  it('is another one for another key, and none that a key has as its text', () => {
    const part = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.double(), fc.boolean(), fc.constant(null));
    const values = fc.array(part, { maxLength: 4 });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [a, b] = [canonicalKey(one as KeyValue[]), canonicalKey(other as KeyValue[])];
        expect(keyName(a) === keyName(b)).toBe(a === b);
        expect(keyName(a).length).toBeLessThanOrEqual(256);
        expect(keyName(a).startsWith('[')).toBe(keyName(a) === a);
      }),
    );
  });
});

describe('a key (KEY-1)', () => {
  it.each<[readonly KeyValue[], string, number]>([
    [['ATL'], '["ATL"]', 22],
    [['Zürich', 'x'], '["Zürich","x"]', 24],
    [[1], '[1]', 8],
    [['1'], '["1"]', 17],
    [[true], '[true]', 5],
    [[null], '[null]', 22],
    [[0.1, -0, 1e21], '[0.1,0,1e+21]', 21],
    [['\ud800'], '["\\ud800"]', 27],
    [['"\\\n'], '["\\"\\\\\\n"]', 10],
  ])('%j has for ever the text %s and, of 40, the group %i', (values, text, group) => {
    expect(canonicalKey(values)).toBe(text);
    expect(keyGroupOf(text, 40)).toBe(group);
  });

  it('has the only group there is without being hashed', () => {
    expect(keyGroupOf('["ATL"]', 1)).toBe(0);
  });

  it('keeps its text after a trip through JSON', () => {
    const values = [1.0, 1e-7, -0, 'ü😀\ud800', null, false];
    expect(canonicalKey(JSON.parse(JSON.stringify(values)))).toBe(canonicalKey(values));
  });

  it('spreads over the groups', () => {
    const counts = Array<number>(8).fill(0);
    for (let at = 0; at < 8000; at++) counts[keyGroupOf(canonicalKey([`sensor-${at}`]), 8)]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });
});
