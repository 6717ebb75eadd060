/**
 * What user code makes of one result: from a row to the record of the sink. It may run in another thread: what goes in and
 * comes out is plain data.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { noReferences, type RowMeta } from '../pipeline/callback.ts';
import { outputsFrom } from '../pipeline/outputs.ts';
import type { AggregateSpec, KeyValue, Pipeline, RowOperation, TopRows } from '../pipeline/pipeline.ts';
import { show } from '../pipeline/problems.ts';
import type { ResultIdentity } from '../sinks/identity.ts';
import {
  type CallbackFailure,
  FailedAggregate,
  failureOf,
  InvalidResult,
  refusePromise,
} from '../user-code/callback-failure.ts';
import type { Window } from '../windows/window-kind.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { answerOf, mayBeSeveral, type SeveralRows, severalRows } from './evaluate-several.ts';
import { type Addressed, defaultPartitionKey, encodeFor, type ForOutputs, type Missed } from './output.ts';
import type { References } from './references.ts';
import { type VersionNumbers, versionOf } from './result-version.ts';

/** What all rows of a key group's batch have in common. */
export type RowSetup = {
  readonly generation: number;
  readonly batchId: number;
  readonly ref: number;
  readonly keyGroup: number;
};

export type RowInput = {
  /** Its place among the rows that the key group gives out. */
  readonly index: number;
  /** User code may put anything into it. */
  readonly row: Record<string, unknown>;
  readonly keyValues: readonly KeyValue[];
  readonly window: Window;
  /** Absent: the only one. */
  readonly version?: VersionNumbers;
  /** By column, of aggregates of the user's own: what is to be merged first. The row has their places. */
  readonly unmerged?: Readonly<Record<string, readonly unknown[]>>;
  /** An aggregate of the engine's own has no result, nor has the row then. */
  readonly failure?: CallbackFailure;
  /** Its window stays open: it is merged only. */
  readonly isOpen?: boolean;
  /** With `topRows`: what it is ranked by is asked, or it is among the first of its window. Absent: nothing is ranked in its batch. */
  readonly ranking?: 'asked' | 'done';
};

export type EvaluatedRow =
  /** A record for each output that takes it. `missed`: the others; absent: none. */
  | {
      readonly kind: 'output';
      readonly records: readonly Addressed[];
      readonly missed?: readonly Missed[];
      /** Where it may be several rows. */
      readonly several?: SeveralRows;
    }
  | { readonly kind: 'refused'; readonly reason: DeadLetterReason; readonly message: string }
  | { readonly kind: 'filtered' }
  /** It waits for the rows of other keys. `saved`: of aggregates of the user's own, by column. */
  | { readonly kind: 'ranked'; readonly by: number | null; readonly saved?: Readonly<Record<string, unknown>> }
  /** Of an open window: by column, what is saved. */
  | { readonly kind: 'merged'; readonly saved: Readonly<Record<string, unknown>> };

