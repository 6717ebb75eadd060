/**
 * Letters of rows that were given up while they were sent, for the output of dead letters (DEADLY-2).
 *
 * GIVEN-UP-1 They are one more step of it, behind what is stored, and it is sent when all other outputs have theirs: then it is known
 *    which rows they gave up, so whoever sends it sends the same, in the same parts or files.
 * GIVEN-UP-2 Of a letter that is given up itself there is one in the table, and none in that output: it would come there for ever.
 */
import { recordOfCall } from '../../core/letter-of-call.ts';
import { endsOf, type OutboxStep, recordsOf } from '../../core/outbox.ts';
import type { Addressed } from '../../core/output.ts';
import { isInParts } from '../../core/parts-of-outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import type { Output } from '../../pipeline/pipeline.ts';
import type { NotedCalls } from './noted-calls.ts';
import type { StepReader } from './outbox-reader.ts';

export type Stored = { readonly state: KeyGroupState; readonly outbox: StepReader };

/** `outputs`: those of the pipeline. What is stored, and the step behind it, if there is one. */
export async function withLettersOfCalls(
  stored: Stored,
  {
    letters,
    outputs,
    calls,
  }: { readonly letters: Output; readonly outputs: readonly Output[]; readonly calls: NotedCalls | undefined },
): Promise<Stored> {
  const made: Addressed[] = [];
  for (const output of outputs) {
    if (calls === undefined || output === letters || !isInParts(output)) continue;
    const places = [...calls.of(output.id).givenUp].sort((one, other) => one - other);
    for (const place of places) {
      const record = await recordAt(stored, output.id, place);
      made.push(recordOfCall(letters, stored.state, { output, place, record }));
    }
  }
  if (made.length === 0) return stored;
  const { state, outbox } = stored;
  const step: OutboxStep = { rows: [], refused: [], letters: made };
  const last = state.steps.length;
  return {
    // It is not stored.
    state: { ...state, steps: [...state.steps, { from: -1, records: { [letters.id]: made.length }, refused: 0 }] },
    outbox: { step: (number) => (number === last ? Promise.resolve(step) : outbox.step(number)) },
  };
}

async function recordAt({ state: { steps }, outbox }: Stored, output: string, place: number) {
  const ends = endsOf(steps, output);
  const number = ends.findIndex((end) => place < end);
  return recordsOf(await outbox.step(number), output)[place - (ends[number - 1] ?? 0)]!;
}
