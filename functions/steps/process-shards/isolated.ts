/**
 * Reading the one shard of a task with its user code in a thread.
 *
 * A death that was seen is noted only if a thread can be started right after it: else it may have been the machine's.
 */
import { isolatedJudge } from '../../core/isolated-code.ts';
import type { EventInput, Judgement } from '../../core/judge-event.ts';
import type { PlannedTask } from '../../core/model.ts';
import type { ShardRead, TaskIsolation } from '../../core/read-task.ts';
import type { Isolate, OutputSink, Page, Ports } from '../../ports.ts';
import { DeathNotes } from './death-notes.ts';

type LimitedSink = Pick<OutputSink, 'maxRecordBytes'>;

export type IsolatedTask = {
  readonly isolation: TaskIsolation;
  /** Before a step: how many events it may have. */
  before(read: ShardRead, page: Page, at: number): Promise<number>;
  /** Who is asked in the middle of a step. */
  asking(sink: LimitedSink): LimitedSink;
  /** After a step, and before it is delivered. */
  after(read: ShardRead): Promise<void>;
  /** After the read. */
  end(read: ShardRead): Promise<void>;
  close(): void;
};

/** Undefined: the task is read as any other. */
export async function openIsolated(
  task: PlannedTask,
  { isolation, batches }: Ports,
): Promise<IsolatedTask | undefined> {
  const reading = task.isolation;
  const shardId = task.shards[0]?.shardId;
  if (reading === undefined || shardId === undefined) return undefined;
  const notes = new DeathNotes((note) => batches.putNote(task.ref, task.task, { shardId, ...note }));
  await notes.begin(reading);
  const { batchId, watermark, generation } = task;
  const open = (): Isolate<EventInput, Judgement> => isolation.open('event', { batchId, watermark, generation });
  const isolate = open();
  return {
    isolation: { judge: isolatedJudge(isolate), reading },
    before: async (read, page, at) => notes.before(reading, read.nextPlace(page, at)),
    asking: (sink) =>
      sink.maxRecordBytes === undefined ? sink : { maxRecordBytes: () => notes.aside(() => sink.maxRecordBytes!()) },
    async after({ died }) {
      // If it has not answered, it is to blame.
      if (died === undefined) await notes.free();
    },
    async end({ died }) {
      if (died === undefined) return notes.free();
      open().close();
      await notes.put({ place: died.place, isEvent: true, died: died.message });
    },
    close: () => isolate.close(),
  };
}
