/** A plan lists the stream, looks after its consumer, and saves what it decides. It reads no records. */
import { createDeathNoteStore } from '../../adapters/dynamodb/death-note-store.ts';
import { createHeadStore } from '../../adapters/dynamodb/head-store.ts';
import { createPlanStore } from '../../adapters/dynamodb/plan-store.ts';
import { createSealStore } from '../../adapters/dynamodb/seal-store.ts';
import { type ConsumerMemory, createStreamConsumer } from '../../adapters/kinesis/consumer.ts';
import { createStreamClient } from '../../adapters/kinesis/stream-client.ts';
import { createStreamListing } from '../../adapters/kinesis/stream-listing.ts';
import { endingWithSteps } from '../../adapters/step-life.ts';
import type { PipelineOutline } from '../../pipeline/outline.ts';
import type { Ports } from '../../ports/ports.ts';
import type { StreamConsumer, StreamListing } from '../../ports/source.ts';
import { heartbeat, type MetricOptions } from '../../reporters/metrics.ts';
import type { Connection } from '../connection.ts';
import { kinesisOf } from '../connection.ts';
import type { Log, StepRuntime } from '../step-runtime.ts';

export type PlanPorts = Pick<Ports, 'clock' | 'newId' | 'head' | 'plans' | 'deathNotes' | 'seals'> & {
  readonly source: StreamListing & { readonly consumer?: StreamConsumer };
};
export type PlanRuntime = StepRuntime<PlanPorts> & {
  /** Told of each plan that finds nothing left to do: a pipeline that is idle commits seldom. */
  readonly heartbeat?: ((pipeline: string, at: number) => void) | undefined;
};

/** `ofStack`: ARN of the consumer that the stack made for the pipeline. */
export function createPlanRuntime(
  pipeline: PipelineOutline,
  connection: Connection,
  {
    log,
    metrics,
    ofStack,
  }: { readonly log: Log; readonly metrics: MetricOptions; readonly ofStack: string | undefined },
): PlanRuntime {
  const { source } = pipeline;
  const client = createStreamClient(connection.kinesisAt(source));
  // What is known of the consumer outlasts a step.
  const memory: ConsumerMemory = { ofStack };
  const ports = endingWithSteps((life): PlanPorts => {
    const storage = connection.storageOf(life);
    const { clock, newId } = storage;
    const own = kinesisOf(client, life);
    const listing = createStreamListing(own, source.stream, clock);
    const consumer =
      globalThis.SLUICE_FAN_OUT !== false &&
      source.consumerType === 'SubscribeToShard' &&
      createStreamConsumer(own, pipeline, clock, memory);
    return {
      clock,
      newId,
      source: { ...listing, ...(consumer === false ? {} : { consumer }) },
      head: createHeadStore(storage.table, storage.pipeline),
      plans: createPlanStore(storage),
      deathNotes: createDeathNoteStore(storage),
      seals: createSealStore(storage),
    };
  });
  return { pipeline, ports, log, heartbeat: heartbeat(metrics) };
}
