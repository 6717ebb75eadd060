/**
 * Reading the one shard of a task with its user code in a thread.
 *
 * A death that was seen is noted only if a thread can be started right after it: else it may have been the machine's.
 */

import type { Isolate } from '../../core/isolate.ts';
import { isolatedJudge } from '../../core/isolated-code.ts';
import type { EventInput, Judgement } from '../../core/judge-event.ts';
import type { PlannedTask } from '../../core/model.ts';
import type { Halt } from '../../core/read/read-state.ts';
import { nextPlace } from '../../core/read/take-step.ts';
import type { TaskIsolation } from '../../core/read/task-read.ts';
import type { Page } from '../../core/record.ts';
import type { ReferenceUses, TakenReferences } from '../../core/references.ts';
import { nameOf } from '../../core/shard-name.ts';
import type { Ports } from '../../ports/ports.ts';
import type { OutputSink } from '../../sinks/output-sink.ts';
import { DeathNotes } from './death-notes.ts';
import type { OpenShard } from './open-shard.ts';

type LimitedSink = Pick<OutputSink, 'maxRecordBytes'>;

export type IsolatedTask = {
  readonly isolation: TaskIsolation;
  /** What its callbacks are given, where that is not what the function has. */
  readonly references: ReferenceUses | undefined;
  /** Before a step: how many events it may have. */
  before(open: OpenShard, page: Page, at: number): Promise<number>;
  /** Who is asked in the middle of a step. */
  asking(sink: LimitedSink): LimitedSink;
  /** After a step, and before it is delivered. */
  after(halt: Halt | undefined): Promise<void>;
  /** After the read. */
  end(halt: Halt | undefined): Promise<void>;
  close(): void;
};

/** Undefined: the task is read as any other. */
export async function openIsolated(
  task: PlannedTask,
  { isolation, deathNotes }: Pick<Ports, 'isolation' | 'deathNotes'>,
  references?: TakenReferences,
): Promise<IsolatedTask | undefined> {
  const reading = task.isolation;
  const [shard] = task.shards;
  if (reading === undefined || shard === undefined) return undefined;
  const notes = new DeathNotes((note) => deathNotes.putNote(task.ref, task.task, { ...nameOf(shard), ...note }));
  await notes.begin(reading);
  const { batchId, ref, watermark, generation, overUpTo } = task;
  const floor = overUpTo === undefined ? {} : { overUpTo };
  const startIsolate = (): Isolate<EventInput, Judgement> =>
    isolation.open('event', { batchId, ref, watermark, generation, ...floor }, references);
  const isolate = startIsolate();
  return {
    isolation: { judge: isolatedJudge(isolate), reading },
    references: isolate.references,
    before: async (open, page, at) => notes.before(reading, nextPlace(open.reader, open.state, page, at)),
    asking: (sink) =>
      sink.maxRecordBytes === undefined ? sink : { maxRecordBytes: () => notes.aside(() => sink.maxRecordBytes!()) },
    async after(halt) {
      // If it has not answered, it is to blame.
      if (halt?.kind !== 'died') await notes.free();
    },
    async end(halt) {
      if (halt?.kind !== 'died') return notes.free();
      startIsolate().close();
      await notes.put({ place: halt.place, isEvent: true, died: halt.message });
    },
    close: () => isolate.close(),
  };
}
