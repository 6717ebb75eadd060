/** Of rows that are refused, what goes to the output of dead letters: as a part of their step (LETTER-2). */
import { outputsFrom } from '../pipeline/outputs.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RowSetup } from './evaluate-row.ts';
import { letterOfRow, type RefusedResult } from './letter-of-row.ts';
import { letterRecord } from './letter-record.ts';
import type { OutboxStep } from './outbox.ts';

export function lettersOfRows(
  pipeline: Pick<Pipeline, 'name' | 'outputs'>,
  setup: RowSetup,
  refused: readonly RefusedResult[],
): Pick<OutboxStep, 'letters'> {
  const [output] = outputsFrom(pipeline, 'letters');
  if (output === undefined || refused.length === 0) return {};
  const letters = refused.map((row) => {
    const letter = letterOfRow(pipeline.name, setup, row);
    const identity = { ...letter.resultIdentity!, output: output.id };
    return { output: output.id, record: letterRecord(output, letter, identity).record };
  });
  return { letters };
}
