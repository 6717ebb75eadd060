/** What keeps a batch from its commit, or a task from its block: notes for people, while nothing is committed that would tell. Decide nothing. */
import type { BatchName } from './model.ts';
import { nameOf, type ShardName } from './shard-name.ts';
import type { SlowOutputs } from './slow-outputs.ts';

/** A key group that has not sent everything. */
export type GroupTrouble = {
  readonly keyGroup: number;
  /** What its reducer says, or the name of the error that it ended with. */
  readonly why?: string;
  /** Absent: its outputs are not the trouble, or nobody knows. */
  readonly outputs?: SlowOutputs;
};

/** Of a batch that is sealed and goes back to its reducers. */
export type ReduceTrouble = BatchName & {
  readonly kind: 'reduce';
  /** When it went back first, and last: epoch milliseconds. */
  readonly since: number;
  readonly at: number;
  /** How many key groups are left; the first of them are in `groups`. */
  readonly left: number;
  readonly groups: readonly GroupTrouble[];
};

export type ShardTrouble = ShardName & {
  readonly error: string;
  readonly message: string;
  /** The output that did not take what was read. */
  readonly output?: string | undefined;
  /** Since when its reads fail, one after the other: epoch milliseconds. */
  readonly since: number;
};

/** Of a task in which shards have failed. */
export type ReadTrouble = {
  readonly kind: 'read';
  readonly task: number;
  readonly ref: number;
  readonly at: number;
  /** How many shards failed; the first of them are in `shards`. */
  readonly failed: number;
  readonly shards: readonly ShardTrouble[];
};

export type Trouble = ReduceTrouble | ReadTrouble;

/** Of which there is one note, the last. */
export type TroublePlace = Pick<ReduceTrouble, 'kind'> | Pick<ReadTrouble, 'kind' | 'task'>;

/** Who wants to know more reads the log. */
const mostNamed = 10;
const maxMessageLength = 300;
/** What has not failed for so long is something new when it fails again. */
export const forgottenAfterMs = 120_000;

export function reduceTrouble(
  batch: BatchName,
  open: readonly GroupTrouble[],
  before: Trouble | undefined,
  now: number,
): ReduceTrouble {
  const isSame = before?.kind === 'reduce' && before.batchId === batch.batchId && before.ref === batch.ref;
  return {
    kind: 'reduce',
    ...{ batchId: batch.batchId, ref: batch.ref },
    // Drivers' clocks differ: what was first was not after what is last.
    ...{
      since: isSame ? Math.min(before.since, now) : now,
      at: now,
      left: open.length,
      groups: open.slice(0, mostNamed),
    },
  };
}

export function readTrouble(
  { task, ref }: Pick<ReadTrouble, 'task' | 'ref'>,
  failed: readonly Omit<ShardTrouble, 'since'>[],
  before: Trouble | undefined,
  now: number,
): ReadTrouble {
  const known = before?.kind === 'read' && now - before.at < forgottenAfterMs ? before.shards : [];
  const shards = failed.slice(0, mostNamed).map(({ error, message, output, ...shard }): ShardTrouble => {
    const same = known.find((one) => one.shardId === shard.shardId && one.source === shard.source);
    return {
      ...nameOf(shard),
      ...{
        error,
        message: message.slice(0, maxMessageLength).toWellFormed(),
        since: Math.min(same?.since ?? now, now),
      },
      ...(output === undefined ? {} : { output }),
    };
  });
  return { kind: 'read', task, ref, at: now, failed: failed.length, shards };
}
