/** What is known of records that a shard has had, by which repeats are found. */

import type { BatchName } from '../core/model.ts';
import type { NamedMemory } from '../core/repeats/named-memory.ts';
import type { SavedMemory } from '../core/repeats/shard-memory.ts';

export type MemoryStore = {
  /** Whole when the call returns. Its name is its own: no two tries share one. */
  putMemory(task: BatchName & { readonly task: number }, memory: SavedMemory): Promise<NamedMemory>;
  /** MissingItem if it is absent, or not whole. */
  loadMemory(memory: NamedMemory): Promise<SavedMemory>;
};
