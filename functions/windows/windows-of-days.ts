/**
 * Windows of whole days in a time zone, one after the other.
 *
 * DAYS-1 They leave nothing out and do not overlap. Each has an instant at least: a date that was left out has no window.
 * DAYS-2 The days of a window are counted by the zone's calendar, from 1970-01-01.
 */
import { type ZoneClock, zoneClock } from './local-days.ts';
import type { Window } from './window-kind.ts';

/** By the zone's clocks. */
export type DaysOfZone = { readonly sizeMs: number; readonly offsetMs: number; readonly zone: string };

export type LocalWindows = {
  /** The one that an instant is in. */
  at(instant: number): Window;
};

/** Ten years of days. */
const mostKnown = 4_096;

/** Those that were found are remembered: whoever asks for few different ones, in whatever order, waits for each once. */
export function localWindows(days: DaysOfZone): LocalWindows {
  const clock = zoneClock(days.zone);
  if (clock === undefined) throw new Error(`there is no time zone ${days.zone}`);
  /** By start. */
  let known: Window[] = [];
  return {
    at(instant) {
      let [from, upTo] = [0, known.length];
      while (from < upTo) {
        const middle = (from + upTo) >> 1;
        if (known[middle]!.end <= instant) from = middle + 1;
        else upTo = middle;
      }
      const candidate = known[from];
      if (candidate !== undefined && candidate.start <= instant) return candidate;
      const found = windowAt(instant, clock, days);
      if (known.length < mostKnown) known.splice(from, 0, found);
      else known = [found];
      return found;
    },
  };
}

function windowAt(instant: number, clock: ZoneClock, { sizeMs, offsetMs }: DaysOfZone): Window {
  const startOf = (number: number): number => clock.firstAt(number * sizeMs + offsetMs);
  let number = Math.floor((clock.at(instant) - offsetMs) / sizeMs);
  // Where clocks were set back over the hour at which days begin they show a time of the window before.
  while (startOf(number + 1) <= instant) number += 1;
  while (startOf(number) > instant) number -= 1;
  return { start: startOf(number), end: startOf(number + 1) };
}
