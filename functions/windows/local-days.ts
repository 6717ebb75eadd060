/**
 * Days as people in a time zone have them: from one midnight to the next, 23, 24 or 25 hours long.
 *
 * LOCAL-1 A day begins at the first instant at which clocks there show its date and the hour asked for, or anything later:
 *    where clocks skip that hour the day begins when they go on, and where they show it twice, at the first time. Of a date that
 *    was left out nothing is left: the one behind it begins at the same instant.
 * LOCAL-2 What is said follows from the zone's name and the rules that come with Node, not from where the machine is.
 *
 * Slow: each call of `Intl` takes microseconds, and a day several. Who asks once per event remembers the answers.
 */
import { dayMs } from '../pipeline/duration.ts';

/** By the clocks of the zone, a time as if they showed UTC. */
type LocalTime = number;

export type ZoneClock = {
  /** What they show at an instant. */
  at(instant: number): LocalTime;
  /** The first instant at which they show this or anything later. */
  firstAt(time: LocalTime): number;
};

/** Undefined: there is no such zone. */
export function zoneClock(zone: string): ZoneClock | undefined {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const format = formatOf(zone);
  if (format === undefined) return undefined;
  const clock = clockOf((instant) => shownBy(format, instant) - instant);
  clocks.set(zone, clock);
  return clock;
}

/** There are some hundreds of zones. */
const clocks = new Map<string, ZoneClock>();

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const [number, text] = ['numeric', 'short'] as const;
  const date = { era: text, year: number, month: number, day: number } as const;
  const time = { hour: number, minute: number, second: number, hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', ...date, ...time });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Behind these there is no date that clocks could show: they go on as they do there. */
const lastShownMs = 8_640_000_000_000_000 - 2 * dayMs;

/** `offsetAt`: how far clocks are ahead of UTC, the same for two days at least but for one change. */
function clockOf(offsetOf: (instant: number) => number): ZoneClock {
  const offsetAt = (instant: number): number =>
    offsetOf(Math.floor(Math.min(Math.max(instant, -lastShownMs), lastShownMs) / 1_000) * 1_000);
  return {
    at: (instant) => instant + offsetAt(instant),
    firstAt(time) {
      // No clock is a day ahead of UTC, or behind.
      let [from, upTo] = [time - dayMs, time + dayMs];
      const [before, after] = [offsetAt(from), offsetAt(upTo)];
      if (before === after) return time - before;
      while (upTo - from > 1) {
        const middle = from + Math.floor((upTo - from) / 2);
        if (offsetAt(middle) === before) from = middle;
        else upTo = middle;
      }
      const change = upTo;
      return time - before < change ? time - before : Math.max(change, time - after);
    },
  };
}

function shownBy(format: Intl.DateTimeFormat, instant: number): LocalTime {
  const shown: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instant)) shown[type] = value;
  const year = shown.era === 'BC' ? 1 - Number(shown.year) : Number(shown.year);
  const date = new Date(0);
  date.setUTCFullYear(year, Number(shown.month) - 1, Number(shown.day));
  date.setUTCHours(Number(shown.hour), Number(shown.minute), Number(shown.second));
  return date.getTime();
}
