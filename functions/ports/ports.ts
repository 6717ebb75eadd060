/**
 * What the steps need from outside. Each port states what an implementation must guarantee; no decision is made behind
 * one, and no type of an SDK passes through. Failures are `SluiceError`s: TemporaryFailure where another try can help.
 */
import type { OutputSink } from '../sinks/output-sink.ts';
import type { BlockStore } from './block-store.ts';
import type { Clock, NewId } from './clock.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import type { DeathNoteStore } from './death-note-store.ts';
import type { FileNameStore } from './file-name-store.ts';
import type { HeadStore } from './head-store.ts';
import type { Isolation } from './isolation.ts';
import type { LetterLists } from './letter-lists.ts';
import type { MemoryPurge } from './memory-purge.ts';
import type { MemoryStore } from './memory-store.ts';
import type { ObjectsAt } from './objects.ts';
import type { OutboxNoteStore } from './outbox-note-store.ts';
import type { PlanStore } from './plan-store.ts';
import type { Purge } from './purge.ts';
import type { ReferencePort } from './references.ts';
import type { ReportStore } from './report-store.ts';
import type { RowStore } from './row-store.ts';
import type { SealStore } from './seal-store.ts';
import type { SegmentStore } from './segment-store.ts';
import type { SentPlaceStore } from './sent-place-store.ts';
import type { ShardPartPurge } from './shard-part-purge.ts';
import type { Source } from './source.ts';
import type { StateStore } from './state-store.ts';
import type { Sweep } from './sweep.ts';
import type { TroubleStore } from './trouble-store.ts';

/** What a pipeline saves, by kind. */
export type Stores = {
  readonly head: HeadStore;
  readonly plans: PlanStore;
  readonly deathNotes: DeathNoteStore;
  readonly sentPlaces: SentPlaceStore;
  readonly blocks: BlockStore;
  readonly seals: SealStore;
  readonly rows: RowStore;
  readonly states: StateStore;
  readonly segments: SegmentStore;
  readonly outboxNotes: OutboxNoteStore;
  readonly fileNames: FileNameStore;
  readonly reports: ReportStore;
  readonly deadLetters: DeadLetterStore;
  readonly letterLists: LetterLists;
  readonly purge: Purge;
  readonly sweep: Sweep;
  readonly memories: MemoryStore;
  readonly memoryPurge: MemoryPurge;
  readonly shardPartPurge: ShardPartPurge;
  readonly troubles: TroubleStore;
};

export type Ports = Stores & {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly source: Source;
  /** By an output's id. Refused (InvalidPipeline) where the pipeline has no such output. */
  readonly sink: (output: string) => OutputSink;
  /** Of outputs that write files. Refused (InvalidPipeline) where the program has nothing that opens them. */
  readonly objectsAt: ObjectsAt;
  readonly isolation: Isolation;
  readonly references: ReferencePort;
};
