/**
 * The parts in which the stored rows of a key group are sent to a sink that asks for parts.
 *
 * PART-1 Where parts end follows from the stored state alone, which says how many rows one has at most. So a part is the same
 *    whoever sends it, however often, and whatever the option is by then.
 * PART-2 A part lies within one step.
 */

import type { Output } from '../pipeline/pipeline.ts';
import { endsOf, type Outbox } from './outbox.ts';

export type Range = { readonly from: number; readonly upTo: number };
export type Part = Range & {
  readonly part: number;
  /** The step that it lies in, and where the output's records begin in that. */
  readonly step: number;
  readonly begin: number;
};

/** Whoever meets a state that says nothing of an output: it had another sink when it was put. */
const withoutWord = 1_000;

export const isInParts = ({ sink }: Output): boolean => sink.kind.rowsInPart !== undefined;

/** As a part of the state. Where no sink asks for parts, nothing. */
export function partRowsOf(pipeline: { readonly outputs: readonly Output[] }): Pick<Outbox, 'partRows'> {
  const rows = pipeline.outputs
    .filter(isInParts)
    .map(({ id, sink: { kind, options } }) => [id, kind.rowsInPart!(options)] as const);
  return rows.length === 0 ? {} : { partRows: Object.fromEntries(rows) };
}

/** In their order. */
export function partsOf({ steps, partRows = {} }: Pick<Outbox, 'steps' | 'partRows'>, output: string): readonly Part[] {
  const most = partRows[output] ?? withoutWord;
  const parts: Part[] = [];
  let begin = 0;
  for (const [step, end] of endsOf(steps, output).entries()) {
    for (let from = begin; from < end; from += most)
      parts.push({ part: parts.length, step, begin, from, upTo: Math.min(from + most, end) });
    begin = end;
  }
  return parts;
}

/** What of a part is not sent: of a note that ends within one, all of it, for it is one call. */
export const partsLeft = (parts: readonly Part[], sent: number): readonly Part[] =>
  parts.filter(({ upTo }) => upTo > sent);
