/** KEY-1: saved state is found by these texts and numbers, so the literals here never change. */
import { describe, expect, it } from 'vitest';
import { canonicalKey, keyGroupOf } from '../../functions/core/key-group.ts';
import { murmur3 } from '../../functions/pipeline/murmur3.ts';
import type { KeyValue } from '../../functions/pipeline/pipeline.ts';

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
