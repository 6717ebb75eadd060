/** After which faults an output may come twice: a crash, a lost answer or a time-out, or two of one at work. */
import { type FaultKind, hangKinds } from './fault.ts';

const ends = [
  'crash',
  'zombie',
  'sleeper',
  'halt',
  'doubled',
  'abort',
  'restart',
  'twin',
  'time-jump',
  'double-schedule',
];
const loses = ['lost', 'slow', 'hollow', ...hangKinds];
const kinds: ReadonlySet<string> = new Set<FaultKind | string>([...ends, ...loses]);

/** By the name of a hit: `kind step/call when`. An error before a request was applied is no lost answer. */
export function mayRepeatOutputs(hit: string): boolean {
  const [kind = '', , when] = hit.split(' ');
  return kinds.has(kind) || (kind === 'error' && when === 'after');
}
