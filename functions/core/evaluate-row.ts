/**
 * What user code makes of one result: from a row to the record of the sink. It may run in another thread: what goes in and
 * comes out is plain data.
 */
import type { KeyValue, Pipeline } from '../pipeline/pipeline.ts';
import { failureOf, refusePromise } from '../user-code/callback-failure.ts';
import type { DeadLetterReason } from './evaluate-event.ts';
import { defaultPartitionKey, type OutputRecord, toOutputRecord } from './output.ts';

/** What all rows of a key group's batch have in common. */
export type RowSetup = {
  readonly generation: number;
  readonly batchId: number;
  readonly ref: number;
  readonly keyGroup: number;
};

export type RowInput = {
  /** Its place among the rows of the key group's closed windows. */
  readonly index: number;
  /** User code may put anything into it. */
  readonly row: Record<string, unknown>;
  readonly keyValues: readonly KeyValue[];
};

export type EvaluatedRow =
  | { readonly kind: 'output'; readonly record: OutputRecord }
  | { readonly kind: 'refused'; readonly reason: DeadLetterReason; readonly message: string }
  | { readonly kind: 'filtered' };

export function rowEvaluator(
  pipeline: Pick<Pipeline, 'name' | 'outputs' | 'aggregation'>,
  { generation, batchId, ref, keyGroup }: RowSetup,
): (input: RowInput) => EvaluatedRow {
  const output = pipeline.outputs[0]!;
  const operations = pipeline.aggregation?.rowOperations ?? [];
  const common = { v: 1, pipeline: pipeline.name, output: output.id, generation, batch: batchId, ref } as const;
  return ({ index, row, keyValues }) => {
    try {
      let value: unknown = row;
      for (const operation of operations) {
        const answer: unknown =
          operation.kind === 'map' ? operation.mapper(value as never) : operation.predicate(value as never);
        if (typeof answer !== 'boolean') refusePromise(answer, `${operation.kind} of rows`);
        if (operation.kind === 'map') value = answer;
        else if (!answer) return { kind: 'filtered' };
      }
      const identity = { ...common, group: keyGroup, index, revision: 0 } as const;
      return {
        kind: 'output',
        record: toOutputRecord(output, value, { identity, defaultKey: defaultPartitionKey(keyValues) }),
      };
    } catch (error) {
      const { reason, message } = failureOf(error);
      return { kind: 'refused', reason, message };
    }
  };
}
