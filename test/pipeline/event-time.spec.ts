import { describe, expect, it } from 'vitest';
import { toEpochMs } from '../../functions/pipeline/event-time.ts';

describe('event times', () => {
  it.each([
    ['2001-01-01T06:30:00Z', '2001-01-01T06:30:00.000Z'],
    ['2001-01-01T06:30Z', '2001-01-01T06:30:00.000Z'],
    ['2001-01-01 06:30:00Z', '2001-01-01T06:30:00.000Z'],
    ['2001-01-01T06:30:00.5Z', '2001-01-01T06:30:00.500Z'],
    ['2001-01-01T06:30:00.123456789Z', '2001-01-01T06:30:00.123Z'],
    ['2001-01-01T06:30:00.5-11:30', '2001-01-01T18:00:00.500Z'],
    ['2001-01-01T06:30:00.25+1130', '2000-12-31T19:00:00.250Z'],
    ['2001-01-01T06:30-11:30', '2001-01-01T18:00:00.000Z'],
    ['2001-01-01T06:30:00+02:00', '2001-01-01T04:30:00.000Z'],
    ['2001-01-01T06:30:00-0530', '2001-01-01T12:00:00.000Z'],
    ['2001-01-01T00:00:00+01:00', '2000-12-31T23:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('%s is a moment', (text, expected) => {
    expect(toEpochMs(text)).toBe(Date.parse(expected));
  });

  it.each([
    ['a date alone', '2001-01-01'],
    ['no zone', '2001-01-01T06:30:00'],
    ['a zone by name', '2001-01-01T06:30:00 CET'],
    ['a month that does not exist', '2001-13-01T00:00:00Z'],
    ['a month zero', '2001-00-01T00:00:00Z'],
    ['a day that does not exist', '2001-02-29T00:00:00Z'],
    ['29 February of a century', '1900-02-29T00:00:00Z'],
    ['31 April', '2001-04-31T00:00:00Z'],
    ['a day zero', '2001-01-00T00:00:00Z'],
    ['an hour too many', '2001-01-01T24:00:00Z'],
    ['a minute too many', '2001-01-01T23:60:00Z'],
    ['a leap second', '2001-01-01T23:59:60Z'],
    ['a zone too far', '2001-01-01T00:00:00+24:00'],
    ['another order', '01/02/2001 06:30 Z'],
    ['a number in a string', '978307200000'],
    ['nothing', ''],
    ['space around it', ' 2001-01-01T06:30:00Z'],
    ['a line after it', '2001-01-01T06:30:00Z\n'],
  ])('refuses %s', (_, text) => {
    expect(toEpochMs(text)).toBeUndefined();
  });

  it('takes dates and epoch milliseconds', () => {
    expect(toEpochMs(new Date(978_307_200_000))).toBe(978_307_200_000);
    expect(toEpochMs(978_307_200_000)).toBe(978_307_200_000);
    expect(toEpochMs(0)).toBe(0);
    expect(toEpochMs(-0)).toBe(0);
    expect(toEpochMs(-1)).toBe(-1);
  });

  it('cuts off what is below a millisecond', () => {
    expect(toEpochMs(12.9)).toBe(12);
    expect(toEpochMs(-12.1)).toBe(-13);
  });

  it('refuses what is no moment', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1, new Date(Number.NaN)]) {
      expect(toEpochMs(value)).toBeUndefined();
    }
  });

  it('refuses values of other types that get past the compiler', () => {
    for (const value of [undefined, null, true, {}, [], 1n]) expect(toEpochMs(value as never)).toBeUndefined();
  });

  it('does not depend on the zone of the machine', () => {
    const zone = process.env.TZ;
    try {
      for (const name of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
        process.env.TZ = name;
        expect(toEpochMs('2001-07-01T06:30:00Z')).toBe(993_969_000_000);
        expect(toEpochMs('2001-07-01T06:30:00')).toBeUndefined();
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});
