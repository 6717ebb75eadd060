/** What the stores of a pipeline work with. Where large values lie is decided here, and nowhere else. */
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock, NewId } from '../../ports/clock.ts';
import { createChunkedBlobs } from './chunked-blobs.ts';
import type { Table } from './table.ts';

export type Storage = {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly pipeline: string;
  readonly clock: Clock;
  readonly newId: NewId;
};

export type StorageParts = Omit<Storage, 'blobs'>;

export const openStorage = (parts: StorageParts): Storage => ({ ...parts, blobs: createChunkedBlobs(parts.table) });

const daySeconds = 86_400;

/** Epoch seconds, as TTL reads them. */
export const inDays = ({ clock }: Pick<Storage, 'clock'>, days: number): number =>
  Math.floor(clock.now() / 1000) + days * daySeconds;
