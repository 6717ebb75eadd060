/** A sink that is no stream, in the place of the first output's: a delivery stream of Firehose, or a function. */
import type { FirehoseClient } from '@aws-sdk/client-firehose';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { createFirehoseSink } from '../../../functions/adapters/firehose/firehose-sink.ts';
import { createLambdaSink } from '../../../functions/adapters/lambda/lambda-sink.ts';
import type { StepLife } from '../../../functions/adapters/step-life.ts';
import { firehose, lambda, type Sink } from '../../../functions/index.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { CheckedFirehoseSink } from '../../../functions/sinks/firehose.ts';
import type { CheckedLambdaSink } from '../../../functions/sinks/lambda.ts';
import type { OutputSink } from '../../../functions/sinks/output-sink.ts';
import type { SinkSpec } from '../../../functions/sinks/sink-kind.ts';
import type { Random } from '../random.ts';
import type { DeliveryParts, DeliveryService } from '../services/delivery/delivered.ts';
import { SimulatedFirehose } from '../services/delivery/simulated-firehose.ts';
import { SimulatedFunction } from '../services/delivery/simulated-function.ts';
import { type SendOptions, serviceClient } from '../services/service-client.ts';
import type { ServiceName } from './calls.ts';
import { type Scenario, sinkName } from './scenario.ts';
import { streamFor } from './sealed-outputs.ts';

export type Delivery = {
  readonly to: 'firehose' | 'function';
  /** Of its answers, so many are odd. */
  readonly oddShare: number;
  /** Of a function: records in a call. */
  readonly batchSize: number;
};

/** Of all pipelines; what is about streams alone is left out. */
export function withDelivery(random: Random, to: Delivery['to'], scenario: Scenario): Scenario {
  const {
    large: _,
    ordered: _ordered,
    isRealSink: _real,
    aggregates: _packed,
    sinkRecordsASecond,
    sealed,
    ...rest
  } = scenario;
  const delivery = { to, oddShare: random.pick([0, 0.01, 0.03, 0.1]), batchSize: random.pick([1, 3, 20, 100]) };
  const isNarrow = to === 'firehose' && sinkRecordsASecond !== undefined;
  const others = sealed?.filter((output) => output !== mainOutput) ?? [];
  const ofOthers = others.length === 0 ? {} : { sealed: others };
  return { ...rest, ...ofOthers, ...(isNarrow ? { sinkRecordsASecond } : {}), delivery };
}

export function firstSinkOf(scenario: Scenario): Sink<{ readonly key: string }> {
  const { delivery } = scenario;
  if (delivery?.to === 'firehose') return firehose({ deliveryStreamName: sinkName });
  if (delivery?.to === 'function') return lambda({ functionName: sinkName, batchSize: delivery.batchSize });
  return streamFor<{ readonly key: string }>(scenario, mainOutput, sinkName);
}

export function deliveryServiceOf(
  { delivery, sinkRecordsASecond: recordsASecond }: Scenario,
  parts: Pick<DeliveryParts, 'now' | 'random' | 'oddUntil'>,
): DeliveryService | undefined {
  if (delivery === undefined) return undefined;
  const all = { ...parts, oddShare: delivery.oddShare, recordsASecond };
  return delivery.to === 'firehose'
    ? new SimulatedFirehose(sinkName, all)
    : new SimulatedFunction(sinkName, delivery.batchSize, all);
}

type Around = {
  readonly execute: (
    service: ServiceName,
  ) => (operation: string, input: unknown, options: SendOptions) => Promise<object>;
  readonly date: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly life: StepLife | undefined;
};

/** The product's own; undefined: it is a stream. */
export function openDelivery({ kind, options }: SinkSpec, around: Around): OutputSink | undefined {
  const { execute, date, clock, random, life } = around;
  if (kind.kind === 'firehose') {
    const client = serviceClient<FirehoseClient>(execute('firehose'), { date });
    const own = life?.clientOf(client, 'Firehose') ?? client;
    return createFirehoseSink(own, options as CheckedFirehoseSink, { clock, random });
  }
  if (kind.kind !== 'lambda') return undefined;
  const client = serviceClient<LambdaClient>(execute('function'), { date });
  return createLambdaSink(life?.clientOf(client, 'Lambda') ?? client, options as CheckedLambdaSink, { clock, random });
}
