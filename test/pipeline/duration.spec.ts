import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../functions/pipeline/duration.ts';

describe('durations', () => {
  it.each([
    ['0 seconds', 0],
    ['1 millisecond', 1],
    ['250 milliseconds', 250],
    ['1 second', 1_000],
    ['10 seconds', 10_000],
    ['1 minute', 60_000],
    ['2 minutes', 120_000],
    ['1 hour', 3_600_000],
    ['24 hours', 86_400_000],
    ['1 day', 86_400_000],
    ['36500 days', 3_153_600_000_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '10',
    '10s',
    '10  seconds',
    ' 10 seconds',
    '10 seconds ',
    '10 Seconds',
    '1.5 hours',
    '-1 hours',
    '+1 hour',
    '1e3 seconds',
    '0x10 seconds',
    '01 seconds',
    '1 week',
    'one hour',
    '1 hour 5 minutes',
    '36501 days',
    '9999999999999999 days',
    '99999999999999999999 milliseconds',
    10,
    null,
    undefined,
    ['1 hour'],
    { ms: 1 },
  ])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('is written in the largest unit that fits', () => {
    expect([0, 1, 999, 1_000, 90_000, 3_600_000, 172_800_000].map(formatDuration)).toEqual([
      '0 seconds',
      '1 millisecond',
      '999 milliseconds',
      '1 second',
      '90 seconds',
      '1 hour',
      '2 days',
    ]);
  });

  it('reads back what it writes', () => {
    for (const ms of [0, 1, 59_999, 60_000, 86_400_000, 31_536_000_000])
      expect(parseDuration(formatDuration(ms))).toBe(ms);
  });
});
