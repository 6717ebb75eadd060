/** All stores of a pipeline, where one process runs all steps. */
import type { LetterKeeping } from '../../pipeline/pipeline.ts';
import type { Stores } from '../../ports/ports.ts';
import { createBlockStore } from './block-store.ts';
import { createSweep } from './bucket-sweep.ts';
import { createDeadLetterStore } from './dead-letter-store.ts';
import { createDeathNoteStore } from './death-note-store.ts';
import { createFileNameStore } from './file-name-store.ts';
import { createHeadStore } from './head-store.ts';
import { createLetterLists } from './letter-list-store.ts';
import { createMemoryPurge } from './memory-purge.ts';
import { createMemoryStore } from './memory-store.ts';
import { createOutboxNoteStore } from './outbox-note-store.ts';
import { createPlanStore } from './plan-store.ts';
import { createPurge } from './purge.ts';
import { createReportStore } from './report-store.ts';
import { createRowStore } from './row-store.ts';
import { createSealStore } from './seal-store.ts';
import { createSegmentStore } from './segment-store.ts';
import { createSentPlaceStore } from './sent-place-store.ts';
import { createShardPartPurge } from './shard-part-purge.ts';
import { createStateStore } from './state-store.ts';
import type { Storage } from './storage.ts';
import { createTroubleStore } from './trouble-store.ts';

/** `keeping`: of dead letters. Who puts none needs not know it. */
export function createStores(storage: Storage, keeping?: LetterKeeping): Stores {
  const { table, pipeline, clock } = storage;
  return {
    head: createHeadStore(table, pipeline),
    plans: createPlanStore(storage),
    deathNotes: createDeathNoteStore(storage),
    sentPlaces: createSentPlaceStore(storage),
    blocks: createBlockStore(storage),
    seals: createSealStore(storage),
    rows: createRowStore(storage),
    states: createStateStore(storage),
    segments: createSegmentStore(storage),
    outboxNotes: createOutboxNoteStore(storage),
    fileNames: createFileNameStore(storage),
    reports: createReportStore(storage),
    deadLetters: createDeadLetterStore(table, pipeline, clock, keeping),
    letterLists: createLetterLists(storage, keeping),
    purge: createPurge(storage),
    sweep: createSweep(storage),
    memories: createMemoryStore(storage),
    memoryPurge: createMemoryPurge(storage),
    shardPartPurge: createShardPartPurge(storage),
    troubles: createTroubleStore(storage),
  };
}
