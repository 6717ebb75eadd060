/** What executors made of their tasks: a summary for the seal, and partial aggregates for the reducers. */

import type { BlockGroup, CountedPartials, KeptOfBlocks, SavedPartials } from '../core/group-partials.ts';
import type { BlockSummary, SealedBatch } from '../core/model.ts';

export type Stored = 'stored' | 'exists';

/** A part of a try's block, counted from 0. */
export type BlockPart = Pick<BlockSummary, 'batchId' | 'ref' | 'task' | 'nonce'> & { readonly part: number };

/** With what it keeps of key groups, in the order of the groups that say so (KEPT-2). Nobody but the store looks into that. */
export type StoredBlock = BlockSummary & { readonly kept?: readonly unknown[] };

export type BlockStore = {
  /** Before the block of this try: what that is to name. Nobody finds it otherwise. */
  putPart(part: BlockPart, partials: ReadonlyMap<number, CountedPartials>): Promise<readonly BlockGroup[]>;
  /**
   * First write wins. The partials are there before the summary that names them, and those of two tries never mix. A
   * block is there for a day: until then its batch is sealed, or never. `parts`: what the
   * parts before these are named by.
   */
  putBlock(
    summary: Omit<BlockSummary, 'groups'>,
    partials: ReadonlyMap<number, CountedPartials>,
    parts?: readonly (readonly BlockGroup[])[],
  ): Promise<Stored>;
  /** Those that exist, of tasks 0 to taskCount - 1: a task without a block read nothing or failed. */
  loadBlocks(batchId: number, ref: number, taskCount: number): Promise<readonly StoredBlock[]>;
  /**
   * What the blocks of a body keep, put together: for the body itself where it is little, else put before the body that is to name it, under a nonce of
   * this try. Without it the body's partials can't be loaded.
   */
  putKept(body: Pick<SealedBatch, 'batchId' | 'ref' | 'blocks'>, blocks: readonly StoredBlock[]): Promise<KeptOfBlocks>;
  /** Partials of one key group, in the order of the body's blocks and of their parts; MissingItem if one that it names is not whole. */
  loadPartials(body: SealedBatch, keyGroup: number): Promise<readonly SavedPartials[]>;
};
