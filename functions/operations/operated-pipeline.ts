/** What a command works with that changes a pipeline between its batches: the stores of the pipeline, or of a savepoint, by its name. */
import type { BatchName, Head } from '../core/model.ts';
import type { Clock, NewId } from '../ports/clock.ts';
import type { Stores } from '../ports/ports.ts';

export type OperatedPipeline = Pick<Stores, 'head' | 'seals' | 'states' | 'segments' | 'memories' | 'reports'> & {
  /** Of the pipeline, or of the savepoint. */
  readonly name: string;
  readonly clock: Clock;
  readonly newId: NewId;
};

/** One of its batches. */
export type BatchOf = BatchName & { readonly of: OperatedPipeline };

export type CommittedHead = Head & { readonly committed: BatchName };
