/** What the pipeline reads with: by polling or by fan-out, as the code of this version says. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { createStreamConsumer } from '../../../functions/adapters/kinesis/consumer.ts';
import { createFanOutSource } from '../../../functions/adapters/kinesis/fan-out-source.ts';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import type { ConsumerType, Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Clock, Random } from '../../../functions/ports/clock.ts';
import type { Source } from '../../../functions/ports/source.ts';
import type { Scenario } from './scenario.ts';

export function consumerTypeOf({ consumerType }: Scenario, version: number): ConsumerType {
  if (consumerType !== 'switches') return consumerType;
  return version % 2 === 0 ? 'GetRecords' : 'SubscribeToShard';
}

/** As the product puts it together, on one client for everything. */
export function sourceOf(
  pipeline: Pick<Pipeline, 'name' | 'source'>,
  client: KinesisClient,
  clock: Clock,
  random: Random,
): Source {
  const polling = createPollingSource(client, pipeline.source, clock, random);
  if (pipeline.source.consumerType === 'GetRecords') return polling;
  const consumer = createStreamConsumer(client, pipeline, clock);
  return createFanOutSource({ polling, client, consumer, clock, random });
}
