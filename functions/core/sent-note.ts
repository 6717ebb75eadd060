/**
 * What an executor's try has had acknowledged by the sink, for whoever reads the same shards if it dies.
 *
 * SENT-1 Written after the acknowledgement: what it says is in the sink. It may say less, never more.
 * SENT-2 It suppresses sending and nothing else: its events are read, judged and counted by whoever sends.
 * SENT-3 It is about places, not bytes: what was acknowledged first stands, also if the code has changed since.
 */
import type { PlannedTask } from './model.ts';
import { type PlaceRun, unionOfRuns } from './sent-places.ts';
import type { ShardName } from './shard-name.ts';

export type SentNote = {
  readonly generation: number;
  readonly ref: number;
  readonly task: number;
  /** The output and the sink. */
  readonly to: string;
  readonly shards: readonly (ShardName & { readonly runs: readonly PlaceRun[] })[];
};

/** Of a shard, so many runs at most: filters that let every second event through make a run of each. */
export const maxRunsOfShard = 500;

/** What all of them say, by shard. */
export function placesIn(notes: readonly SentNote[], to: string): ReadonlyMap<string, readonly PlaceRun[]> {
  const places = new Map<string, readonly PlaceRun[]>();
  for (const { shardId, runs } of notes.filter((note) => note.to === to).flatMap(({ shards }) => shards))
    places.set(shardId, unionOfRuns(places.get(shardId) ?? [], runs));
  return places;
}

/** Whether tries of another plan have left something that this task's own note does not say yet. */
export const isFromOthers = (notes: readonly SentNote[], { ref, task, shards }: PlannedTask): boolean =>
  notes.some(
    (note) =>
      (note.ref !== ref || note.task !== task) &&
      note.shards.some(({ shardId }) => shards.some((shard) => shard.shardId === shardId)),
  );
