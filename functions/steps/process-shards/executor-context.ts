import type { ByteBudget } from '../../concurrency/byte-budget.ts';
import type { TaskRead } from '../../core/read/task-read.ts';
import type { BlockParts } from './block-parts.ts';
import type { IsolatedTask } from './isolated.ts';
import type { NoteKeeper } from './keep-note.ts';
import type { RepeatKeeper } from './keep-repeats.ts';
import type { ProcessRuntime } from './process-runtime.ts';

/** What the reads of a task share. */
export type ExecutorContext = {
  readonly task: TaskRead;
  readonly parts: BlockParts;
  readonly budget: ByteBudget;
  /** When all reads end, in epoch milliseconds. */
  readonly deadline: number;
  readonly notes: NoteKeeper;
  /** Undefined: repeats pass. */
  readonly repeats: RepeatKeeper | undefined;
  readonly runtime: ProcessRuntime;
  readonly isolated: IsolatedTask | undefined;
};
