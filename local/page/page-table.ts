/** What the page reads of a pipeline's table. Nothing is written, and what costs much is read when somebody asks for it. */
import { randomUUID } from 'node:crypto';
import {
  createDeadLetterReader,
  type LetterFilter,
  type LetterPlace,
  type ListedLetter,
} from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { createHeadStore } from '../../functions/adapters/dynamodb/head-store.ts';
import { reportsOf } from '../../functions/adapters/dynamodb/report-reader.ts';
import { createReportStore } from '../../functions/adapters/dynamodb/report-store.ts';
import { createSealStore } from '../../functions/adapters/dynamodb/seal-store.ts';
import { createStateReader } from '../../functions/adapters/dynamodb/state-reader.ts';
import { StateTable, type StateWindows } from '../../functions/adapters/dynamodb/state-table.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import type { Table } from '../../functions/adapters/dynamodb/table.ts';
import { createTroubleStore } from '../../functions/adapters/dynamodb/trouble-store.ts';
import type { DeadLetter } from '../../functions/core/dead-letter.ts';
import type { BatchName, Head } from '../../functions/core/model.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import type { KnownDefinition } from '../../functions/core/state/merging-by.ts';
import type { StateRow } from '../../functions/core/state/state-row.ts';
import type { Trouble } from '../../functions/core/trouble.ts';
import type { Bucket } from '../../functions/ports/bucket.ts';
import type { Clock } from '../../functions/ports/clock.ts';

export type PageTable = {
  head(): Promise<Head | undefined>;
  report(batch: BatchName): Promise<BatchProgress | undefined>;
  /** Both ends with them, oldest first. */
  reports(from: number, upTo: number): AsyncGenerator<BatchProgress>;
  shards(batch: BatchName): Promise<readonly ShardCheckpoint[]>;
  /** Notes of what keeps the pipeline up. */
  troubles(): Promise<readonly Trouble[]>;
  /** At most so many, in the order of shards and records, whether there are more, and how many can't be read as far as that. */
  letters(
    filter: LetterFilter,
    most: number,
  ): Promise<{ letters: readonly ListedLetter[]; hasMore: boolean; unreadable: number }>;
  letter(place: LetterPlace): Promise<DeadLetter | undefined>;
  /** After the last committed batch. */
  windows(): Promise<StateWindows & { readonly batchId: number }>;
  /** Of one key, its value as text or JSON; undefined: of all. At most so many. */
  rows(key: unknown, most: number): Promise<{ rows: readonly StateRow[]; hasMore: boolean; batchId: number }>;
};

export type PageTableOptions = {
  readonly table: Table;
  readonly bucket: Bucket | undefined;
  readonly pipeline: string;
  readonly clock: Clock;
  /** With it values of aggregates are shown. */
  readonly definition?: KnownDefinition | undefined;
};

export function openPageTable({ table, bucket, pipeline, clock, definition }: PageTableOptions): PageTable {
  const storage = openStorage({ table, bucket, pipeline, clock, newId: randomUUID });
  const reports = createReportStore(storage);
  const seals = createSealStore(storage);
  const head = createHeadStore(table, pipeline);
  const deadLetters = createDeadLetterReader(table, pipeline);
  const state = async (): Promise<StateTable> => {
    const reader = createStateReader(storage, definition);
    return new StateTable(reader, await reader.at());
  };
  return {
    head: () => head.load(),
    report: ({ batchId, ref }) => reports.loadProgress(batchId, ref),
    reports: (from, upTo) => reportsOf(storage, { from, upTo }),
    shards: async ({ batchId, ref }) => (await seals.loadBody(batchId, ref)).shards,
    troubles: () => createTroubleStore(storage).loadTroubles(),
    async letters(filter, most) {
      let unreadable = 0;
      const found = deadLetters.list(filter, () => {
        unreadable += 1;
      });
      const { shown, hasMore } = await firstOf(found, most);
      return { letters: shown, hasMore, unreadable };
    },
    letter: (place) => deadLetters.load(place),
    async windows() {
      const at = await state();
      return { batchId: at.batchId, ...(await at.windows()) };
    },
    async rows(key, most) {
      const at = await state();
      const { shown, hasMore } = await firstOf(at.rows(key === undefined ? {} : { key: key as never }), most);
      return { rows: shown, hasMore, batchId: at.batchId };
    },
  };
}

/** One more than is shown tells whether there are more. */
async function firstOf<Each>(all: AsyncIterable<Each>, most: number): Promise<{ shown: Each[]; hasMore: boolean }> {
  const shown: Each[] = [];
  for await (const each of all) {
    if (shown.length === most) return { shown, hasMore: true };
    shown.push(each);
  }
  return { shown, hasMore: false };
}
