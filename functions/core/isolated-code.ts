/** The user code that can be run apart from a function: by name, from plain data to plain data. */

import type { EventMeta } from '../pipeline/callback.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { type EvaluatedRow, type RowInput, type RowSetup, rowEvaluator } from './evaluate-row.ts';
import type { Decompress } from './expand-payload.ts';
import type { Isolate } from './isolate.ts';
import { createJudge, type EventInput, type JudgedFor, type JudgeEvent, type Judgement } from './judge-event.ts';
import type { References } from './references.ts';

/** What each kind is opened with, given, and answers. */
export type IsolatedCode = {
  event: { readonly setup: JudgedFor; readonly input: EventInput; readonly output: Judgement };
  row: { readonly setup: RowSetup; readonly input: RowInput; readonly output: EvaluatedRow };
};
export type IsolatedKind = keyof IsolatedCode;

export type RunIsolated<Kind extends IsolatedKind> = {
  (input: IsolatedCode[Kind]['input']): IsolatedCode[Kind]['output'];
  /** What schemas promised instead of answering; see `isAsynchronous`. */
  readonly promises: readonly Promise<unknown>[];
};

type Runner<Kind extends IsolatedKind> = (
  pipeline: Pipeline,
  setup: IsolatedCode[Kind]['setup'],
  decompress: Decompress,
  references?: References,
) => RunIsolated<Kind>;

const runners: { readonly [Kind in IsolatedKind]: Runner<Kind> } = {
  event: (pipeline, setup, decompress, references) => {
    const judge = createJudge(pipeline, setup, decompress, references);
    const { promises } = judge;
    return Object.assign(({ data, meta, base }: EventInput) => judge(data, meta, base), { promises });
  },
  // Of rows no schema is asked.
  row: (pipeline, setup, _, references) => Object.assign(rowEvaluator(pipeline, setup, references), { promises: [] }),
};

/** Runs in the isolate. */
export function isolatedRunner<Kind extends IsolatedKind>(
  kind: Kind,
  ...given: Parameters<Runner<Kind>>
): RunIsolated<Kind> {
  return (runners[kind] as Runner<Kind>)(...given);
}

/** What the event in hand has done to the isolate: no answer will come. */
export class UserCodeDied extends Error {
  override readonly name = 'UserCodeDied';
}

/** A judge that asks an isolate. */
export function isolatedJudge(isolate: Isolate<EventInput, Judgement>): JudgeEvent {
  const judge = (data: Uint8Array | undefined, meta: EventMeta | undefined, base: string): Judgement => {
    // A view of a larger page or record: only its own bytes are to travel. Nothing is decoded ahead of what is asked elsewhere.
    const answer = isolate.run({ data: data!.slice(), meta: meta!, base });
    if (answer.kind === 'died') throw new UserCodeDied(answer.message);
    return answer.output;
  };
  return Object.assign(judge, { promises: isolate.promises ?? [], needsMeta: true });
}
