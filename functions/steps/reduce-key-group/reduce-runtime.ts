/** A reducer merges what is stored, runs user code on rows, and sends. It does not know the source. */
import { createBlockStore } from '../../adapters/dynamodb/block-store.ts';
import { createDeadLetterStore } from '../../adapters/dynamodb/dead-letter-store.ts';
import { createFileNameStore } from '../../adapters/dynamodb/file-name-store.ts';
import { createHeadStore } from '../../adapters/dynamodb/head-store.ts';
import { createOutboxNoteStore } from '../../adapters/dynamodb/outbox-note-store.ts';
import { createRowStore } from '../../adapters/dynamodb/row-store.ts';
import { createSealStore } from '../../adapters/dynamodb/seal-store.ts';
import { createSegmentStore } from '../../adapters/dynamodb/segment-store.ts';
import { createStateStore } from '../../adapters/dynamodb/state-store.ts';
import { keepReferences } from '../../adapters/reference-keeper.ts';
import { endingWithSteps } from '../../adapters/step-life.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Connection } from '../connection.ts';
import { type FunctionMemory, functionMemory } from '../function-memory.ts';
import type { Log, StepRuntime } from '../step-runtime.ts';
import { createIsolation, createSinks, type ExecutorSettings } from '../user-code-ports.ts';

export type ReducePorts = Pick<
  Ports,
  | 'clock'
  | 'head'
  | 'blocks'
  | 'seals'
  | 'rows'
  | 'states'
  | 'segments'
  | 'outboxNotes'
  | 'fileNames'
  | 'deadLetters'
  | 'sink'
  | 'isolation'
  | 'references'
>;
export type ReduceRuntime = StepRuntime<ReducePorts, Pipeline> & {
  /** Undefined: it is shared with others, and nobody is told of it. */
  readonly memory?: FunctionMemory | undefined;
};

export function createReduceRuntime(
  pipeline: Pipeline,
  connection: Connection,
  settings: ExecutorSettings & { readonly log: Log },
): ReduceRuntime {
  const sinkOf = createSinks(pipeline, connection, settings);
  const isolation = createIsolation(pipeline, settings);
  const referencesBy = keepReferences(pipeline.references);
  const ports = endingWithSteps((life): ReducePorts => {
    const storage = connection.storageOf(life);
    const { clock } = storage;
    return {
      clock,
      isolation,
      references: referencesBy(clock),
      sink: sinkOf(clock, life),
      head: createHeadStore(storage.table, storage.pipeline),
      blocks: createBlockStore(storage),
      seals: createSealStore(storage),
      rows: createRowStore(storage),
      states: createStateStore(storage),
      segments: createSegmentStore(storage),
      outboxNotes: createOutboxNoteStore(storage),
      fileNames: createFileNameStore(storage),
      deadLetters: createDeadLetterStore(storage.table, storage.pipeline, clock, pipeline.letterKeeping),
    };
  });
  return { pipeline, ports, log: settings.log, memory: functionMemory(settings.memoryMb) };
}
