/** What the stores of a pipeline work with. Where large values lie is decided by what is put together here, and nowhere else. */

import type { KeptLimits } from '../../core/kept-partials.ts';
import type { PartSizes } from '../../core/shard-parts.ts';
import type { StateLimits } from '../../core/state/manifest.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Bucket } from '../../ports/bucket.ts';
import type { Clock, NewId } from '../../ports/clock.ts';
import { createPlacedBlobs } from '../placed-blobs.ts';
import { createObjectBlobs } from '../s3/object-blobs.ts';
import { createChunkedBlobs } from './chunked-blobs.ts';
import type { Table } from './table.ts';

export type Storage = {
  readonly table: Table;
  readonly blobs: Blobs;
  /** What blobs that are no chunks lie in. Absent: there are none. */
  readonly bucket?: Bucket | undefined;
  /** Of the checkpoints of many shards. */
  readonly shardParts: PartSizes;
  /** An orphan's age, and how often orphans are looked for, in milliseconds. @default a day */
  readonly sweepEveryMs?: number | undefined;
  readonly pipeline: string;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Absent: by what costs less where the blobs lie. */
  readonly keptLimits?: KeptLimits | undefined;
  /** Small plans are passed on, and not put (PASSED-1). @default true */
  readonly passesPlans?: boolean | undefined;
  /** Bytes that blocks may keep together and the body has in itself (KEPT-3). Absent: as is worth it. */
  readonly mostKeptInBody?: number | undefined;
  /** How states are cut into segments; absent: as all are. */
  readonly stateLimits?: StateLimits | undefined;
};

export type StorageParts = Omit<Storage, 'blobs' | 'shardParts'> & {
  /** Bytes above which a value is an object, where there is a bucket. @default what costs less */
  readonly leastObjectBytes?: number | undefined;
  /** @default groups of about 1,024 shards, of 10 to 35 KB each */
  readonly shardParts?: PartSizes | undefined;
};

/** A group is read and written whole. */
const usualShardParts: PartSizes = { ofGroup: 1_024, ofChanges: 64 };

export function openStorage({ leastObjectBytes, shardParts = usualShardParts, ...parts }: StorageParts): Storage {
  const { table, bucket } = parts;
  const objects = bucket && createObjectBlobs(bucket);
  const least = leastObjectBytes === undefined ? {} : { leastBytes: leastObjectBytes };
  return { ...parts, shardParts, blobs: createPlacedBlobs(createChunkedBlobs(table), { objects, ...least }) };
}

const daySeconds = 86_400;

/** Epoch seconds, as TTL reads them. */
export const inDays = ({ clock }: Pick<Storage, 'clock'>, days: number): number =>
  Math.floor(clock.now() / 1000) + days * daySeconds;
