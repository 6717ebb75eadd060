/** Rows of some numbers of events are left out: further events may take a row out, and in again. */

/** By a filter, or by a callback that throws. */
export type RowRule = 'filtered' | 'refused';

export const isLeftOut = (events: number): boolean => events % 3 === 2;

/** Of each window so many rows are given out, by their numbers of events. */
export type TopRule = { readonly n: number; readonly order: 'highest' | 'lowest' };

/** Some have no rank, and of some none can be told. */
export const rankOf = (events: number): number | null => (events % 6 === 4 ? null : events);
export const isUnrankable = (events: number): boolean => events % 11 === 7;
