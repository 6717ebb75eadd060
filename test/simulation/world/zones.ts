/** Days of time zones, from what was written down of their clocks by hand: nothing here asks a calendar. */
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** How far clocks are ahead of UTC before and after a change. */
type Clocks = { readonly before: number; readonly after: number; readonly changeAt: number };

const clocks = {
  // From 2:00 to 3:00 in spring, from 3:00 to 2:00 in autumn.
  'Europe/Berlin': [
    { before: hourMs, after: 2 * hourMs, changeAt: Date.UTC(2026, 2, 29, 1) },
    { before: 2 * hourMs, after: hourMs, changeAt: Date.UTC(2026, 9, 25, 1) },
  ],
  // At midnight: that day begins at 1:00, and the one in autumn has two midnights.
  'America/Havana': [
    { before: -5 * hourMs, after: -4 * hourMs, changeAt: Date.UTC(2026, 2, 8, 5) },
    { before: -4 * hourMs, after: -5 * hourMs, changeAt: Date.UTC(2026, 10, 1, 5) },
  ],
  // By half an hour.
  'Australia/Lord_Howe': [{ before: 11 * hourMs, after: 10.5 * hourMs, changeAt: Date.UTC(2026, 3, 4, 15) }],
  // Never.
  'Asia/Kathmandu': [{ before: 345 * minuteMs, after: 345 * minuteMs, changeAt: Date.UTC(2026, 5, 1) }],
} as const satisfies Readonly<Record<string, readonly Clocks[]>>;

export type ZoneName = keyof typeof clocks;
export const zoneNames = Object.keys(clocks) as readonly ZoneName[];

/** Days in a row, of a zone around one change of its clocks. */
export type DaysOfZone = { readonly name: ZoneName; readonly days: number; readonly change: number };

export const changesOf = (name: ZoneName): number => clocks[name].length;

/** The one that holds `at`, which is within months of the change. */
export function daysAround({ name, days, change }: DaysOfZone, at: number): readonly [start: number, end: number] {
  const { before, after, changeAt }: Clocks = clocks[name][change]!;
  const startOf = (number: number): number => {
    const local = number * days * dayMs;
    return local - before < changeAt ? local - before : Math.max(changeAt, local - after);
  };
  let number = Math.floor((at + dayMs) / (days * dayMs)) + 1;
  while (startOf(number) > at) number -= 1;
  return [startOf(number), startOf(number + 1)];
}

/** When the day of the change is over: windows that end then are not as long as others. */
export const endOfChangedDay = ({ name, days, change }: DaysOfZone): number =>
  daysAround({ name, days, change }, clocks[name][change]!.changeAt)[1];
