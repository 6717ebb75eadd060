/** A seal reads blocks and writes what they come to. Of the stream it asks only which one it is. */
import { createBlockStore } from '../../adapters/dynamodb/block-store.ts';
import { createHeadStore } from '../../adapters/dynamodb/head-store.ts';
import { createPlanStore } from '../../adapters/dynamodb/plan-store.ts';
import { createSealStore } from '../../adapters/dynamodb/seal-store.ts';
import { createStreamClient } from '../../adapters/kinesis/stream-client.ts';
import { createStreamListing } from '../../adapters/kinesis/stream-listing.ts';
import { endingWithSteps } from '../../adapters/step-life.ts';
import type { PipelineOutline } from '../../pipeline/outline.ts';
import type { Ports } from '../../ports/ports.ts';
import type { StreamListing } from '../../ports/source.ts';
import { type Connection, kinesisOf } from '../connection.ts';
import type { Log, StepRuntime } from '../step-runtime.ts';

export type SealPorts = Pick<Ports, 'clock' | 'head' | 'plans' | 'blocks' | 'seals'> & {
  readonly source: Pick<StreamListing, 'describe'>;
};
export type SealRuntime = StepRuntime<SealPorts>;

export function createSealRuntime(pipeline: PipelineOutline, connection: Connection, log: Log): SealRuntime {
  const { source } = pipeline;
  const client = createStreamClient(connection.kinesisAt(source));
  const ports = endingWithSteps((life): SealPorts => {
    const storage = connection.storageOf(life);
    return {
      clock: storage.clock,
      source: createStreamListing(kinesisOf(client, life), source.stream, storage.clock),
      head: createHeadStore(storage.table, storage.pipeline),
      plans: createPlanStore(storage),
      blocks: createBlockStore(storage),
      seals: createSealStore(storage),
    };
  });
  return { pipeline, ports, log };
}
