/** A commit knows the table and the bucket alone. */
import { createBlockStore } from '../../adapters/dynamodb/block-store.ts';
import { createSweep } from '../../adapters/dynamodb/bucket-sweep.ts';
import { createFileNameStore } from '../../adapters/dynamodb/file-name-store.ts';
import { createHeadStore } from '../../adapters/dynamodb/head-store.ts';
import { createLetterLists } from '../../adapters/dynamodb/letter-list-store.ts';
import { createMemoryPurge } from '../../adapters/dynamodb/memory-purge.ts';
import { createOutboxNoteStore } from '../../adapters/dynamodb/outbox-note-store.ts';
import { createPurge } from '../../adapters/dynamodb/purge.ts';
import { createReportStore } from '../../adapters/dynamodb/report-store.ts';
import { createRowStore } from '../../adapters/dynamodb/row-store.ts';
import { createSealStore } from '../../adapters/dynamodb/seal-store.ts';
import { createShardPartPurge } from '../../adapters/dynamodb/shard-part-purge.ts';
import { createTroubleStore } from '../../adapters/dynamodb/trouble-store.ts';
import { openObjects } from '../../adapters/s3/open-objects.ts';
import { endingWithSteps } from '../../adapters/step-life.ts';
import type { PipelineOutline } from '../../pipeline/outline.ts';
import type { Reporter } from '../../pipeline/reporter.ts';
import type { Ports } from '../../ports/ports.ts';
import { ownReporters } from '../../reporters/index.ts';
import type { MetricOptions } from '../../reporters/metrics.ts';
import type { Connection } from '../connection.ts';
import type { Log, StepRuntime } from '../step-runtime.ts';

export type CommitPorts = Pick<
  Ports,
  | 'clock'
  | 'head'
  | 'blocks'
  | 'seals'
  | 'rows'
  | 'outboxNotes'
  | 'fileNames'
  | 'objectsAt'
  | 'reports'
  | 'letterLists'
  | 'purge'
  | 'sweep'
  | 'memoryPurge'
  | 'shardPartPurge'
  | 'troubles'
>;
export type CommitRuntime = StepRuntime<CommitPorts> & {
  /** Who is told of each committed batch. Absent: nobody. */
  readonly reporters?: readonly Reporter[];
};

export function createCommitRuntime(
  pipeline: PipelineOutline,
  connection: Connection,
  { log, metrics }: { readonly log: Log; readonly metrics: MetricOptions },
): CommitRuntime {
  const objectsOf = openObjects(connection);
  const ports = endingWithSteps((life): CommitPorts => {
    const storage = connection.storageOf(life);
    return {
      clock: storage.clock,
      head: createHeadStore(storage.table, storage.pipeline),
      blocks: createBlockStore(storage),
      seals: createSealStore(storage),
      rows: createRowStore(storage),
      outboxNotes: createOutboxNoteStore(storage),
      fileNames: createFileNameStore(storage),
      objectsAt: objectsOf(storage.clock, life),
      reports: createReportStore(storage),
      letterLists: createLetterLists(storage, pipeline.letterKeeping),
      purge: createPurge(storage),
      sweep: createSweep(storage),
      memoryPurge: createMemoryPurge(storage),
      shardPartPurge: createShardPartPurge(storage),
      troubles: createTroubleStore(storage),
    };
  });
  return { pipeline, ports, log, reporters: ownReporters(log, metrics) };
}