export function rowEvaluator(
  pipeline: Pick<Pipeline, 'name' | 'outputs' | 'aggregation'>,
  { generation, batchId, ref, keyGroup }: RowSetup,
  references: References = noReferences,
): (input: RowInput) => EvaluatedRow {
  const outputs = outputsFrom(pipeline, 'results');
  const { top, rowOperations = [] } = pipeline.aggregation ?? {};
  const unranked = top === undefined ? rowOperations : [...top.filters, ...rowOperations];
  const meta: RowMeta = Object.freeze({ references });
  const isSeveral = mayBeSeveral(rowOperations, outputs);
  const userCode = (pipeline.aggregation?.aggregates ?? []).filter(({ fn }) => fn.gathered !== undefined);
  const evaluate = ({ index, row, keyValues, window, version, unmerged = {}, ranking }: RowInput): EvaluatedRow => {
    if (ranking === 'asked') return rankedOf(top!, { row, meta }, userCode, unmerged);
    const operations = ranking === 'done' ? rowOperations : unranked;
    for (const { name, fn } of userCode) row[name] = resultOf(name, fn, unmerged[name] ?? []);
    const identityFor = (output: string, at: number): ResultIdentity => ({
      ...{ v: 1, pipeline: pipeline.name, output, generation, batch: batchId, ref, group: keyGroup, index },
      ...versionOf(window, keyValues, version, { row: at }),
    });
    const about = { identityFor, defaultKey: defaultPartitionKey(keyValues), keyValues };
    if (isSeveral) return outputOf(severalRows(row, operations, { outputs, about, meta }));
    const through = throughOperations(row, operations, meta);
    return through.kind === 'filtered' ? through : outputOf(encodeFor(outputs, { value: through.value, meta }, about));
  };
  return (input) => {
    const { unmerged = {}, failure, isOpen } = input;
    if (isOpen === true) return { kind: 'merged', saved: mergedOf(userCode, unmerged) };
    if (failure !== undefined) return { kind: 'refused', ...failure };
    try {
      return evaluate(input);
    } catch (error) {
      const { reason, message } = failureOf(error);
      return { kind: 'refused', reason, message };
    }
  };
}

function outputOf({ records, missed, ...rows }: ForOutputs & Partial<SeveralRows>): EvaluatedRow {
  const { made, emitted } = rows;
  const several = made === undefined || emitted === undefined ? {} : { several: { made, emitted } };
  return { kind: 'output', records, ...(missed.length === 0 ? {} : { missed }), ...several };
}

/** Aggregates of the user's own are merged here, once: what is handed on is what the row was ranked as. */
function rankedOf(
  { filters, by }: TopRows,
  { row, meta }: { readonly row: Record<string, unknown>; readonly meta: RowMeta },
  userCode: readonly AggregateSpec[],
  unmerged: NonNullable<RowInput['unmerged']>,
): EvaluatedRow {
  const saved = mergedOf(userCode, unmerged);
  for (const { name, fn } of userCode) row[name] = resultOf(name, fn, [saved[name]]);
  if (throughOperations(row, filters, meta).kind === 'filtered') return { kind: 'filtered' };
  const given: unknown = by(row as never, meta);
  refusePromise(given, 'topRows');
  if (given !== null && !(typeof given === 'number' && Number.isFinite(given)))
    throw new InvalidResult(`topRows: by answered ${show(given)}; use a finite number, or null for a row without one`);
  return { kind: 'ranked', by: given, ...(userCode.length === 0 ? {} : { saved }) };
}

/** What it throws is contained in what is saved. */
function mergedOf(
  userCode: readonly AggregateSpec[],
  unmerged: NonNullable<RowInput['unmerged']>,
): Record<string, unknown> {
  const saved: Record<string, unknown> = {};
  for (const { name, fn } of userCode) saved[name] = fn.save(mergeAll(fn, unmerged[name] ?? []));
  return saved;
}

function resultOf(name: string, fn: AggregateFunction, parts: readonly unknown[]): unknown {
  try {
    return fn.result(mergeAll(fn, parts));
  } catch (error) {
    const { reason, message } = failureOf(error, `aggregate ${name}: `);
    throw new FailedAggregate(reason, message);
  }
}

const mergeAll = (fn: AggregateFunction, parts: readonly unknown[]): unknown =>
  parts.reduce((into: unknown, saved) => fn.merge(into, saved), fn.empty());

type OneToOneRow = Exclude<RowOperation, { kind: 'flatMap' }>;
type Through = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'filtered' };

/** Of steps of which none makes several of one. Whatever a callback throws is thrown. */
function throughOperations(row: unknown, operations: readonly RowOperation[], meta: RowMeta): Through {
  let value = row;
  for (const operation of operations as readonly OneToOneRow[]) {
    const answer = answerOf(operation, value, meta);
    if (operation.kind === 'map') value = answer;
    else if (!answer) return { kind: 'filtered' };
  }
  return { kind: 'value', value };
}
