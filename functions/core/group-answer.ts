/** What a key group's reducer says to the driver. */
import type { RowFates } from './dead-letter-tally.ts';
import type { RowsByOutput } from './detached.ts';
import type { OutputCounts } from './output-counts.ts';
import type { ReferenceUses } from './references.ts';
import type { GroupSize, ReducerMemory } from './sizes.ts';
import type { SlowOutputs } from './slow-outputs.ts';

export type GroupAnswer = {
  readonly keyGroup: number;
  readonly emitted: number;
  readonly done: boolean;
  readonly progressed: boolean;
  readonly rows?: RowFates | undefined;
  readonly outputs?: OutputCounts | undefined;
  readonly references?: ReferenceUses | undefined;
  readonly why?: string | undefined;
  readonly died?: boolean | undefined;
  readonly waitUntil?: number | undefined;
  /** Rows that it has handed on to the gathering step. */
  readonly ranked?: number | undefined;
  readonly kept?: RowsByOutput | undefined;
  readonly resent?: RowsByOutput | undefined;
  /** Of its state; absent where it was none of its business. */
  readonly size?: GroupSize | undefined;
  readonly memory?: ReducerMemory | undefined;
  readonly slow?: SlowOutputs | undefined;
  /** By output: records that have gone out for sure. Absent: what it has emitted, but for what was kept. */
  readonly sent?: RowsByOutput | undefined;
};
