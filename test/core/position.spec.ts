/** POSITION-1 by hand, and the texts that identities are made of. */
import { describe, expect, it } from 'vitest';
import {
  describePosition,
  isAfter,
  lastReadOf,
  overEmptyStretch,
  type Position,
  trimHorizon,
} from '../../functions/core/position.ts';

describe('isAfter', () => {
  it.each([
    ['2', '1', true],
    ['1', '2', false],
    ['7', '7', false],
    ['10', '9', true],
    ['9', '10', false],
    [
      '49590338271490256608559692538361571095921575989136588898',
      '49590338271490256608559692538361571095921575989136588897',
      true,
    ],
    ['100000000000000000000', '99999999999999999999', true],
    ['007', '7', false],
    ['7', '007', false],
    ['008', '7', true],
  ])('%s after %s: %s', (one, other, expected) => {
    expect(isAfter(one, other)).toBe(expected);
  });
});

describe('a position over an empty stretch (POSITION-1)', () => {
  const stretch = { through: 1000, lastArrival: null, marginMs: 100 };

  it.each<[string, Position, Position]>([
    ['the oldest retained batch', trimHorizon, { kind: 'at-timestamp', timestamp: 900 }],
    [
      'the oldest retained batch after 5',
      { kind: 'trim-horizon', after: '5' },
      { kind: 'at-timestamp', timestamp: 900, after: '5' },
    ],
    [
      'after 5',
      { kind: 'after-sequence-number', sequenceNumber: '5' },
      { kind: 'at-timestamp', timestamp: 900, after: '5' },
    ],
    [
      'an earlier time',
      { kind: 'at-timestamp', timestamp: 899, after: '5' },
      { kind: 'at-timestamp', timestamp: 900, after: '5' },
    ],
    [
      'the same time',
      { kind: 'at-timestamp', timestamp: 900, after: '5' },
      { kind: 'at-timestamp', timestamp: 900, after: '5' },
    ],
    ['a later time', { kind: 'at-timestamp', timestamp: 901 }, { kind: 'at-timestamp', timestamp: 901 }],
  ])('from %s', (_, from, to) => {
    expect(overEmptyStretch(from, stretch)).toEqual(to);
  });

  it('stays inside an aggregated record, which must be read again', () => {
    const inside: Position = { kind: 'after-sequence-number', sequenceNumber: '5', subSequenceNumber: 0 };
    expect(overEmptyStretch(inside, stretch)).toBe(inside);
  });

  it.each([
    [899, 'at-timestamp'],
    [900, 'after-sequence-number'],
    [950, 'after-sequence-number'],
  ])('after a record that arrived at %i, with the margin back to 900, is %s', (lastArrival, kind) => {
    expect(
      overEmptyStretch({ kind: 'after-sequence-number', sequenceNumber: '5' }, { ...stretch, lastArrival }).kind,
    ).toBe(kind);
  });
});

it('names what it proves to have been read', () => {
  expect(lastReadOf({ kind: 'after-sequence-number', sequenceNumber: '5', subSequenceNumber: 2 })).toBe('5');
  expect(lastReadOf({ kind: 'at-timestamp', timestamp: 1, after: '6' })).toBe('6');
  expect(lastReadOf({ kind: 'trim-horizon', after: '7' })).toBe('7');
  expect(lastReadOf(trimHorizon)).toBeUndefined();
});

it.each<[Position, string]>([
  [trimHorizon, 'TRIM_HORIZON'],
  [{ kind: 'trim-horizon', after: '7' }, '7'],
  [{ kind: 'at-timestamp', timestamp: 900 }, 'AT_TIMESTAMP 900'],
  [{ kind: 'at-timestamp', timestamp: 900, after: '6' }, '6'],
  [{ kind: 'after-sequence-number', sequenceNumber: '5' }, '5'],
  [{ kind: 'after-sequence-number', sequenceNumber: '5', subSequenceNumber: 0 }, '5.0'],
])('%j is written %s for ever', (position, text) => {
  expect(describePosition(position)).toBe(text);
});
