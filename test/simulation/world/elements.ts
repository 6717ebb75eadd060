/** `flatMap`: an event becomes none to three elements, which differ in their values. */

export const elementsIn = (id: number): number => id % 4;

export function elementsOf<Event extends { readonly id: number; readonly value: number }>(event: Event): Event[] {
  return Array.from({ length: elementsIn(event.id) }, (_, at) => ({ ...event, value: event.value + at }));
}

/** Of rows: a row becomes as many as its number of events says, so that a later version may have fewer, or none. */
export const rowsIn = (events: number): number => (events % 5 === 4 ? 0 : 1 + (events % 3));

export function rowsOf<Row extends { readonly events: number }>(row: Row): (Row & { readonly part: number })[] {
  return Array.from({ length: rowsIn(row.events) }, (_, part) => ({ ...row, part }));
}
