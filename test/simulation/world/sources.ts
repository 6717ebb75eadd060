/** What the pipeline reads with: by polling or by fan-out, as the code of this version says. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import type { KinesisSource } from '../../../functions/pipeline/pipeline.ts';
import type { Clock, Source } from '../../../functions/ports.ts';
import { createFanOutReader } from './fan-out-reader.ts';
import type { ConsumerType, Scenario } from './scenario.ts';

export function consumerTypeOf({ consumerType }: Scenario, version: number): ConsumerType {
  if (consumerType !== 'switches') return consumerType;
  return version % 2 === 0 ? 'GetRecords' : 'SubscribeToShard';
}

export function sourceOf(
  consumerType: ConsumerType,
  client: KinesisClient,
  options: KinesisSource,
  clock: Clock,
): Source {
  return consumerType === 'GetRecords'
    ? createPollingSource(client, options, clock)
    : createFanOutReader(client, options, clock);
}
