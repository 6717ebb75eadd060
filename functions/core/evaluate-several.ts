/**
 * The rows that `flatMap` makes of one result: each through the steps behind it, and to each output that takes it.
 *
 * ROWS-1 A result has one fate: with a row that fails it is a dead letter whole, and an output has all of its rows or none (SEVERAL-1).
 * ROWS-2 1 + made = emitted + filtered, of rows: each one that a `flatMap` gives beside the one that it was given is made; one that gives
 *    none has filtered it.
 */
import type { RowMeta } from '../pipeline/callback.ts';
import type { Output, RowOperation } from '../pipeline/pipeline.ts';
import { refusePromise } from '../user-code/callback-failure.ts';
import { ElementCount, elementsOf } from '../user-code/elements.ts';
import { type AboutValue, type Addressed, type Missed, nothingMissed } from './output.ts';
import { SeveralRecords } from './several-records.ts';

/** Of one result. `emitted`: rows that some output takes. */
export type SeveralRows = { readonly made: number; readonly emitted: number };

export type RowsForOutputs = SeveralRows & {
  readonly records: readonly Addressed[];
  readonly missed: readonly Missed[];
};

/** Whether a result may be several rows, in the pipeline or for an output. */
export const mayBeSeveral = (operations: readonly RowOperation[], outputs: readonly Output[]): boolean =>
  operations.some(({ kind }) => kind === 'flatMap') || outputs.some(({ flatMap }) => flatMap !== undefined);

/** Whatever a callback of the pipeline throws is thrown. */
export function severalRows(
  row: unknown,
  operations: readonly RowOperation[],
  { outputs, about, meta }: { readonly outputs: readonly Output[]; readonly about: AboutValue; readonly meta: RowMeta },
): RowsForOutputs {
  const walk = new Walk(operations, new SeveralRecords(outputs, about), meta);
  walk.through(0, row);
  return walk.result();
}

type FlatMap = Extract<RowOperation, { kind: 'flatMap' }>;

class Walk {
  readonly #operations: readonly RowOperation[];
  readonly #records: SeveralRecords;
  readonly #meta: RowMeta;
  readonly #counts = new Map<RowOperation, ElementCount>();
  #made = 0;
  #came = 0;

  constructor(operations: readonly RowOperation[], records: SeveralRecords, meta: RowMeta) {
    this.#operations = operations;
    this.#records = records;
    this.#meta = meta;
  }

  through(from: number, row: unknown): void {
    let value = row;
    for (let at = from; at < this.#operations.length; at++) {
      const operation = this.#operations[at]!;
      if (operation.kind === 'flatMap') {
        this.#flatten(operation, at, value);
        return;
      }
      const answer = answerOf(operation, value, this.#meta);
      if (operation.kind === 'map') value = answer;
      else if (!answer) return;
    }
    this.#came += 1;
    this.#records.take({ value, meta: this.#meta });
  }

  result(): RowsForOutputs {
    const { records, missed } = this.#records.result();
    const { taken } = this.#records;
    const nowhere = missed.some(({ kind }) => kind === 'refused') ? 0 : this.#came - taken;
    return { made: this.#made, emitted: taken, records, missed: missed.flatMap((one) => ownOf(one, nowhere)) };
  }

  #flatten(operation: FlatMap, at: number, value: unknown): void {
    const name = 'flatMap of rows';
    const count = this.#counts.get(operation) ?? new ElementCount(name, operation.maxElements);
    this.#counts.set(operation, count);
    const before = count.made;
    for (const each of elementsOf(operation.mapper(value as never, this.#meta), name)) {
      count.took(each);
      this.through(at + 1, each);
    }
    this.#made += Math.max(0, count.made - before - 1);
  }
}

/** Whatever the callback throws is thrown. */
export function answerOf(operation: Exclude<RowOperation, FlatMap>, value: unknown, meta: RowMeta): unknown {
  const answer: unknown =
    operation.kind === 'map' ? operation.mapper(value as never, meta) : operation.predicate(value as never, meta);
  if (typeof answer !== 'boolean') refusePromise(answer, `${operation.kind} of rows`);
  return answer;
}

/** What no output takes is filtered of the result, and not of each output. */
function ownOf(missed: Missed, nowhere: number): readonly Missed[] {
  if (missed.kind === 'refused') return [missed];
  const count = (missed.count ?? 1) - nowhere;
  return count === 0 ? nothingMissed : [{ ...missed, count }];
}
