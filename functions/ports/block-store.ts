/** What executors made of their tasks: a summary for the seal, and partial aggregates for the reducers. */

import type { GroupPartials, SavedPartials } from '../core/group-partials.ts';
import type { BlockSummary, SealedBatch } from '../core/model.ts';

export type Stored = 'stored' | 'exists';

export type BlockStore = {
  /** First write wins. The partials are there before the summary that names them, and those of two tries never mix. */
  putBlock(summary: Omit<BlockSummary, 'groups'>, partials: ReadonlyMap<number, GroupPartials>): Promise<Stored>;
  /** Those that exist, of tasks 0 to taskCount - 1: a task without a block read nothing or failed. */
  loadBlocks(batchId: number, ref: number, taskCount: number): Promise<readonly BlockSummary[]>;
  /** Partials of one key group, in the order of the body's blocks; MissingItem if one that it names is not whole. */
  loadPartials(body: SealedBatch, keyGroup: number): Promise<readonly SavedPartials[]>;
};
