/**
 * Reading the one shard of a task with its user code in a thread.
 *
 * N1 A note says from which place on events are given to user code, before they are. So whoever finds it after the whole
 *    function died knows behind which place it did, and, where each event was noted, at which.
 * N2 A read writes a bounded number of notes: one for each group of events, and for those of one group one each.
 * N3 A death that was seen is noted only if a thread can be started right after it: else it may have been the machine's.
 */
import { isolatedJudge } from '../../core/isolated-code.ts';
import type { EventInput, Judgement } from '../../core/judge-event.ts';
import type { PlannedTask } from '../../core/model.ts';
import type { ShardRead, TaskIsolation } from '../../core/read-task.ts';
import type { EventPlace } from '../../core/sent-places.ts';
import { type DeathNote, isBehindPlace, isSamePlace } from '../../core/suspicions.ts';
import type { Isolate, Page, Ports } from '../../ports.ts';

/** So many events have one note. */
const groupEvents = 200;

export type IsolatedTask = {
  readonly isolation: TaskIsolation;
  /** Before a step: how many events it may have. */
  before(read: ShardRead, page: Page, at: number): Promise<number>;
  /** After the read. */
  end(read: ShardRead): Promise<void>;
  close(): void;
};

/** Undefined: the task is read as any other. */
export function openIsolated(task: PlannedTask, { isolation, batches }: Ports): IsolatedTask | undefined {
  const reading = task.isolation;
  const shardId = task.shards[0]?.shardId;
  if (reading === undefined || shardId === undefined) return undefined;
  const { batchId, watermark, generation } = task;
  const open = (): Isolate<EventInput, Judgement> => isolation.open('event', { batchId, watermark, generation });
  const isolate = open();
  const put = (note: Omit<DeathNote, 'shardId'>): Promise<void> =>
    batches.putNote(task.ref, task.task, { shardId, ...note });
  let noted: Omit<DeathNote, 'shardId'> | undefined;
  let singly = 0;
  const isNotRun = (place: EventPlace): boolean =>
    [reading.holdAt, reading.bury].some((one) => one !== undefined && isSamePlace(one, place));
  return {
    isolation: { judge: isolatedJudge(isolate), reading },
    async before(read, page, at) {
      const place = read.nextPlace(page, at);
      if (place === undefined || isNotRun(place)) return 1;
      const { noteFrom } = reading;
      // A group that began before that place would go past it: up to there step by step, under one note.
      if (noteFrom !== undefined && isBehindPlace(noteFrom, place)) {
        if (noted === undefined) {
          const first = { place, isEvent: false };
          noted = first;
          await put(first);
        }
        return 1;
      }
      const isEvent = noteFrom !== undefined && singly < groupEvents;
      if (isEvent) singly += 1;
      const note = { place, isEvent };
      noted = note;
      await put(note);
      return isEvent ? 1 : groupEvents;
    },
    async end({ died }) {
      if (died !== undefined) {
        open().close();
        await put({ place: died.place, isEvent: true, died: died.message });
      } else if (noted?.isEvent === true) await put({ ...noted, isEvent: false });
    },
    close: () => isolate.close(),
  };
}
