/**
 * What an executor's try has had acknowledged, by output, for whoever reads the same shards if it dies.
 *
 * SENT-1 Written after the acknowledgement: what it says is in the sink. It may say less, never more.
 * SENT-2 It suppresses sending and nothing else: its events are read, judged and counted by whoever sends.
 * SENT-3 It is about places, not bytes: what was acknowledged first stands, also if the code has changed since.
 */
import type { PlannedTask } from './model.ts';
import { type PlaceRun, type SentPlaces, unionOfRuns } from './sent-places.ts';
import type { ShardName } from './shard-name.ts';

export type SentNote = {
  readonly generation: number;
  readonly ref: number;
  readonly task: number;
  readonly shards: readonly (ShardName & { readonly places: readonly SentPlaces[] })[];
};

/** Of a shard and output, so many runs at most: filters that let every second event through make a run of each. */
export const maxRunsOfShard = 500;

/** What all of them say, by shard. */
export function placesIn(notes: readonly SentNote[]): ReadonlyMap<string, readonly SentPlaces[]> {
  const byShard = new Map<string, Map<string, readonly PlaceRun[]>>();
  for (const { shardId, places } of notes.flatMap(({ shards }) => shards)) {
    const known = byShard.get(shardId) ?? new Map<string, readonly PlaceRun[]>();
    for (const { to, runs } of places) known.set(to, unionOfRuns(known.get(to) ?? [], runs));
    byShard.set(shardId, known);
  }
  return new Map(
    Array.from(byShard, ([shardId, known]) => [shardId, Array.from(known, ([to, runs]) => ({ to, runs }))]),
  );
}

/** Whether tries of another plan have left something that this task's own note does not say yet. */
export const isFromOthers = (notes: readonly SentNote[], { ref, task, shards }: PlannedTask): boolean =>
  notes.some(
    (note) =>
      (note.ref !== ref || note.task !== task) &&
      note.shards.some(({ shardId }) => shards.some((shard) => shard.shardId === shardId)),
  );
