/** Outputs of a pipeline, and what is kept for those that are detached, on the screen. */
import { mostKeptBatches } from '../../functions/core/detached.ts';
import type { Attached, Detached, KeptRows, ListedOutput } from '../../functions/operations/detach-outputs.ts';
import { number } from './progress-text.ts';
import { plainTable } from './text-table.ts';

export function outputsText(outputs: readonly ListedOutput[]): string {
  if (outputs.length === 0) return 'No output is known before the first start with this version.';
  const table = plainTable(['output', 'sent', 'stands', 'kept rows', 'batches', 'since batch']);
  for (const { id, sent, stand, kept } of outputs)
    table.push([id, sent, stand, ...(kept === undefined ? ['', '', ''] : keptCells(kept))]);
  return table.toString();
}

const keptCells = ({ rows, batches, since }: KeptRows): string[] => [
  number(rows),
  `${number(batches)} of ${number(mostKeptBatches)}`,
  String(since),
];

export const toDetachText = (pipeline: string, output: string): string =>
  `Batches of ${pipeline} commit without the output ${output} from now on. Its rows are kept, for ${number(mostKeptBatches)} batches at most, ` +
  `and so is all else of these batches, which the purge would delete: attach it as soon as its sink takes rows again.`;

export const detachedText = ({
  pipeline,
  output,
  since,
  frees,
}: Detached & { readonly pipeline: string; readonly output: string }): string =>
  [
    `${output} of ${pipeline} is detached: its rows are kept from batch ${since} on.`,
    ...(frees === null ? [] : [`Batch ${frees}, which is sealed and not committed, no longer waits for it.`]),
    `When its sink takes rows again: npx sluice outputs attach ${output} --pipeline ${pipeline}`,
  ].join('\n');

export const toDiscardText = (pipeline: string, output: string, { rows, batches, from }: KeptRows): string =>
  `${number(rows)} rows that are kept for the output ${output} of ${pipeline}, of ${number(batches)} batches from ${from} on, will never be sent.`;

export function attachedText(
  attached: Attached & { readonly pipeline: string; readonly output: string; readonly discarded: boolean },
): string {
  const { pipeline, output, discarded, stand, rows, batches } = attached;
  const now = stand === 'attached' ? 'is attached' : 'is being attached';
  const what = `${number(rows)} rows of ${number(batches)} batches`;
  if (discarded) return `${output} of ${pipeline} ${now}: ${what} were given up.`;
  return stand === 'attached'
    ? `${output} of ${pipeline} is attached: nothing was kept for it.`
    : `${output} of ${pipeline} is being attached: the next batches send ${what} before anything newer is read.`;
}
