/** An executor reads shards, runs user code, stores its block, and sends where nothing is aggregated. */
import { decompress } from '../../adapters/decompress.ts';
import { createBlockStore } from '../../adapters/dynamodb/block-store.ts';
import { createDeadLetterStore } from '../../adapters/dynamodb/dead-letter-store.ts';
import { createDeathNoteStore } from '../../adapters/dynamodb/death-note-store.ts';
import { createHeadStore } from '../../adapters/dynamodb/head-store.ts';
import { createLetterLists } from '../../adapters/dynamodb/letter-list-store.ts';
import { createMemoryStore } from '../../adapters/dynamodb/memory-store.ts';
import { createPlanStore } from '../../adapters/dynamodb/plan-store.ts';
import { createSentPlaceStore } from '../../adapters/dynamodb/sent-place-store.ts';
import { createTroubleStore } from '../../adapters/dynamodb/trouble-store.ts';
import { md5 } from '../../adapters/md5-lanes.ts';
import { keepReferences } from '../../adapters/reference-keeper.ts';
import { endingWithSteps } from '../../adapters/step-life.ts';
import type { Decompress } from '../../core/expand-payload.ts';
import type { Md5 } from '../../core/hash-key.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { MemoryStore } from '../../ports/memory-store.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Source } from '../../ports/source.ts';
import type { Connection } from '../connection.ts';
import type { Log, StepRuntime } from '../step-runtime.ts';
import { budgetsIn, createIsolation, createSinks, createSources, type ExecutorSettings } from '../user-code-ports.ts';

export type ProcessPorts = Pick<
  Ports,
  | 'clock'
  | 'newId'
  | 'head'
  | 'plans'
  | 'deathNotes'
  | 'sentPlaces'
  | 'blocks'
  | 'deadLetters'
  | 'letterLists'
  | 'sink'
  | 'isolation'
  | 'references'
  | 'troubles'
> & {
  readonly source: Pick<Source, 'open'>;
  /** Of a pipeline that looks for repeats. */
  readonly memories?: MemoryStore;
};

export type ProcessRuntime = StepRuntime<ProcessPorts, Pipeline> & {
  readonly md5: Md5;
  readonly decompress: Decompress;
  /** What an executor may hold of pages at once. Undefined: what fits into the memory that a function has by default. */
  readonly readBudgetBytes?: number;
  /** The same of what it has counted. */
  readonly tableBudgetBytes?: number;
  /** A block of no more shards has all of them. Undefined: as is worth it. */
  readonly fewShards?: number;
  /** What outputs have acknowledged is noted so often. Undefined: as is worth it. */
  readonly noteEveryMs?: number;
};

export function createProcessRuntime(
  pipeline: Pipeline,
  connection: Connection,
  settings: ExecutorSettings & { readonly log: Log },
): ProcessRuntime {
  const sourceOf = createSources(pipeline, connection, settings);
  const sinkOf = createSinks(pipeline, connection, settings);
  const isolation = createIsolation(pipeline, settings);
  const referencesBy = keepReferences(pipeline.references);
  const ports = endingWithSteps((life): ProcessPorts => {
    const storage = connection.storageOf(life);
    const { clock, newId } = storage;
    return {
      clock,
      newId,
      isolation,
      references: referencesBy(clock),
      source: sourceOf(clock, life),
      sink: sinkOf(clock, life),
      head: createHeadStore(storage.table, storage.pipeline),
      plans: createPlanStore(storage),
      deathNotes: createDeathNoteStore(storage),
      sentPlaces: createSentPlaceStore(storage),
      ...(globalThis.SLUICE_DEDUPLICATE !== false ? { memories: createMemoryStore(storage) } : {}),
      blocks: createBlockStore(storage),
      troubles: createTroubleStore(storage),
      deadLetters: createDeadLetterStore(storage.table, storage.pipeline, clock, pipeline.letterKeeping),
      letterLists: createLetterLists(storage, pipeline.letterKeeping),
    };
  });
  return { pipeline, ports, md5, decompress, log: settings.log, ...budgetsIn(settings) };
}
