/** LOCAL-1, DAYS-1, DAYS-2: days as clocks somewhere show them, by hand and against `Intl`. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, runPipeline, tumbling } from '../../functions/index.ts';
import { dayMs } from '../../functions/pipeline/duration.ts';
import { tumblingKind } from '../../functions/windows/tumbling.ts';

const hourMs = 3_600_000;
const iso = (time: number): string => new Date(time).toISOString();

function dayOf(zone: string, time: string, { days = 1, offsetMs = 0 } = {}) {
  const options = { sizeMs: days * dayMs, offsetMs, zone };
  const [window] = tumblingKind.assigner(options)(Date.parse(time));
  return { from: iso(window!.start), hours: (window!.end - window!.start) / hourMs };
}

describe('a day of a zone', () => {
  it.each([
    ['Europe/Berlin', '2026-01-15T12:00Z', '2026-01-14T23:00:00.000Z', 24],
    ['Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-07-15T12:00Z', '2026-07-14T22:00:00.000Z', 24],
    ['Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00:00.000Z', 25],
    ['America/New_York', '2026-11-01T12:00Z', '2026-11-01T04:00:00.000Z', 25],
    ['Asia/Kolkata', '2026-01-15T12:00Z', '2026-01-14T18:30:00.000Z', 24],
    ['Australia/Lord_Howe', '2026-10-03T12:00Z', '2026-10-02T13:30:00.000Z', 24],
    ['Australia/Lord_Howe', '2026-10-03T14:00Z', '2026-10-03T13:30:00.000Z', 23.5],
    ['UTC', '2026-01-15T12:00Z', '2026-01-15T00:00:00.000Z', 24],
  ])('of %s at %s begins at %s and has %d hours', (zone, time, from, hours) => {
    expect(dayOf(zone, time)).toEqual({ from, hours });
  });

  it('begins when clocks go on, where they skip midnight', () => {
    // 2025-04-25: from 0:00 to 1:00.
    expect(dayOf('Africa/Cairo', '2025-04-25T12:00Z')).toEqual({ from: '2025-04-24T22:00:00.000Z', hours: 23 });
  });

  it('begins at the first midnight of two', () => {
    // 2026-11-01: from 1:00 back to 0:00.
    expect(dayOf('America/Havana', '2026-11-01T05:30Z')).toEqual({ from: '2026-11-01T04:00:00.000Z', hours: 25 });
  });

  it('has the hour that comes again, where clocks at midnight go back to the day before', () => {
    // 2018-02-18: from 0:00 back to 23:00.
    expect(dayOf('America/Sao_Paulo', '2018-02-18T02:30Z')).toEqual({ from: '2018-02-17T02:00:00.000Z', hours: 25 });
  });

  it('is not there where the date was left out', () => {
    // There was no 2011-12-30.
    expect(dayOf('Pacific/Apia', '2011-12-30T09:59:59.999Z').from).toBe('2011-12-29T10:00:00.000Z');
    expect(dayOf('Pacific/Apia', '2011-12-30T10:00Z')).toEqual({ from: '2011-12-30T10:00:00.000Z', hours: 24 });
  });

  it('begins at what clocks there show as the offset, also when they have changed that night', () => {
    expect(dayOf('Europe/Berlin', '2026-03-29T04:00Z', { offsetMs: 6 * hourMs })).toEqual({
      from: '2026-03-29T04:00:00.000Z',
      hours: 24,
    });
    expect(dayOf('Europe/Berlin', '2026-03-29T03:59Z', { offsetMs: 6 * hourMs })).toEqual({
      from: '2026-03-28T05:00:00.000Z',
      hours: 23,
    });
  });

  it('may be one of several, counted from 1970-01-01, which an offset of days moves to a Monday', () => {
    expect(dayOf('Europe/Berlin', '2026-03-26T12:00Z', { days: 7, offsetMs: 4 * dayMs })).toEqual({
      from: '2026-03-22T23:00:00.000Z',
      hours: 7 * 24 - 1,
    });
  });
});

it('days of any zone follow each other, and each begins with its date', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const time = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2035, 0) });
  fc.assert(
    fc.property(zone, time, (timeZone, at) => {
      const dateOf = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
      const assign = tumblingKind.assigner({ sizeMs: dayMs, offsetMs: 0, zone: timeZone });
      const [window] = assign(at);
      const [before, last] = [dateOf.format(window!.start - 1), dateOf.format(window!.end - 1)];
      expect(dateOf.format(window!.start)).toBe(last);
      expect(dateOf.format(at)).toBe(last);
      expect(before < last).toBe(true);
      expect(assign(window!.end)[0]!.start).toBe(window!.end);
    }),
    { numRuns: 300 },
  );
});

it('the calendar is asked once for each window, whatever order events come in', () => {
  const assign = tumblingKind.assigner({ sizeMs: dayMs, offsetMs: 0, zone: 'Asia/Tokyo' });
  const times = Array.from({ length: 30 }, (_, day) => Date.UTC(2026, 0, 1 + ((day * 7) % 30), 12));
  const first = times.map((time) => assign(time)[0]);
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
  try {
    expect(times.map((time) => assign(time + hourMs)[0])).toEqual(first);
    expect(asked).not.toHaveBeenCalled();
  } finally {
    asked.mockRestore();
  }
});

const perDay = (size: '1 day' | '36 hours', zone: string) =>
  pipeline('per-day')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.string() })))
    .withWatermark((event) => new Date(event.at), { delay: '0 seconds', maxFutureTime: '10000 days' })
    .groupBy({})
    .window(tumbling(size, { zone }))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' }));

it('a pipeline counts by days of its zone, and its rows say in UTC which they are', () => {
  const events = ['2026-10-24T21:59Z', '2026-10-24T22:00Z', '2026-10-25T22:59Z', '2026-10-25T23:00Z'];
  const { results } = runPipeline(perDay('1 day', 'Europe/Berlin'), { events: events.map((at) => ({ at })) });
  expect(results).toEqual([
    { windowStart: '2026-10-23T22:00:00.000Z', windowEnd: '2026-10-24T22:00:00.000Z', events: 1 },
    { windowStart: '2026-10-24T22:00:00.000Z', windowEnd: '2026-10-25T23:00:00.000Z', events: 2 },
    { windowStart: '2026-10-25T23:00:00.000Z', windowEnd: '2026-10-26T23:00:00.000Z', events: 1 },
  ]);
});

it.each([
  ['1 day', 'Berlin', "window.zone: 'Berlin' is not allowed; use the name of a time zone, such as 'Europe/Berlin'"],
  ['36 hours', 'Asia/Tokyo', "window.size: '36 hours' is not allowed; use a number of whole days"],
] as const)('a size of %s in %s is refused', (size, zone, message) => {
  expect(() => runPipeline(perDay(size, zone), { events: [] })).toThrow(message);
});
