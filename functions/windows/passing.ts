/**
 * What `dropDuplicates` keeps of a key: for how long an event that has passed keeps others of its key out. It is counted like windows of
 * event time, one an event, and no step of the chain takes it as one.
 *
 *   passed ├────── within ──────┤ forgotten
 *     ○ ─ ─ ─ ● ─ ─ ─ ─ ─ ─ ● ─ ─ ─ ─ ─ ○          ● duplicates, ○ pass
 */

import { duration, readOptions } from '../pipeline/option-rules.ts';
import type { RawOptions } from '../pipeline/options.ts';
import { missing, type Problem } from '../pipeline/problems.ts';
import type { WindowKind } from './window-kind.ts';

export type CheckedPassing = { readonly withinMs: number };

const noColumns = {};

/**
 * PASSING-1 An event is late as soon as the watermark is past it: of what has passed before it, something may be forgotten. Of what may keep
 *    an event out that is in time nothing is.
 */
export const passingKind = {
  kind: 'drop-duplicates',
  usage: "dropDuplicates({ id: (event) => event.id }, { within: '1 hour' })",
  of: 'event-time',
  columnNames: [],
  read: (given, problems) => readPassing(given, problems),
  fingerprint: ({ withinMs }) => ['drop-duplicates', withinMs],
  columns: () => noColumns,
  assigner:
    ({ withinMs }) =>
    (eventTime) => [{ start: eventTime, end: eventTime + withinMs }],
  lateAt: ({ start }) => start + 1,
  closesAt: ({ end }) => end,
  nextClose: (_, watermark) => watermark + 1,
} as const satisfies WindowKind<CheckedPassing>;

const withinRule = duration({ atLeastMs: 1 }, undefined);

function readPassing(given: RawOptions, problems: Problem[]): CheckedPassing {
  if (given.within === undefined) problems.push(missing('dropDuplicates.within', withinRule.allowed));
  const { within } = readOptions('dropDuplicates', given, { within: withinRule }, problems);
  return { withinMs: within ?? 1 };
}
