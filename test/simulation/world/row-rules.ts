/** Rows of some numbers of events are left out: further events may take a row out, and in again. */

/** By a filter, or by a callback that throws. */
export type RowRule = 'filtered' | 'refused';

export const isLeftOut = (events: number): boolean => events % 3 === 2;
