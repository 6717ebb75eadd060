/** What the pipeline reads with: by polling or by fan-out, as the code of this version says. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Clock, Source } from '../../../functions/ports.ts';
import { createFanOutReader } from './fan-out-reader.ts';
import type { ConsumerType, Scenario } from './scenario.ts';

export function consumerTypeOf({ consumerType }: Scenario, version: number): ConsumerType {
  if (consumerType !== 'switches') return consumerType;
  return version % 2 === 0 ? 'GetRecords' : 'SubscribeToShard';
}

/** The product has no option for fan-out yet: the pipeline says nothing of it, and the simulation's reader reads. */
export const consumerOption = (_: ConsumerType): object => ({});

export function sourceOf(
  { source }: Pick<Pipeline, 'source'>,
  client: KinesisClient,
  clock: Clock,
  consumerType: ConsumerType,
): Source {
  return consumerType === 'GetRecords'
    ? createPollingSource(client, source, clock)
    : createFanOutReader(client, source, clock);
}
